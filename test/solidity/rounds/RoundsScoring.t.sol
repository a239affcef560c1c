// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// Committees commit to score sheets and reveal them.
contract RoundsScoringTest is RoundsChain {
    uint256 private constant GOOD = 8_000;

    function setUp() public override {
        super.setUp();
        enrol(20);
        join(9);
        openAndSeal(20);
        planAll(entry(GOOD, 10_000, 2));
    }

    // ---- Committees

    function test_CohortsAreBalancedAndHaveDifferentCommittees() public view {
        assertEq(cohortCount(), 2);
        assertEq(membersOf(0).length, 10);
        assertEq(membersOf(1).length, 10);
        for (uint32 c = 0; c < 2; ++c) {
            IRoundsLens.CohortView memory cohort = lens.cohortOf(taskId, c);
            assertEq(cohort.seats.length, 3);
            assertFalse(cohort.settled || cohort.isVoid);
            assertEq(cohort.attempt + cohort.revealed, 0);
            for (uint256 i = 0; i < 3; ++i) {
                assertTrue(contains(validators, cohort.seats[i]));
                assertNotEq(cohort.seats[i], cohort.seats[(i + 1) % 3]);
            }
        }
    }

    function test_EverybodyIsInExactlyOneCohort() public view {
        address[] memory first = membersOf(0);
        address[] memory second = membersOf(1);
        for (uint256 i = 0; i < 20; ++i) {
            assertTrue(contains(first, contributors[i]) != contains(second, contributors[i]));
        }
    }

    function test_RevertWhen_AskingForACohortThatIsNotThere() public {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownCohort.selector, 2, 2));
        lens.cohortOf(taskId, 2);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownCohort.selector, 2, 2));
        lens.votesOf(taskId, 2);
    }

    function test_RevertWhen_AskingForCohortsBeforeTheSeal() public {
        taskId = createTask(terms());

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownCohort.selector, 0, 0));
        lens.cohortOf(taskId, 0);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownCohort.selector, ROOT, 0));
        lens.rootSeatsOf(taskId);
    }

    // ---- Committing

    function test_ACommitmentIsKept() public {
        address seat = seatsOf(0)[0];
        bytes32 digest = keccak256("a digest");
        toCommit(0);

        expectFromRounds();
        emit IRoundsEvents.ScoresCommitted(taskId, 1, seat, 0, digest);
        vm.prank(seat);
        rounds.commitScores(taskId, digest);

        assertEq(lens.scoreCommitment(taskId, 1, 0, seat), bytes32(uint256(uint224(uint256(digest)))));
        assertEq(lens.scoreCommitment(taskId, 1, 1, seat), bytes32(0));
        assertEq(lens.scoreCommitment(taskId, 2, 0, seat), bytes32(0));
        assertEq(lens.scoreCommitment(taskId, 9, 0, seat), bytes32(0));
    }

    function test_RevertWhen_CommittingOutsideOfTheWindows() public {
        address seat = seatsOf(0)[0];
        uint256[5] memory times = [
            uint256(view_().openEnd) - 1,
            view_().commitEnd,
            view_().revealEnd - 1,
            view_().redrawCommitEnd,
            view_().redrawRevealEnd
        ];
        IRoundsTypes.Phase[5] memory phases = [
            IRoundsTypes.Phase.Open,
            IRoundsTypes.Phase.Reveal,
            IRoundsTypes.Phase.Reveal,
            IRoundsTypes.Phase.RedrawReveal,
            IRoundsTypes.Phase.SettleDue
        ];
        for (uint256 i = 0; i < 5; ++i) {
            vm.warp(times[i]);
            expectWrongPhase(phases[i], IRoundsTypes.Phase.Commit);
            vm.prank(seat);
            rounds.commitScores(taskId, SALT);
        }
    }

    function test_BothWindowsAreHalfOpen() public {
        address seat = seatsOf(0)[0];
        vm.warp(view_().openEnd);
        commitRaw(seat, SALT);
        vm.warp(view_().revealEnd);
        commitRaw(seat, SALT);
        assertNotEq(lens.scoreCommitment(taskId, 1, 1, seat), bytes32(0));
        vm.warp(view_().redrawCommitEnd - 1);
        commitRaw(seatsOf(0)[1], SALT);
    }

    function test_RevertWhen_CommittingTwiceInAnAttempt() public {
        address seat = seatsOf(0)[0];
        toCommit(0);
        commitRaw(seat, SALT);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadyCommitted.selector, taskId, 1, 0));
        commitRaw(seat, SALT);
        toCommit(1);
        commitRaw(seat, keccak256("another"));
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadyCommitted.selector, taskId, 1, 1));
        commitRaw(seat, SALT);
    }

    function test_RevertWhen_ACommitterIsNotInTheRoster() public {
        toCommit(0);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, owner));
        commitRaw(owner, SALT);
        address late = joinWith(STAKE);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, late));
        commitRaw(late, SALT);
    }

    // ---- Revealing

    function test_ARevealShowsTheSheets() public {
        address seat = seatsOf(0)[0];
        toCommit(0);
        commitAs(seat, 0);
        toReveal(0);
        (uint32[] memory cohorts, uint256[] memory words) = sheetsOf(seat, 0);

        expectFromRounds();
        emit IRoundsEvents.ScoresRevealed(taskId, 1, seat, 0, cohorts, words, SALT);
        revealAs(seat, 0);

        assertEq(lens.cohortOf(taskId, 0).revealed, 1);
    }

    function test_RevertWhen_RevealingOutsideOfTheWindows() public {
        address seat = seatsOf(0)[0];
        (uint32[] memory cohorts, uint256[] memory words) = sheetsOf(seat, 0);
        toCommit(0);
        commitAs(seat, 0);
        uint256[4] memory times = [
            vm.getBlockTimestamp(),
            view_().commitEnd - 1,
            view_().revealEnd,
            view_().redrawRevealEnd
        ];
        IRoundsTypes.Phase[4] memory phases = [
            IRoundsTypes.Phase.Commit,
            IRoundsTypes.Phase.Commit,
            IRoundsTypes.Phase.RedrawCommit,
            IRoundsTypes.Phase.SettleDue
        ];
        for (uint256 i = 0; i < 4; ++i) {
            vm.warp(times[i]);
            expectWrongPhase(phases[i], IRoundsTypes.Phase.Reveal);
            revealRaw(seat, cohorts, words, SALT);
        }
    }

    function test_RevertWhen_ARevealDiffersFromItsCommitment() public {
        address seat = seatsOf(0)[0];
        toCommit(0);
        commitAs(seat, 0);
        toReveal(0);
        (uint32[] memory cohorts, uint256[] memory words) = sheetsOf(seat, 0);
        bytes32 committed = tagged(digestOf(seat, 0, cohorts, words));
        words[0] ^= 1;

        expectMismatch(committed, tagged(digestOf(seat, 0, cohorts, words)));
        revealRaw(seat, cohorts, words, SALT);
        assertEq(lens.cohortOf(taskId, 0).revealed, 0);
    }

    function test_RevertWhen_NothingWasCommitted() public {
        address seat = seatsOf(0)[0];
        (uint32[] memory cohorts, uint256[] memory words) = sheetsOf(seat, 0);
        toReveal(0);

        expectMismatch(0, tagged(digestOf(seat, 0, cohorts, words)));
        revealRaw(seat, cohorts, words, SALT);
    }

    function test_RevertWhen_ARevealerIsNotInTheRoster() public {
        toReveal(0);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, owner));
        revealRaw(owner, one(0), new uint256[](2), SALT);
    }

    function test_RevertWhen_TheWordsDoNotFitTheCohorts() public {
        address seat = seatsOf(0)[0];
        toReveal(0);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_LengthMismatch.selector, 2, 3));
        revealRaw(seat, one(0), new uint256[](3), SALT);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_LengthMismatch.selector, 2, 1));
        revealRaw(seat, one(0), new uint256[](1), SALT);
    }

    function test_RevertWhen_TheSeatIsSomebodyElses() public {
        address outsider = outsiderOf(0);
        uint256[] memory words = new uint256[](2);
        commitTo(outsider, 0, one(0), words);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotDrawn.selector, 0, outsider));
        revealRaw(outsider, one(0), words, SALT);
    }

    function test_RevertWhen_TheCohortDoesNotExist() public {
        address seat = seatsOf(0)[0];
        uint256[] memory words = new uint256[](2);
        commitTo(seat, 0, one(2), words);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownCohort.selector, 2, 2));
        revealRaw(seat, one(2), words, SALT);
    }

    function test_RevertWhen_RevealingACohortTwice() public {
        address seat = seatsOf(0)[0];
        uint32[] memory twice = new uint32[](2);
        uint256[] memory words = new uint256[](4);
        commitTo(seat, 0, twice, words);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadyRevealed.selector, 0, seat));
        revealRaw(seat, twice, words, SALT);
    }

    function test_RevertWhen_RevealingAgain() public {
        address seat = seatsOf(0)[0];
        toCommit(0);
        commitAs(seat, 0);
        toReveal(0);
        revealAs(seat, 0);
        (uint32[] memory cohorts, uint256[] memory words) = sheetsOf(seat, 0);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadyRevealed.selector, cohorts[0], seat));
        revealRaw(seat, cohorts, words, SALT);
    }

    /// A value one past a limit is refused with its position and the entry; the limits themselves are accepted.
    function test_RevertWhen_AnEntryIsOutOfRange() public {
        uint256[4] memory bad = [
            entry(10_001, 0, 0),
            entry(16_379, 0, 0),
            entry(0, 20_002, 0),
            entry(NOT_AUDITED, 0x7ffe, 15)
        ];
        for (uint256 i = 0; i < 4; ++i) {
            uint256 position = i * 3;
            uint256 id = vm.snapshotState();
            expectBadEntry(position, bad[i]);
            vm.revertToState(id);
        }
    }

    function test_RevertWhen_AnEntryBeyondTheCohortIsNotZero() public {
        for (uint256 position = 10; position < 16; ++position) {
            uint256 id = vm.snapshotState();
            expectBadEntry(position, entry(1, 0, 0));
            vm.revertToState(id);
        }
    }

    function test_TheLimitsThemselvesAreFine() public {
        address seat = seatsOf(0)[0];
        uint256[] memory words = new uint256[](2);
        words[0] = entry(10_000, 20_000, 6) | (entry(16_382, 20_000, 7) << 32) | (entry(16_383, 0, 0) << 64);
        words[1] = entry(10_000, 20_000, 15) << 32;
        commitTo(seat, 0, one(0), words);

        revealRaw(seat, one(0), words, SALT);
        assertEq(lens.cohortOf(taskId, 0).revealed, 1);
    }

    // ---- Redraw

    function test_ACohortWithoutMajorityIsDrawnAnew() public {
        address[] memory first = seatsOf(0);
        address[] memory second = redrawnSeatsOf(0);
        silence(0, first[0]);
        silence(0, first[1]);
        scoreAttempt(0);
        assertEq(lens.cohortOf(taskId, 0).revealed, 1);
        for (uint256 i = 0; i < 3; ++i) assertFalse(contains(first, second[i]));

        planCohort(0, second, entry(GOOD, 0, 2));
        scoreAttempt(1);

        IRoundsLens.CohortView memory cohort = lens.cohortOf(taskId, 0);
        assertEq(cohort.attempt, 1);
        assertEq(cohort.revealed, 3);
        assertEq(cohort.seats, second);
        settleAll();
        assertTrue(lens.cohortOf(taskId, 0).settled);
    }

    function test_TheFirstCommitteesDutiesAreTalliedAtTheRedraw() public {
        address[] memory first = seatsOf(0);
        silence(0, first[0]);
        silence(0, first[1]);
        scoreAttempt(0);
        planCohort(0, redrawnSeatsOf(0), entry(GOOD, 0, 2));
        scoreAttempt(1);

        IRoundsLens.ValidatorView memory revealed = lens.validatorOf(taskId, first[2]);
        assertEq(revealed.lastRound, 1);
        assertEq(revealed.accurateEntries, 10);
        assertEq(lens.validatorOf(taskId, first[0]).lastRound, 1);
        assertEq(lens.validatorOf(taskId, first[0]).accurateEntries, 0);
    }

    function test_RevertWhen_RedrawingACohortWithAMajority() public {
        silence(0, seatsOf(0)[0]);
        scoreAttempt(0);
        address second = redrawnSeatsOf(0)[0];
        toCommit(1);
        uint256[] memory words = new uint256[](2);
        bytes32 digest = digestOf(second, 1, one(0), words);
        commitRaw(second, digest);
        toReveal(1);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NoRedraw.selector, 0));
        revealRaw(second, one(0), words, SALT);
    }

    function test_RevertWhen_TheFirstCommitteeRevealsInTheSecondAttempt() public {
        address first = seatsOf(0)[0];
        toCommit(1);
        uint256[] memory words = new uint256[](2);
        commitRaw(first, digestOf(first, 1, one(0), words));
        toReveal(1);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotDrawn.selector, 0, first));
        revealRaw(first, one(0), words, SALT);
    }

    // ---- Void cohorts

    function test_ACohortThatNobodyRevealsIsVoid() public {
        address[] memory first = seatsOf(1);
        address[] memory second = redrawnSeatsOf(1);
        silenceAll(1, first);
        scoreAttempt(0);
        settle(0);
        toSettle(1);

        expectFromRounds();
        emit IRoundsEvents.CohortVoided(taskId, 1, 1);
        vm.prank(accountOf("anyone"));
        rounds.voidCohort(taskId, 1);

        IRoundsLens.CohortView memory cohort = lens.cohortOf(taskId, 1);
        assertTrue(cohort.isVoid && !cohort.settled);
        assertEq(view_().cohortsVoid, 1);
        assertEq(view_().cohortsDone, 2);
        assertPhase(IRoundsTypes.Phase.CohortVote);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(lens.validatorOf(taskId, first[i]).lastRound, 1);
            assertEq(lens.validatorOf(taskId, second[i]).lastRound, 1);
        }
    }

    /// Draws what a reveal would draw, once, and skips cohorts with a majority.
    function test_Attack55_SecondCommitteesCanBeDrawnBeforeTheReveals() public {
        address[] memory first = seatsOf(1);
        silenceAll(1, first);
        scoreAttempt(0);
        address[] memory second = redrawnSeatsOf(1);
        uint32[] memory both = new uint32[](2);
        both[1] = 1;

        toCommit(1);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(accountOf("anyone"));
            rounds.redrawCommittees(taskId, both);
        }

        assertEq(lens.cohortOf(taskId, 0).attempt, 0);
        IRoundsLens.CohortView memory cohort = lens.cohortOf(taskId, 1);
        assertEq(cohort.attempt, 1);
        assertEq(cohort.seats, second);
        for (uint256 i = 0; i < 3; ++i) assertEq(lens.validatorOf(taskId, first[i]).lastRound, 1);

        planCohort(1, second, entry(8_000, 10_000, 2));
        scoreAttempt(1);
        settle(1);
        assertTrue(lens.cohortOf(taskId, 1).settled);
    }

    function test_RevertWhen_RedrawingOutsideOfTheRedrawOrAnUnknownCohort() public {
        silenceAll(1, seatsOf(1));
        vm.warp(view_().revealEnd - 1);
        expectWrongPhase(IRoundsTypes.Phase.Reveal, IRoundsTypes.Phase.RedrawCommit);
        rounds.redrawCommittees(taskId, one(1));
        vm.warp(view_().revealEnd);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownCohort.selector, 2, 2));
        rounds.redrawCommittees(taskId, one(2));
        vm.warp(view_().redrawRevealEnd);
        expectWrongPhase(IRoundsTypes.Phase.SettleDue, IRoundsTypes.Phase.RedrawCommit);
        rounds.redrawCommittees(taskId, one(1));
    }

    function test_AVoidCohortCostsItsMembersNothing() public {
        silenceAll(1, seatsOf(1));
        scoreAttempt(0);
        settle(0);
        toSettle(1);
        address member = membersOf(1)[0];
        rounds.voidCohort(taskId, 1);

        IRoundsLens.ParticipantView memory participant = lens.participantOf(taskId, member);
        assertEq(participant.seen, 0);
        assertEq(participant.reputationBps, 5_000);
        assertFalse(participant.flagged);
        assertEq(lens.earningsOf(taskId, member).pending, 0);
    }

    function test_RevertWhen_VoidingTooSoonOrWhatHasAMajority() public {
        silenceAll(1, seatsOf(1));
        scoreAttempt(0);
        vm.warp(view_().redrawRevealEnd - 1);
        expectWrongPhase(IRoundsTypes.Phase.RedrawReveal, IRoundsTypes.Phase.SettleDue);
        rounds.voidCohort(taskId, 1);
        toSettle(1);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_HasMajority.selector, 0, 3));
        rounds.voidCohort(taskId, 0);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownCohort.selector, 2, 2));
        rounds.voidCohort(taskId, 2);
    }

    function test_RevertWhen_VoidingWhatIsDone() public {
        silenceAll(1, seatsOf(1));
        scoreAttempt(0);
        settle(0);
        toSettle(1);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_CohortDone.selector, 0));
        rounds.voidCohort(taskId, 0);
        rounds.voidCohort(taskId, 1);
        expectWrongPhase(IRoundsTypes.Phase.CohortVote, IRoundsTypes.Phase.SettleDue);
        rounds.voidCohort(taskId, 1);
    }

    // ---- Helpers

    function commitRaw(address validator, bytes32 digest) private {
        vm.prank(validator);
        rounds.commitScores(taskId, digest);
    }

    /// Commits to any sheets in the first attempt; the clock then moves to the reveal phase.
    function commitTo(address validator, uint8 attempt, uint32[] memory cohorts, uint256[] memory words) private {
        toCommit(attempt);
        commitRaw(validator, digestOf(validator, attempt, cohorts, words));
        toReveal(attempt);
    }

    function revealRaw(address validator, uint32[] memory cohorts, uint256[] memory words, bytes32 salt) private {
        vm.prank(validator);
        rounds.revealScores(taskId, cohorts, words, salt);
    }

    function expectBadEntry(uint256 position, uint256 value) private {
        address seat = seatsOf(0)[0];
        uint256[] memory words = new uint256[](2);
        words[position / 8] = value << (32 * (position % 8));
        commitTo(seat, 0, one(0), words);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_BadEntry.selector, 0, position, value));
        revealRaw(seat, one(0), words, SALT);
    }

    function expectMismatch(bytes32 committed, bytes32 revealed) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_CommitmentMismatch.selector, committed, revealed));
    }

    function tagged(bytes32 digest) private pure returns (bytes32) {
        return bytes32((uint256(1) << 224) | uint224(uint256(digest)));
    }

    function silenceAll(uint32 cohort, address[] memory seats) private {
        for (uint256 i = 0; i < seats.length; ++i) silence(cohort, seats[i]);
    }
}
