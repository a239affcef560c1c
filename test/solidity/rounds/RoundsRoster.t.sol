// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {Vm, vm} from "../fixtures/Vm.sol";

/// Validators join, outbid each other and leave. A round draws from the roster as frozen at its start.
contract RoundsRosterTest is RoundsChain {
    uint256 private constant CHALLENGE = 1_000;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(8);
    }

    // ---- Joining

    function test_AJoinCountsFromTheNextRoundOn() public {
        open();
        address late = joinWith(1_000 * ASSAY);

        assertEq(lens.validatorOf(taskId, late).nextWeight, 1_024);
        assertEq(lens.validatorOf(taskId, late).frozenWeight, 0);
        assertFalse(lens.validatorOf(taskId, late).seated);
        assertEq(rosterSize(), 8);
        voidRound();
        open();
        assertEq(lens.validatorOf(taskId, late).frozenWeight, 1_024);
        assertEq(lens.validatorOf(taskId, late).rosterIndex, 8);
        assertTrue(lens.validatorOf(taskId, late).seated);
        assertEq(rosterSize(), 9);
    }

    function test_WeightsFollowStakesUpToFourTimesTheMinimum() public {
        uint256[5] memory stakes = [200 * ASSAY, 200 * ASSAY + 1, 500 * ASSAY, 800 * ASSAY - 1, 5_000 * ASSAY];
        uint16[5] memory weights = [256, 256, 640, 1_023, 1_024];
        for (uint256 i = 0; i < 5; ++i) {
            address validator = joinWith(stakes[i]);
            assertEq(lens.validatorOf(taskId, validator).nextWeight, weights[i]);
        }
    }

    function test_FreePlacesAreTakenInOrder() public {
        leaveAsValidator(validators[2]);
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
        assertEq(countRosterEvents(), 1);
    }

    // ---- A round draws from the roster as it was frozen

    function test_NothingInARoundChangesItsDraws() public {
        openAndSeal(3);
        address[] memory before = seatsOf(0);
        address[] memory root = seatsOf(ROOT);
        (, uint16[] memory weights) = lens.rosterOf(taskId);
        leaveAsValidator(before[0]);
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
        leaveAsValidator(leaver);
        planAll(entry(8_000, 10_000, 2));
        scoreAttempt(0);
        settleAll();
        voteAll(keccak256("model"));
        finalize();

        assertEq(lens.earningsOf(taskId, leaver).pending, 3 * 1e12);
        assertEq(lens.validatorOf(taskId, leaver).nextWeight, 0);
    }

    function test_WhoLeavesAndShirksIsFined() public {
        openAndSeal(3);
        address leaver = seatsOf(0)[0];
        leaveAsValidator(leaver);
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
        assertEq(lens.validatorOf(taskId, poor).nextWeight, 253);
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

    // ---- Outbidding

    function test_AHigherStakeTakesTheSmallestPlace() public {
        join(55);
        address smallest = joinWith(250 * ASSAY);
        address richer = person("validator", 64, 251 * ASSAY);

        vm.expectEmit(address(tasks));
        emit ITasks.ValidatorLeaving(taskId, smallest);
        joinAs(richer, 251 * ASSAY);

        assertEq(lens.validatorOf(taskId, richer).rosterIndex, 63);
        assertEq(lens.validatorOf(taskId, smallest).nextWeight, 0);
        assertTrue(tasks.roleOf(taskId, smallest) == ITasks.Role.Validator);
        // It was never frozen, so it can leave at once.
        tasks.releaseValidator(taskId, smallest);
        assertEq(registry.freeStakeOf(smallest), 250 * ASSAY);
    }

    function test_RevertWhen_TheStakeOutbidsNobody() public {
        join(55);
        joinWith(250 * ASSAY);
        address late = person("validator", 64, 250 * ASSAY);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_RosterFull.selector, taskId, 250 * ASSAY));
        joinAs(late, 250 * ASSAY);
    }

    function test_TheOutbidKeepTheirDutiesUntilTheNextRound() public {
        join(55);
        address smallest = joinWith(250 * ASSAY);
        open();
        joinWith(5_000 * ASSAY);

        assertEq(lens.validatorOf(taskId, smallest).frozenWeight, 320);
        expectStillDrawn(smallest);
        tasks.releaseValidator(taskId, smallest);
        voidRound();
        open();
        assertFalse(lens.validatorOf(taskId, smallest).seated);
    }

    /// Stake that risks nothing must not empty a roster: a place taken from another validator must be kept as long as a
    /// round and its challenge window may last.
    function test_RevertWhen_LeavingAPlaceTakenFromAnother() public {
        join(56);
        address[] memory richer = new address[](57);
        for (uint256 i = 0; i < 57; ++i) richer[i] = joinWith(STAKE + 1);
        uint256 bound = boundFromNow();
        for (uint256 i = 0; i < 57; ++i) expectBound(richer[i], bound);
        open();
        assertTrue(lens.validatorOf(taskId, richer[56]).seated);
        voidRound();

        vm.warp(bound - 1);
        expectBound(richer[0], bound);
        vm.warp(bound);
        leaveAsValidator(richer[0]);
        tasks.releaseValidator(taskId, richer[0]);
        assertEq(registry.freeStakeOf(richer[0]), STAKE + 1);
    }

    /// The validator that outbid it must keep the place instead.
    function test_WhoTookAPlaceAndIsOutbidIsFree() public {
        join(56);
        address first = joinWith(STAKE + 1);
        for (uint256 i = 0; i < 64; ++i) joinWith(STAKE + 2);

        assertEq(lens.validatorOf(taskId, first).nextWeight, 0);
        tasks.releaseValidator(taskId, first);
        assertEq(registry.freeStakeOf(first), STAKE + 1);
    }

    /// A free place can be left at any time, whatever the validator took before.
    function test_AFreePlaceBindsNobody() public {
        for (uint256 i = 0; i < 56; ++i) joinWith(STAKE + 5);
        address richer = joinWith(STAKE + 1);
        uint256 boundUntil = boundFromNow();
        open();
        for (uint256 i = 0; i < 8; ++i) joinWith(STAKE + 2);
        voidRound();
        skip(CHALLENGE);
        assertLt(vm.getBlockTimestamp(), boundUntil);
        tasks.releaseValidator(taskId, richer);
        leaveAsValidator(validators[20]);
        joinAs(richer, STAKE + 1);

        leaveAsValidator(richer);
        assertEq(lens.validatorOf(taskId, richer).nextWeight, 0);
    }

    /// How long a taken place must be kept does not depend on where the validator was frozen before: neither at a lower
    /// index …
    function test_ATakenPlaceBindsWhoWasFrozenBelowIt() public {
        address back = validators[3];
        stepOut(back);
        join(56);
        address smallest = joinWith(STAKE - 1);
        joinAs(back, STAKE);
        uint256 bound = boundFromNow();
        assertEq(lens.validatorOf(taskId, smallest).nextWeight, 0);

        open();
        assertEq(lens.validatorOf(taskId, back).rosterIndex, 63);
        expectBound(back, bound);
    }

    /// … nor at a higher one.
    function test_ATakenPlaceBindsWhoWasFrozenAboveIt() public {
        address back = joinWith(STAKE + 1);
        stepOut(back);
        join(56);
        joinAs(back, STAKE + 1);
        uint256 bound = boundFromNow();
        assertEq(lens.validatorOf(taskId, validators[0]).nextWeight, 0);

        open();
        assertEq(lens.validatorOf(taskId, back).rosterIndex, 0);
        expectBound(back, bound);
    }

    /// When it may leave the place it still waits for its last round.
    function test_WhoWasBoundWaitsForItsLastRoundToo() public {
        join(56);
        address richer = joinWith(STAKE + 1);
        vm.warp(boundFromNow());
        open();
        leaveAsValidator(richer);
        voidRound();
        uint256 finalAt = view_().closedAt + CHALLENGE;
        open();

        assertFalse(lens.validatorOf(taskId, richer).seated);
        expectNotFinal(finalAt);
        tasks.releaseValidator(taskId, richer);
        vm.warp(finalAt);
        tasks.releaseValidator(taskId, richer);
        assertEq(registry.freeStakeOf(richer), STAKE + 1);
    }

    /// An earlier wait does not delay a later release.
    function test_WhoDroppedOutOnceIsFreeInAFreePlace() public {
        address back = validators[3];
        playGood();
        leaveAsValidator(back);
        open();
        skip(CHALLENGE);
        tasks.releaseValidator(taskId, back);
        joinAs(back, STAKE);

        leaveAsValidator(back);
        tasks.releaseValidator(taskId, back);
        assertEq(registry.freeStakeOf(back), STAKE);
    }

    /// Leaves in a round without submissions, and waits until that round is final.
    function stepOut(address validator) private {
        open();
        leaveAsValidator(validator);
        voidRound();
        skip(CHALLENGE);
        tasks.releaseValidator(taskId, validator);
    }

    function boundFromNow() private view returns (uint256) {
        ITasks.TaskParams memory params = tasks.paramsOf(taskId);
        uint256 scoring = params.openSeconds + 2 * (params.commitSeconds + params.revealSeconds);
        uint256 ending = 2 * params.aggregateSeconds + params.challengeSeconds;
        return vm.getBlockTimestamp() + params.submitSeconds + scoring + ending;
    }

    function expectBound(address validator, uint256 boundUntil) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_PlaceBound.selector, taskId, boundUntil));
        leaveAsValidator(validator);
    }

    // ---- Leaving

    function test_WhoWasNeverFrozenIsReleasedAtOnce() public {
        address late = joinWith(STAKE);
        leaveAsValidator(late);
        tasks.releaseValidator(taskId, late);

        assertEq(registry.freeStakeOf(late), STAKE);
    }

    function test_RevertWhen_LeavingTwice() public {
        leaveAsValidator(validators[0]);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, validators[0]));
        leaveAsValidator(validators[0]);
    }

    function test_RevertWhen_ReleasingWhoHasNotLeft() public {
        expectStillDrawn(validators[0]);
        tasks.releaseValidator(taskId, validators[0]);
        open();
        leaveAsValidator(validators[0]);
        expectStillDrawn(validators[0]);
        tasks.releaseValidator(taskId, validators[0]);
    }

    function test_ReleaseWaitsForTheChallengeWindowOfTheLastRound() public {
        playGood();
        leaveAsValidator(validators[0]);
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
        leaveAsValidator(validators[0]);
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
        leaveAsValidator(back);
        skip(CHALLENGE);
        tasks.releaseValidator(taskId, back);
        // Another validator takes the old place first.
        address other = joinWith(STAKE);
        joinAs(back, STAKE);
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
        leaveAsValidator(leaver);
        skip(CHALLENGE);
        tasks.releaseValidator(taskId, leaver);
        address heir = joinWith(STAKE);
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
        leaveAsValidator(validators[0]);
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
        assertEq(lens.validatorOf(first, newcomer).nextWeight, 0);
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

    function leaveAsValidator(address validator) private {
        vm.prank(validator);
        tasks.leaveValidators(taskId);
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

    function expectStillDrawn(address validator) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_StillDrawn.selector, taskId, validator));
    }

    function expectNotFinal(uint256 finalAt) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotFinal.selector, taskId, finalAt));
    }
}
