// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {Reference} from "../fixtures/Reference.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// Votes on aggregates and on the model; the end of a round with pay and fines.
contract RoundsVotingTest is RoundsChain {
    bytes32 private constant MODEL = keccak256("next model");
    uint256 private constant PRICE = 1e12;
    bytes32 private constant OTHER = keccak256("another model");

    mapping(address validator => Reference.Duties) private _duties;

    function setUp() public override {
        super.setUp();
        enrol(20);
        join(9);
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.maxRounds = 40;
    }

    function toVotes() private {
        openAndSeal(20);
        planAll(entry(8_000, 10_000, 2));
        scoreAttempt(0);
        settleAll();
    }

    // ---- Aggregates

    function test_ASeatVotesOnItsCohort() public {
        toVotes();
        address seat = seatsOf(1)[2];

        expectFromRounds();
        emit IRoundsEvents.AggregatesVoted(taskId, 1, seat, one(1), oneHash(MODEL));
        voteOn(seat, 1, MODEL);

        uint224[] memory votes = lens.votesOf(taskId, 1);
        assertEq(votes.length, 3);
        assertEq(votes[2], uint224(uint256(MODEL)));
        assertEq(votes[0] + votes[1], 0);
        assertEq(lens.votesOf(taskId, 0)[2], 0);
    }

    function test_RevertWhen_ASeatVotesAgain() public {
        toVotes();
        address seat = seatsOf(0)[0];
        voteOn(seat, 0, MODEL);

        bytes memory refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadyVoted.selector, 0, seat);
        expectError(refusal);
        voteOn(seat, 0, MODEL);
        expectError(refusal);
        voteOn(seat, 0, OTHER);
    }

    function test_RevertWhen_VotingOnSomebodyElsesCohort() public {
        toVotes();
        address outsider = outsiderOf(0);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotDrawn.selector, 0, outsider));
        voteOn(outsider, 0, MODEL);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, owner));
        voteOn(owner, 0, MODEL);
    }

    function test_RevertWhen_TheCohortIsNotSettled() public {
        openAndSeal(20);
        planAll(entry(8_000, 10_000, 2));
        address[] memory silent = seatsOf(1);
        for (uint256 i = 0; i < 3; ++i) silence(1, silent[i]);
        scoreAttempt(0);
        settle(0);
        toSettle(1);
        rounds.voidCohort(taskId, 1);
        address seat = seatsOf(1)[0];

        uint32[3] memory cohorts = [1, 2, ROOT];
        for (uint256 i = 0; i < 3; ++i) {
            expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_CohortNotSettled.selector, cohorts[i]));
            voteOn(seat, cohorts[i], MODEL);
        }
    }

    function test_RevertWhen_TheVotesAreMalformed() public {
        toVotes();
        address seat = seatsOf(0)[0];

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_LengthMismatch.selector, 1, 2));
        vm.prank(seat);
        rounds.voteAggregates(taskId, one(0), new bytes32[](2));
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_ZeroHash.selector));
        voteOn(seat, 0, 0);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NoVotes.selector));
        vm.prank(seat);
        rounds.voteAggregates(taskId, new uint32[](0), new bytes32[](0));
    }

    function test_RevertWhen_VotesOnAggregatesComeTooSoonOrTooLate() public {
        openAndSeal(20);
        planAll(entry(8_000, 10_000, 2));
        scoreAttempt(0);
        settle(0);
        address seat = seatsOf(0)[0];
        expectWrongPhase(IRoundsTypes.Phase.RedrawCommit, IRoundsTypes.Phase.CohortVote);
        voteOn(seat, 0, MODEL);
        settle(1);
        vm.warp(view_().cohortVoteEnd);
        expectWrongPhase(IRoundsTypes.Phase.RootVote, IRoundsTypes.Phase.CohortVote);
        voteOn(seat, 0, MODEL);
        vm.warp(view_().cohortVoteEnd - 1);
        voteOn(seat, 0, MODEL);
    }

    function test_VotesOfAnEarlierRoundAreForgotten() public {
        toVotes();
        voteOn(seatsOf(0)[0], 0, MODEL);
        voteAll(MODEL);
        finalize();
        toVotes();

        for (uint256 i = 0; i < 3; ++i) {
            assertEq(lens.votesOf(taskId, 0)[i], 0);
            assertEq(lens.votesOf(taskId, ROOT)[i], 0);
        }
        voteOn(seatsOf(0)[0], 0, MODEL);
    }

    // ---- The model

    function test_AMajorityMakesTheNextModel() public {
        toVotes();
        address[] memory seats = seatsOf(ROOT);
        voteAs(seats[0], OTHER);
        expectFromRounds();
        emit IRoundsEvents.ModelVoted(taskId, 1, seats[1], MODEL);
        voteAs(seats[1], MODEL);
        assertPhase(IRoundsTypes.Phase.CohortVote);
        voteAs(seats[2], MODEL);
        assertPhase(IRoundsTypes.Phase.FinalizeDue);
        assertEq(lens.votesOf(taskId, ROOT)[0], uint224(uint256(OTHER)));

        uint256 credited = creditedAfterFinalizing();
        expectFromRounds();
        emit IRoundsEvents.RoundFinalized(taskId, 1, MODEL, true, credited);
        vm.prank(accountOf("anyone"));
        rounds.finalizeRound(taskId);

        assertEq(view_().baseModelHash, MODEL);
        assertEq(view_().closedAt, vm.getBlockTimestamp());
        assertEq(tasks.fundsOf(taskId).reserved, 0);
        assertEq(lens.purseOf(taskId), credited);
        assertPhase(IRoundsTypes.Phase.Idle);
    }

    function test_WithoutAMajorityTheBaseIsKept() public {
        toVotes();
        address[] memory seats = seatsOf(ROOT);
        voteAs(seats[0], OTHER);
        voteAs(seats[2], MODEL);
        vm.warp(view_().rootVoteEnd);

        uint256 credited = creditedAfterFinalizing();
        expectFromRounds();
        emit IRoundsEvents.RoundFinalized(taskId, 1, keccak256("init.safetensors"), false, credited);
        finalize();
        assertEq(view_().baseModelHash, keccak256("init.safetensors"));
    }

    function test_TwoVotesOfThreeAreEnough() public {
        toVotes();
        address[] memory seats = seatsOf(ROOT);
        voteAs(seats[0], MODEL);
        voteAs(seats[2], MODEL);
        vm.warp(view_().rootVoteEnd);
        finalize();

        assertEq(view_().baseModelHash, MODEL);
    }

    function test_RevertWhen_FinalizingWhileVotesMayCome() public {
        expectWrongPhase(IRoundsTypes.Phase.Idle, IRoundsTypes.Phase.FinalizeDue);
        rounds.finalizeRound(taskId);
        toVotes();
        expectWrongPhase(IRoundsTypes.Phase.CohortVote, IRoundsTypes.Phase.FinalizeDue);
        rounds.finalizeRound(taskId);
        vm.warp(view_().rootVoteEnd - 1);
        expectWrongPhase(IRoundsTypes.Phase.RootVote, IRoundsTypes.Phase.FinalizeDue);
        rounds.finalizeRound(taskId);
        vm.warp(view_().rootVoteEnd);
        finalize();
        expectWrongPhase(IRoundsTypes.Phase.Idle, IRoundsTypes.Phase.FinalizeDue);
        rounds.finalizeRound(taskId);
    }

    function test_RevertWhen_TheModelVoteIsNotInOrder() public {
        address anyone = validators[0];
        expectWrongPhase(IRoundsTypes.Phase.Idle, IRoundsTypes.Phase.RootVote);
        voteAs(anyone, MODEL);
        toVotes();
        address[] memory seats = seatsOf(ROOT);
        address outsider = outsiderOf(ROOT);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotDrawn.selector, ROOT, outsider));
        voteAs(outsider, MODEL);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, owner));
        voteAs(owner, MODEL);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_ZeroHash.selector));
        voteAs(seats[0], 0);
        voteAs(seats[0], MODEL);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadyVoted.selector, ROOT, seats[0]));
        voteAs(seats[0], MODEL);
        vm.warp(view_().rootVoteEnd);
        expectWrongPhase(IRoundsTypes.Phase.FinalizeDue, IRoundsTypes.Phase.RootVote);
        voteAs(seats[1], MODEL);
    }

    function test_WithAllCohortsVoidThereIsNothingToVoteOn() public {
        openAndSeal(20);
        toSettle(1);
        rounds.voidCohort(taskId, 0);
        assertPhase(IRoundsTypes.Phase.SettleDue);
        rounds.voidCohort(taskId, 1);
        assertPhase(IRoundsTypes.Phase.FinalizeDue);
        address seat = seatsOf(ROOT)[0];
        expectWrongPhase(IRoundsTypes.Phase.FinalizeDue, IRoundsTypes.Phase.RootVote);
        voteAs(seat, MODEL);

        expectFromRounds();
        emit IRoundsEvents.RoundFinalized(taskId, 1, keccak256("init.safetensors"), false, 0);
        finalize();
        assertEq(tasks.fundsOf(taskId).reserved, 0);
    }

    // ---- Pay of validators

    function test_AccurateEntriesArePaidAtTheEnd() public {
        toVotes();
        voteAll(MODEL);
        for (uint256 i = 0; i < 9; ++i) {
            IRoundsLens.ValidatorView memory seat = lens.validatorOf(taskId, validators[i]);
            if (!hasDuty(validators[i])) continue;
            uint256 entries = seat.lastRound == 1 ? seat.accurateEntries : 0;
            expectFromRounds();
            emit IRoundsEvents.ValidatorPaid(taskId, 1, validators[i], entries, 10_000, entries * PRICE);
        }
        finalize();

        address first = seatsOf(0)[0];
        assertEq(lens.earningsOf(taskId, first).pending, PRICE * lens.validatorOf(taskId, first).accurateEntries);
        assertGt(lens.earningsOf(taskId, first).pending, 0);
    }

    function test_WhoHadNoDutyIsNotTouched() public {
        openAndSeal(3);
        planAll(entry(8_000, 10_000, 2));
        scoreAttempt(0);
        settleAll();
        voteAll(MODEL);
        finalize();

        uint256 idle = 0;
        for (uint256 i = 0; i < 9; ++i) {
            if (hasDuty(validators[i])) continue;
            ++idle;
            assertEq(lens.validatorOf(taskId, validators[i]).dutyTotal, 0);
            assertEq(lens.earningsOf(taskId, validators[i]).pending, 0);
        }
        assertGe(idle, 3);
    }

    function test_AMissedRootVoteCostsTheRoundsPayAndAHundredth() public {
        toVotes();
        address[] memory seats = seatsOf(ROOT);
        voteAs(seats[0], MODEL);
        voteAs(seats[1], MODEL);
        vm.warp(view_().rootVoteEnd);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(seats[2], taskId, 3 * ASSAY, 3 * ASSAY, 0, "missed duty");
        expectFromRounds();
        emit IRoundsEvents.DutyMissed(taskId, 1, seats[2], 100, 3 * ASSAY);
        finalize();

        assertEq(lens.earningsOf(taskId, seats[2]).pending, 0);
        assertEq(registry.reservationOf(seats[2], taskId), 297 * ASSAY);
        IRoundsLens.ValidatorView memory seat = lens.validatorOf(taskId, seats[2]);
        assertEq(seat.missedRounds, 1);
        assertEq(seat.bid.weight, 380);
        assertEq(seat.frozenWeight, 384);
    }

    function test_FinesAreRoundedAgainstTheOffender() public {
        joinWith(STAKE + 1);
        address odd = validators[9];
        missUntilFined(odd);

        assertEq(registry.reservationOf(odd, taskId), STAKE + 1 - (3 * ASSAY + 1));
    }

    function missUntilFined(address offender) private {
        for (uint256 i = 0; i < 30; ++i) {
            playMissing(offender);
            if (lens.validatorOf(taskId, offender).missedRounds > 0) return;
        }
        revert("never drawn");
    }

    /// Slashes of 1, 2, 4, 8 % of the remaining stake, then 8 % and the place. A validator that joins again keeps its
    /// missed rounds.
    function test_EachMissCostsTwiceAsMuchAndTheFifthThePlaceToo() public {
        address offender = joinWith(1_000 * ASSAY);
        uint256 misses = 0;
        uint256 stake = 1_000 * ASSAY;
        for (uint256 i = 0; misses < 5; ++i) {
            require(i < 30, "not drawn often enough");
            misses += playMissing(offender);
            uint256 slashBps =
                misses == 0
                    ? 0
                    : misses == 5
                        ? 800
                        : 100 * 2 ** (misses - 1);
            if (lens.validatorOf(taskId, offender).lastRound != round()) continue;
            assertEq(lens.validatorOf(taskId, offender).missedRounds, misses);
            stake -= (stake * slashBps) / 10_000;
            assertEq(registry.reservationOf(offender, taskId), stake);
        }
        assertEq(lens.validatorOf(taskId, offender).bid.weight, 0);
        assertTrue(tasks.roleOf(taskId, offender) == ITasks.Role.Validator);
        open();

        assertFalse(lens.validatorOf(taskId, offender).seated);
        (address[] memory roster, ) = lens.rosterOf(taskId);
        assertFalse(contains(roster, offender));
        submit(6);
        close();
        seal(BEACON);
        finishSealed(entry(8_000, 10_000, 2));
        skip(1_000);

        tasks.releaseValidator(taskId, offender);
        joinAs(offender, 700 * ASSAY);
        uint256 left = registry.positionOf(offender).active;
        for (uint256 i = 0; playMissing(offender) == 0; ++i) require(i < 30, "not drawn again");
        assertEq(lens.validatorOf(taskId, offender).missedRounds, 6);
        assertEq(registry.positionOf(offender).active, left - 56 * ASSAY);
        assertEq(lens.validatorOf(taskId, offender).bid.weight, 0);
    }

    /// A round in which everyone but the offender does all duties.
    /// @return 1 if the offender had any
    function playMissing(address offender) private returns (uint256) {
        openAndSeal(6);
        planAll(entry(8_000, 10_000, 2));
        bool isDrawn = contains(seatsOf(0), offender);
        if (isDrawn) silence(0, offender);
        scoreAttempt(0);
        settleAll();
        address[] memory seats = seatsOf(ROOT);
        for (uint256 i = 0; i < 3; ++i) {
            if (seats[i] != offender) voteAs(seats[i], MODEL);
            else isDrawn = true;
        }
        vm.warp(view_().rootVoteEnd);
        uint256 misses = lens.validatorOf(taskId, offender).missedRounds;
        if (isDrawn && misses == 4) {
            uint256 penalty = (registry.reservationOf(offender, taskId) * 800 + 9_999) / 10_000;
            expectFromRounds();
            emit IRoundsEvents.DutyMissed(taskId, round(), offender, 800, penalty);
            expectFromRounds();
            emit IRoundsEvents.ValidatorRemoved(taskId, offender);
        }
        finalize();
        return isDrawn ? 1 : 0;
    }

    /// Thirty rounds with random missed duties: duties, uptime and pay match the reference.
    function test_UptimeOverManyRoundsIsThatOfTheReference() public {
        for (uint256 r = 0; r < 30; ++r) {
            openAndSeal(4);
            planAll(entry(8_000, 10_000, 2));
            uint256 luck = uint256(keccak256(abi.encode(r)));
            address lazy = luck % 3 == 0 ? seatsOf(0)[0] : address(0);
            if (lazy != address(0)) silence(0, lazy);
            scoreAttempt(0);
            settleAll();
            voteAll(MODEL);
            uint256[9] memory before;
            for (uint256 i = 0; i < 9; ++i) before[i] = lens.earningsOf(taskId, validators[i]).pending;
            finalize();
            for (uint256 i = 0; i < 9; ++i) compareWithReference(validators[i], lazy, before[i]);
        }
    }

    function compareWithReference(address validator, address lazy, uint256 before) private {
        uint256 scored = contains(seatsOf(0), validator) ? 1 : 0;
        uint256 duties = scored + (contains(seatsOf(ROOT), validator) ? 1 : 0);
        uint256 paid = lens.earningsOf(taskId, validator).pending - before;
        if (duties == 0) {
            assertEq(paid, 0);
            return;
        }
        Reference.Duties memory reference_ = _duties[validator];
        uint256 misses = Reference.note(reference_, duties, validator == lazy ? duties - 1 : duties);
        _duties[validator] = reference_;

        IRoundsLens.ValidatorView memory seat = lens.validatorOf(taskId, validator);
        assertEq(seat.dutySum, reference_.dutySum, "duties");
        assertEq(seat.doneSum, reference_.doneSum, "done");
        assertEq(seat.dutyTotal, reference_.total, "total");
        assertEq(seat.missedRounds, misses, "misses");
        assertEq(seat.uptimeBps, Reference.uptimeOf(reference_), "uptime");
        uint256 due = validator == lazy ? 0 : scored * 4 * PRICE * Reference.uptimeOf(reference_);
        assertEq(paid, due / 10_000, "pay");
    }

    // ---- Helpers

    function voteOn(address seat, uint32 cohort, bytes32 hash) private {
        vm.prank(seat);
        rounds.voteAggregates(taskId, one(cohort), oneHash(hash));
    }

    function hasDuty(address validator) private view returns (bool) {
        for (uint32 c = 0; c < cohortCount(); ++c) if (contains(seatsOf(c), validator)) return true;
        return contains(seatsOf(ROOT), validator);
    }

    /// What will have been credited once validators without a missed duty are paid.
    function creditedAfterFinalizing() private view returns (uint256 credited) {
        (credited, , , ) = lens.totalsOf(taskId);
        address[] memory root = seatsOf(ROOT);
        uint224[] memory votes = lens.votesOf(taskId, ROOT);
        for (uint256 i = 0; i < validators.length; ++i) {
            bool hasMissed = false;
            for (uint256 s = 0; s < 3; ++s) if (root[s] == validators[i] && votes[s] == 0) hasMissed = true;
            IRoundsLens.ValidatorView memory seat = lens.validatorOf(taskId, validators[i]);
            if (!hasMissed && seat.lastRound == round()) credited += PRICE * seat.accurateEntries;
        }
    }
}
