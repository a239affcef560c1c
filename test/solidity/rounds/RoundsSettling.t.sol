// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ResultWord} from "../../../contracts/types/ResultWord.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// Anyone settles cohorts, in any order, once.
contract RoundsSettlingTest is RoundsChain {
    function setUp() public override {
        super.setUp();
        enrol(20);
        join(9);
        openAndSeal(20);
        planAll(entry(8_000, 10_000, 2));
    }

    // ---- What an update earns

    /// ρ = 0.5 + (1.3 − 0.5) / 8 = 0.6, m = 6 → ℓ = 0.6069, ε = 1.2:
    /// 1e12 · 640 · 0.6069 · 0.8 · 0.6 · 1.2 = 223,727,616,000,000 and 1e11 · 700 · 1 · 0.6 · 1.2 = 50,400,000,000,000.
    function test_ANewcomerEarnsWhatTheFormulaSays() public {
        scoreAttempt(0);
        uint256 word = 1 | (6 << 8) | (6_000 << 16) | (8_000 << 32) | (10_000 << 48);
        word |= (uint256(223_727_616_000_000) << 64) | (uint256(50_400_000_000_000) << 144);
        ResultWord[] memory results = new ResultWord[](10);
        for (uint256 j = 0; j < 10; ++j) results[j] = ResultWord.wrap(word);

        expectFromRounds();
        emit IRoundsEvents.CohortSettled(taskId, 1, 1, results);
        settle(1);

        assertEq(lens.earningsOf(taskId, membersOf(1)[9]).pending, 274_127_616_000_000);
        (uint256 credited, uint256 held, , uint256 reputations) = lens.totalsOf(taskId);
        assertEq(credited, 10 * uint256(274_127_616_000_000));
        assertEq(held, 0);
        assertEq(reputations, 10 * 5_000 + 10 * 6_000);
    }

    function test_SeatsAreAccurateWhereTheyAgree() public {
        address[] memory seats = seatsOf(0);
        (uint256 low, uint256 high) = uniform(10, entry(8_000, 10_000, 2));
        // The first seat has "gate failed" for two members and "missed" for a third; the second could not
        // replay one window, which costs it nothing.
        uint256 wrong = low & ~uint256(type(uint96).max);
        wrong |= entry(GATE_FAILED, 0, 2) | (entry(GATE_FAILED, 0, 2) << 32) | (entry(9_000, 0, MISSED) << 64);
        plan(0, seats[0], wrong, high);
        plan(0, seats[1], low, (high & ~uint256(type(uint32).max)) | entry(8_000, 10_000, 1));
        scoreAttempt(0);
        settle(0);

        assertEq(lens.validatorOf(taskId, seats[0]).accurateEntries, 7);
        assertEq(lens.validatorOf(taskId, seats[1]).accurateEntries, 10);
        assertEq(lens.validatorOf(taskId, seats[2]).accurateEntries, 10);
    }

    function test_PayIsHeldUntilTheNextPassedAudit() public {
        scoreAttempt(0);
        settleAll();
        finishRound();
        address member = contributors[0];
        uint256 first = totalOf(member);

        playRound(20, entry(NOT_AUDITED, 0, 0));
        uint256 held = lens.earningsOf(taskId, member).held;
        assertGt(held, 0);
        assertEq(totalOf(member), first);

        openAndSeal(20);
        planAll(entry(7_000, 10_000, 2));
        scoreAttempt(0);
        expectReleasedTo(membersOf(0)[0]);
        settle(0);
        settle(1);
        assertEq(lens.earningsOf(taskId, member).held, 0);
        assertGt(totalOf(member), first + held);
        (, uint256 heldSum, , ) = lens.totalsOf(taskId);
        assertEq(heldSum, 0);
    }

    function test_AFailedAuditCancelsWhatIsHeld() public {
        scoreAttempt(0);
        settleAll();
        finishRound();
        playRound(20, entry(NOT_AUDITED, 0, 0));
        uint256 owed = owedByEscrow();

        openAndSeal(20);
        planAll(entry(GATE_FAILED, 0, 0));
        scoreAttempt(0);
        address member = membersOf(0)[0];
        uint256 before = totalOf(member);
        uint256 held = lens.earningsOf(taskId, member).held;
        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 3, member, held);
        settle(0);
        settle(1);
        finishRound();

        assertEq(totalOf(member), before);
        assertEq(lens.earningsOf(taskId, member).held, 0);
        assertTrue(lens.participantOf(taskId, member).flagged);
        assertEq(lens.participantOf(taskId, member).provenWindows, 0);
        // Only the validators' pay of the third round was added.
        assertLt(owedByEscrow(), owed);
    }

    function test_AnAuditedZeroKeepsWhatIsHeldWhereItIs() public {
        scoreAttempt(0);
        settleAll();
        finishRound();
        playRound(20, entry(NOT_AUDITED, 0, 0));
        uint256 held = lens.earningsOf(taskId, contributors[0]).held;
        playRound(20, entry(0, 0, 2));

        assertEq(lens.earningsOf(taskId, contributors[0]).held, held);
        assertFalse(lens.participantOf(taskId, contributors[0]).flagged);
    }

    // ---- Order

    function test_TheOrderOfCohortsDoesNotMatter() public {
        planUnevenly();
        scoreAttempt(0);
        uint256 id = vm.snapshotState();
        settle(0);
        settle(1);
        bytes32 state = stateHash();

        vm.revertToState(id);
        settle(1);
        settle(0);
        assertEq(stateHash(), state);
        vm.revertToState(id);
        settleBoth(0, 1);
        assertEq(stateHash(), state);
        vm.revertToState(id);
        settleBoth(1, 0);
        assertEq(stateHash(), state);
    }

    function test_ASettledCohortIsSkipped() public {
        scoreAttempt(0);
        settle(0);
        uint256 paid = totalOf(membersOf(0)[0]);
        uint256 accurate = lens.validatorOf(taskId, seatsOf(0)[0]).accurateEntries;

        settle(0);
        settleBoth(0, 0);
        assertEq(view_().cohortsDone, 1);
        assertEq(lens.validatorOf(taskId, seatsOf(0)[0]).accurateEntries, accurate);
        settleBoth(0, 1);

        assertEq(view_().cohortsDone, 2);
        assertEq(totalOf(membersOf(0)[0]), paid);
        assertPhase(IRoundsTypes.Phase.CohortVote);
        assertEq(view_().cohortVoteEnd, vm.getBlockTimestamp() + 100);
        assertEq(view_().rootVoteEnd, vm.getBlockTimestamp() + 200);
    }

    function test_ACohortNamedTwiceInACallIsSettledOnce() public {
        scoreAttempt(0);
        settleBoth(1, 1);

        assertEq(view_().cohortsDone, 1);
        assertEq(totalOf(membersOf(1)[0]), 274_127_616_000_000);
    }

    function test_SettlingNothingChangesNothing() public {
        scoreAttempt(0);
        bytes32 before = stateHash();
        rounds.settle(taskId, new uint32[](0), new address[](0));

        assertEq(stateHash(), before);
        assertEq(view_().cohortsDone, 0);
    }

    // ---- Refusals

    function test_RevertWhen_AContributorIsNotTheOneAtThatPosition() public {
        scoreAttempt(0);
        address[] memory members = membersOf(0);
        (members[3], members[4]) = (members[4], members[3]);
        expectWrongContributor(0, 3, members[3]);
        rounds.settle(taskId, one(0), members);

        members = membersOf(0);
        members[9] = owner;
        expectWrongContributor(0, 9, owner);
        rounds.settle(taskId, one(0), members);

        members[9] = members[0];
        expectWrongContributor(0, 9, members[0]);
        rounds.settle(taskId, one(0), members);

        members = membersOf(1);
        expectWrongContributor(0, 0, members[0]);
        rounds.settle(taskId, one(0), members);
        assertEq(view_().cohortsDone, 0);
    }

    function test_RevertWhen_TheListOfContributorsIsTooShortOrTooLong() public {
        scoreAttempt(0);
        address[] memory members = membersOf(0);
        assembly ("memory-safe") {
            mstore(members, 9)
        }
        expectLength(10, 9);
        rounds.settle(taskId, one(0), members);

        address[] memory more = joined(membersOf(0), membersOf(1));
        expectLength(10, 20);
        rounds.settle(taskId, one(0), more);
        expectLength(0, 9);
        rounds.settle(taskId, new uint32[](0), members);
    }

    function test_RevertWhen_TheCohortDoesNotExist() public {
        scoreAttempt(0);
        address[] memory members = membersOf(0);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownCohort.selector, 2, 2));
        rounds.settle(taskId, one(2), members);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownCohort.selector, ROOT, 2));
        rounds.settle(taskId, one(ROOT), members);
    }

    function test_RevertWhen_RevealsMayStillCome() public {
        address[] memory members = membersOf(0);
        scoreAttempt(0);
        vm.warp(view_().revealEnd - 1);

        expectWrongPhase(IRoundsTypes.Phase.Reveal, IRoundsTypes.Phase.SettleDue);
        rounds.settle(taskId, one(0), members);
    }

    function test_RevertWhen_TheRedrawIsNotOver() public {
        address[] memory members = membersOf(0);
        silence(0, seatsOf(0)[0]);
        silence(0, seatsOf(0)[1]);
        scoreAttempt(0);
        expectNoMajority(0, 1);
        rounds.settle(taskId, one(0), members);

        scoreAttempt(1);
        vm.warp(view_().redrawRevealEnd - 1);
        expectWrongPhase(IRoundsTypes.Phase.RedrawReveal, IRoundsTypes.Phase.SettleDue);
        rounds.settle(taskId, one(0), members);
        vm.warp(view_().redrawRevealEnd);
        settle(0);
    }

    function test_RevertWhen_NobodyRevealed() public {
        address[] memory members = membersOf(0);
        toSettle(0);

        expectNoMajority(0, 0);
        rounds.settle(taskId, one(0), members);
    }

    function test_RevertWhen_ThereIsNothingToSettle() public {
        address[] memory members = membersOf(0);
        scoreAttempt(0);
        settleAll();
        expectWrongPhase(IRoundsTypes.Phase.CohortVote, IRoundsTypes.Phase.SettleDue);
        rounds.settle(taskId, one(0), members);
        finishRound();
        expectWrongPhase(IRoundsTypes.Phase.Idle, IRoundsTypes.Phase.SettleDue);
        rounds.settle(taskId, one(0), members);
    }

    function test_TheRedrawnCommitteeDecides() public {
        address[] memory first = seatsOf(0);
        silence(0, first[0]);
        silence(0, first[1]);
        scoreAttempt(0);
        // The only sheet of the first committee had 8,000.
        planCohort(0, redrawnSeatsOf(0), entry(4_000, 0, 2));
        scoreAttempt(1);
        settle(0);

        assertEq(lens.participantOf(taskId, membersOf(0)[0]).runningQualityBps, 4_000);
        assertEq(lens.validatorOf(taskId, redrawnSeatsOf(0)[0]).accurateEntries, 10);
    }

    // ---- Helpers

    function planUnevenly() private {
        for (uint32 c = 0; c < 2; ++c) {
            address[] memory seats = seatsOf(c);
            for (uint256 i = 0; i < 3; ++i) {
                uint256 value = entry(3_000 * (i + c), 1_000 * i, i);
                (uint256 low, uint256 high) = uniform(10, value);
                plan(c, seats[i], low ^ (c == i ? 1 : 0), high);
            }
        }
    }

    function finishRound() private {
        voteAll(keccak256("model"));
        finalize();
    }

    function settleBoth(uint32 a, uint32 b) private {
        uint32[] memory cohorts = new uint32[](2);
        (cohorts[0], cohorts[1]) = (a, b);
        rounds.settle(taskId, cohorts, joined(membersOf(a), membersOf(b)));
    }

    function joined(address[] memory a, address[] memory b) private pure returns (address[] memory all) {
        all = new address[](a.length + b.length);
        for (uint256 i = 0; i < a.length; ++i) all[i] = a[i];
        for (uint256 i = 0; i < b.length; ++i) all[a.length + i] = b[i];
    }

    function totalOf(address account) private view returns (uint256) {
        IRoundsLens.EarningsView memory earnings = lens.earningsOf(taskId, account);
        return earnings.matured + earnings.pending;
    }

    function owedByEscrow() private view returns (uint256) {
        return tasks.fundsOf(taskId).reserved;
    }

    /// All that settling changes.
    function stateHash() private view returns (bytes32 state) {
        for (uint256 i = 0; i < contributors.length; ++i) {
            state = keccak256(abi.encode(state, lens.participantOf(taskId, contributors[i])));
            state = keccak256(abi.encode(state, lens.earningsOf(taskId, contributors[i])));
        }
        for (uint256 i = 0; i < validators.length; ++i) {
            state = keccak256(abi.encode(state, lens.validatorOf(taskId, validators[i])));
        }
        (uint256 credited, uint256 held, uint256 enrolled, uint256 reputations) = lens.totalsOf(taskId);
        return keccak256(abi.encode(state, credited, held, enrolled, reputations, view_()));
    }

    function expectReleasedTo(address member) private {
        uint256 held = lens.earningsOf(taskId, member).held;
        expectFromRounds();
        emit IRoundsEvents.HeldReleased(taskId, 3, member, held);
    }

    function expectWrongContributor(uint32 cohort, uint256 position, address account) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_WrongContributor.selector, cohort, position, account));
    }

    function expectLength(uint256 expected, uint256 actual) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_LengthMismatch.selector, expected, actual));
    }

    function expectNoMajority(uint32 cohort, uint256 revealed) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NoMajority.selector, cohort, revealed, 2));
    }
}
