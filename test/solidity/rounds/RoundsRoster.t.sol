// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {Vm, vm} from "../fixtures/Vm.sol";

/// Validators join, become ready and leave. A round draws from the roster as frozen at its start.
contract RoundsRosterTest is RoundsChain {
    uint256 private constant CHALLENGE = 1_000;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(8);
    }

    // ---- Joining

    function test_AJoinCountsFromTheRoundAfterTheNextOneOn() public {
        open();
        address late = joinWith(1_000 * ASSAY);
        IRoundsLens.BidView memory bid = lens.validatorOf(taskId, late).bid;
        assertEq(bid.weight, 1_024);
        assertEq(bid.firstRound, 3);
        assertEq(bid.bidAt, vm.getBlockTimestamp());
        assertTrue(bid.standing == IRoundsTypes.Standing.Placed);
        voidRound();
        open();
        assertFalse(lens.validatorOf(taskId, late).seated);
        assertEq(rosterSize(), 8);
        voidRound();
        open();

        assertEq(lens.validatorOf(taskId, late).frozenWeight, 1_024);
        assertEq(lens.validatorOf(taskId, late).rosterIndex, 8);
        assertTrue(lens.validatorOf(taskId, late).seated);
        assertEq(rosterSize(), 9);
    }

    /// The same between two rounds: nobody is surprised at the opening, however late it comes.
    function test_AJoinBetweenRoundsIsSeenForAWholeRound() public {
        open();
        voidRound();
        skip(100 days);
        address late = joinWith(1_000 * ASSAY);
        skip(100 days);
        open();
        assertFalse(lens.validatorOf(taskId, late).seated);
        voidRound();
        open();

        assertTrue(lens.validatorOf(taskId, late).seated);
    }

    function test_BeforeTheFirstRoundABidCountsABlockLater() public {
        skip(1);
        address late = joinWith(1_000 * ASSAY);
        rounds.openRound(taskId);
        assertFalse(lens.validatorOf(taskId, late).seated);
        assertEq(rosterSize(), 8);
        voidRound();
        open();

        assertTrue(lens.validatorOf(taskId, late).seated);
    }

    /// With too few validators no round could open for which newer bids count. Those that have stood for a whole round
    /// fill the gap.
    function test_WithTooFewValidatorsBidsCountAfterTheTimeOfARound() public {
        open();
        voidRound();
        for (uint256 i = 0; i < 2; ++i) quitAs(validators[i]);
        address late = joinWith(STAKE);
        uint256 bidAt = vm.getBlockTimestamp();
        vm.warp(bidAt + ROUND_SECONDS - 1);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_TooFewValidators.selector, 6, 7));
        rounds.openRound(taskId);

        vm.warp(bidAt + ROUND_SECONDS);
        address later = joinWith(STAKE);
        vm.recordLogs();
        rounds.openRound(taskId);
        assertEq(countRosterEvents(), 1);
        assertTrue(lens.validatorOf(taskId, late).seated);
        assertFalse(lens.validatorOf(taskId, later).seated);
        assertEq(rosterSize(), 7);
    }

    /// Otherwise one validator that leaves a task with 2k + 1 of them would stop its last round for good, and with it
    /// the audit that everybody's held pay waits for.
    function test_ABidBeforeTheLastRoundFillsTheGapOfOneThatLeft() public {
        for (uint256 i = 0; i < 9; ++i) {
            open();
            voidRound();
        }
        for (uint256 i = 0; i < 2; ++i) quitAs(validators[i]);
        address late = joinWith(STAKE);
        assertEq(lens.validatorOf(taskId, late).bid.firstRound, 11);
        skip(ROUND_SECONDS);
        rounds.openRound(taskId);
        assertTrue(lens.validatorOf(taskId, late).seated);

        // No bid counts any more.
        address later = person("validator", 100, STAKE);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_AllRoundsDone.selector, taskId, 10));
        bidAs(later, STAKE);
    }

    /// Bids in free places are bound by nothing. Renewed after each round they are never drawn, and would fill the roster
    /// for good.
    function test_Attack49_BidsThatNeverCountKeepNobodyOut() public {
        address[] memory hostile = new address[](56);
        for (uint256 i = 0; i < 56; ++i) {
            hostile[i] = person("hostile", i, 800 * ASSAY);
            if (i == 0) open();
            joinAs(hostile[i], 800 * ASSAY);
        }
        address late = person("validator", 100, STAKE);
        joinAs(late, STAKE);
        for (uint256 i = 0; i < 2; ++i) {
            voidRound();
            for (uint256 j = 0; j < 56; ++j) {
                quitAs(hostile[j]);
                joinAs(hostile[j], 800 * ASSAY);
            }
            open();
        }
        assertTrue(lens.validatorOf(taskId, late).seated);
        assertEq(rosterSize(), 9);
    }

    // ---- Ready

    function test_AValidatorCountsOnlyOnceItIsReady() public {
        address late = person("validator", 100, STAKE);
        bidAs(late, STAKE);
        assertTrue(lens.validatorOf(taskId, late).bid.standing == IRoundsTypes.Standing.Joined);
        assertFalse(lens.validatorOf(taskId, late).bid.isReady);
        assertEq(lens.bidsOf(taskId)[8].validator, address(0));
        open();
        assertEq(rosterSize(), 8);
        voidRound();

        expectFromRounds();
        emit IRoundsEvents.ValidatorReady(taskId, late, POOL);
        readyAs(late, POOL);
        readyAs(late, POOL);
        IRoundsLens.BidView memory bid = lens.bidsOf(taskId)[8];
        assertEq(bid.validator, late);
        assertEq(bid.weight, 384);
        assertTrue(bid.isReady);
        open();
        assertEq(lens.validatorOf(taskId, late).frozenWeight, 384);
    }

    function test_WhoIsNotReadyFillsNoQuorum() public {
        taskId = createTask(terms());
        for (uint256 i = 0; i < 3; ++i) enrolAs(contributors[i]);
        for (uint256 i = 0; i < 7; ++i) bidAs(person("validator", 100 + i, STAKE), STAKE);
        skip(1);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_TooFewValidators.selector, 0, 7));
        rounds.openRound(taskId);
    }

    function test_RevertWhen_ReadyForAnotherPool() public {
        address late = person("validator", 100, STAKE);
        bidAs(late, STAKE);
        bytes32 other = keccak256("another pool");

        expectUnknownPool(taskId, other);
        readyAs(late, other);
        expectUnknownPool(taskId, 0);
        readyAs(late, 0);
        taskId = 99;
        expectUnknownPool(99, POOL);
        readyAs(late, POOL);
        expectUnknownPool(99, 0);
        readyAs(late, 0);
    }

    function test_RevertWhen_ReadyWithoutABid() public {
        address nobody = accountOf("nobody");
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, nobody));
        readyAs(nobody, POOL);
        quitAs(validators[0]);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, validators[0]));
        readyAs(validators[0], POOL);
    }

    function test_WhoIsNotReadyLeavesAtOnce() public {
        open();
        address late = person("validator", 100, STAKE);
        bidAs(late, STAKE);
        expectStillDrawn(late);
        tasks.releaseValidator(taskId, late);

        vm.expectEmit(address(tasks));
        emit ITasks.Left(taskId, late, ITasks.Role.Validator, STAKE);
        quitAs(late);
        assertEq(registry.freeStakeOf(late), STAKE);
        assertTrue(tasks.roleOf(taskId, late) == ITasks.Role.None);
        assertTrue(lens.validatorOf(taskId, late).bid.standing == IRoundsTypes.Standing.None);
    }

    function test_WeightsFollowStakesUpToFourTimesTheMinimum() public {
        uint256[5] memory stakes = [200 * ASSAY, 200 * ASSAY + 1, 500 * ASSAY, 800 * ASSAY - 1, 5_000 * ASSAY];
        uint16[5] memory weights = [256, 256, 640, 1_023, 1_024];
        for (uint256 i = 0; i < 5; ++i) {
            address validator = joinWith(stakes[i]);
            assertEq(lens.validatorOf(taskId, validator).bid.weight, weights[i]);
        }
    }

    function test_FreePlacesAreTakenInOrder() public {
        quitAs(validators[2]);
        address first = joinWith(STAKE);
        address second = joinWith(STAKE);

        assertEq(lens.validatorOf(taskId, first).rosterIndex, 2);
        assertEq(lens.validatorOf(taskId, second).rosterIndex, 8);
    }

    function test_AnUnchangedRosterIsNotToldAgain() public {
        open();
        voidRound();
        vm.recordLogs();
        open();

        assertEq(countRosterEvents(), 0);
        voidRound();
        join(1);
        vm.recordLogs();
        open();
        assertEq(countRosterEvents(), 0);
        voidRound();
        vm.recordLogs();
        open();
        assertEq(countRosterEvents(), 1);
    }

    // ---- A round draws from the roster as it was frozen

    function test_NothingInARoundChangesItsDraws() public {
        openAndSeal(3);
        address[] memory before = seatsOf(0);
        address[] memory root = seatsOf(ROOT);
        (, uint16[] memory weights) = lens.rosterOf(taskId);
        quitAs(before[0]);
        joinWith(5_000 * ASSAY);
        join(3);

        assertEq(seatsOf(0), before);
        assertEq(seatsOf(ROOT), root);
        (, uint16[] memory weightsNow) = lens.rosterOf(taskId);
        assertEq(keccak256(abi.encode(weightsNow)), keccak256(abi.encode(weights)));
    }

    function test_WhoLeavesStillDoesItsDutiesAndIsPaid() public {
        openAndSeal(3);
        address leaver = seatsOf(0)[0];
        quitAs(leaver);
        planAll(entry(8_000, 10_000, 2));
        scoreAttempt(0);
        settleAll();
        voteAll(keccak256("model"));
        finalize();

        assertEq(lens.earningsOf(taskId, leaver).pending, 3 * 1e12);
        assertEq(lens.validatorOf(taskId, leaver).bid.weight, 0);
    }

    function test_WhoLeavesAndShirksIsFined() public {
        openAndSeal(3);
        address leaver = seatsOf(0)[0];
        quitAs(leaver);
        silence(0, leaver);
        scoreAttempt(0);
        settleAll();
        voteAll(keccak256("model"));
        finalize();

        assertEq(registry.reservationOf(leaver, taskId), (STAKE * 99) / 100);
    }

    /// Validators join with the minimum; the first slashes leave such a validator in the draw.
    function test_TheFirstFineLeavesAWeight() public {
        address poor = joinWith(200 * ASSAY);
        for (uint256 i = 0; lens.validatorOf(taskId, poor).missedRounds == 0; ++i) {
            require(i < 30, "never drawn");
            playWithout(poor);
        }

        assertEq(registry.reservationOf(poor, taskId), 198 * ASSAY);
        assertEq(lens.validatorOf(taskId, poor).bid.weight, 253);
        open();
        assertEq(lens.validatorOf(taskId, poor).frozenWeight, 253);
    }

    function playWithout(address absent) private {
        openAndSeal(3);
        planAll(entry(8_000, 10_000, 2));
        if (contains(seatsOf(0), absent)) silence(0, absent);
        scoreAttempt(0);
        settleAll();
        address[] memory seats = seatsOf(ROOT);
        for (uint256 i = 0; i < 3; ++i) if (seats[i] != absent) voteAs(seats[i], keccak256("model"));
        vm.warp(view_().rootVoteEnd);
        finalize();
    }

    // ---- Leaving

    /// An earlier wait does not delay a later release.
    function test_WhoDroppedOutOnceIsFreeInAFreePlace() public {
        address back = validators[3];
        playGood();
        quitAs(back);
        open();
        skip(CHALLENGE);
        tasks.releaseValidator(taskId, back);
        joinAs(back, STAKE);

        quitAs(back);
        assertEq(registry.freeStakeOf(back), STAKE);
    }

    function test_WhoWasNeverFrozenIsReleasedAtOnce() public {
        address late = joinWith(STAKE);
        quitAs(late);

        assertEq(registry.freeStakeOf(late), STAKE);
    }

    function test_RevertWhen_LeavingTwice() public {
        open();
        quitAs(validators[0]);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, validators[0]));
        quitAs(validators[0]);
    }

    function test_RevertWhen_ReleasingWhoHasNotLeft() public {
        expectStillDrawn(validators[0]);
        tasks.releaseValidator(taskId, validators[0]);
        open();
        quitAs(validators[0]);
        expectStillDrawn(validators[0]);
        tasks.releaseValidator(taskId, validators[0]);
    }

    function test_ReleaseWaitsForTheChallengeWindowOfTheLastRound() public {
        playGood();
        quitAs(validators[0]);
        uint256 finalAt = view_().closedAt + CHALLENGE;
        expectNotFinal(finalAt);
        tasks.releaseValidator(taskId, validators[0]);
        vm.warp(finalAt - 1);
        expectNotFinal(finalAt);
        tasks.releaseValidator(taskId, validators[0]);
        vm.warp(finalAt);
        tasks.releaseValidator(taskId, validators[0]);

        assertEq(registry.reservationOf(validators[0], taskId), 0);
    }

    function test_ReleaseDoesNotWaitForRoundsWithoutTheValidator() public {
        playGood();
        quitAs(validators[0]);
        uint256 finalAt = view_().closedAt + CHALLENGE;
        join(1);
        open();
        expectNotFinal(finalAt);
        tasks.releaseValidator(taskId, validators[0]);
        vm.warp(finalAt);
        assertPhase(IRoundsTypes.Phase.CloseDue);
        tasks.releaseValidator(taskId, validators[0]);
    }

    function test_WhoLeftAndCameBackHasOnePlace() public {
        playGood();
        address back = validators[3];
        quitAs(back);
        skip(CHALLENGE);
        tasks.releaseValidator(taskId, back);
        // Another validator takes the old place first.
        address other = joinWith(STAKE);
        joinAs(back, STAKE);
        open();
        // Its old place was frozen until here; the new bids count a round later.
        assertFalse(lens.validatorOf(taskId, back).seated);
        assertEq(rosterSize(), 7);
        voidRound();
        open();

        assertEq(lens.validatorOf(taskId, other).rosterIndex, 3);
        assertEq(lens.validatorOf(taskId, back).rosterIndex, 8);
        (address[] memory roster, uint16[] memory weights) = lens.rosterOf(taskId);
        uint256 places = 0;
        for (uint256 i = 0; i < 64; ++i) if (roster[i] == back) ++places;
        assertEq(places, 1);
        assertEq(weights[8], 384);
    }

    /// A place is an index, not an identity: it brings neither commitments nor a record.
    function test_Attack33_WhoTakesAPlaceInheritsNothing() public {
        openAndSeal(3);
        address leaver = seatsOf(0)[0];
        uint256 place = lens.validatorOf(taskId, leaver).rosterIndex;
        toCommit(0);
        vm.prank(leaver);
        rounds.commitScores(taskId, keccak256("never revealed"));
        silence(0, leaver);
        finishWithout(leaver);
        quitAs(leaver);
        skip(CHALLENGE);
        tasks.releaseValidator(taskId, leaver);
        address heir = joinWith(STAKE);
        open();
        voidRound();
        open();

        assertEq(lens.validatorOf(taskId, leaver).missedRounds, 1);
        IRoundsLens.ValidatorView memory seat = lens.validatorOf(taskId, heir);
        assertEq(seat.rosterIndex, place);
        assertEq(uint256(seat.dutyTotal) + seat.missedRounds + seat.accurateEntries + seat.lastRound, 0);
        assertNotEq(lens.scoreCommitment(taskId, 1, 0, leaver), bytes32(0));
        assertEq(lens.scoreCommitment(taskId, 1, 0, heir), bytes32(0));
    }

    function test_AReleasedValidatorMayEnrol() public {
        playGood();
        quitAs(validators[0]);
        skip(CHALLENGE);
        tasks.releaseValidator(taskId, validators[0]);
        enrolAs(validators[0]);
        open();
        submitAs(validators[0]);

        assertFalse(lens.validatorOf(taskId, validators[0]).seated);
        close();
        seal(BEACON);
        assertFalse(contains(seatsOf(0), validators[0]));
    }

    function test_ThePlacesAreThoseOfOneTask() public {
        uint64 first = taskId;
        taskId = createTask(terms());
        address newcomer = joinWith(STAKE);

        assertEq(lens.validatorOf(taskId, newcomer).rosterIndex, 0);
        assertEq(lens.validatorOf(first, newcomer).bid.weight, 0);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, validators[0]));
        vm.prank(address(tasks));
        rounds.dismissValidator(taskId, validators[0]);
    }

    // ---- Helpers

    function playGood() private {
        playRound(3, entry(8_000, 10_000, 2));
    }

    /// The round ends as planned, without the leaver's votes.
    function finishWithout(address leaver) private {
        scoreAttempt(0);
        settleAll();
        address[] memory seats = seatsOf(ROOT);
        for (uint256 i = 0; i < 3; ++i) if (seats[i] != leaver) voteAs(seats[i], keccak256("model"));
        vm.warp(view_().rootVoteEnd);
        finalize();
    }

    function voidRound() private {
        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);
    }

    function rosterSize() private view returns (uint256 count) {
        (, uint16[] memory weights) = lens.rosterOf(taskId);
        for (uint256 i = 0; i < 64; ++i) if (weights[i] != 0) ++count;
    }

    function countRosterEvents() private returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IRoundsEvents.RosterFrozen.selector) ++count;
        }
    }

    function expectUnknownPool(uint64 id, bytes32 poolRoot) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownPool.selector, id, poolRoot));
    }

    function expectStillDrawn(address validator) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_StillDrawn.selector, taskId, validator));
    }

    function expectNotFinal(uint256 finalAt) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotFinal.selector, taskId, finalAt));
    }
}
