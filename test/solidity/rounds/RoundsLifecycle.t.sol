// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlotReader} from "../../../contracts/interfaces/ISlotReader.sol";
import {RoundsSlots} from "../../../contracts/lens/RoundsSlots.sol";
import {IBeacon} from "../../../contracts/interfaces/IBeacon.sol";
import {IRounds} from "../../../contracts/interfaces/IRounds.sol";
import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {Deployment} from "../fixtures/Deployment.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {deployShipped, newBlockHashBeacon, newRoundsLens, newRoundsOf} from "../fixtures/Shipped.sol";
import {vm} from "../fixtures/Vm.sol";

/// A round opens, closes, is sealed, or is void.
contract RoundsLifecycleTest is RoundsChain {
    function setUp() public override {
        super.setUp();
        enrol(3);
        join(7);
        skip(1);
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.minContributors = 2;
        params.maxRounds = 3;
    }

    // ---- Starting

    function test_TheStartReservesTheWholeCostAndStartsTheClock() public {
        uint256 cost = tasks.largestRoundCost(taskId);
        uint256 before = tasks.fundsOf(taskId).available;
        uint256 end = vm.getBlockTimestamp() + 300;

        expectFromRounds();
        emit IRoundsEvents.RosterFrozen(taskId, 1, placed(validators), weightsOf(7, 384));
        expectFromRounds();
        emit IRoundsEvents.RoundOpened(taskId, 1, keccak256("init.safetensors"), cost, end);
        vm.prank(accountOf("anyone"));
        rounds.openRound(taskId);

        assertEq(tasks.fundsOf(taskId).reserved, cost);
        assertEq(tasks.fundsOf(taskId).available, before - cost);
        IRoundsLens.RoundView memory opened = view_();
        assertEq(opened.round, 1);
        assertEq(opened.submitEnd, end);
        assertEq(opened.openedBlock, vm.getBlockNumber());
        assertEq(opened.baseModelHash, keccak256("init.safetensors"));
        assertEq(opened.previousBeacon, bytes32(0));
        assertEq(opened.openEnd + opened.rootVoteEnd + opened.closedAt + opened.cohorts, 0);
        assertPhase(IRoundsTypes.Phase.Submit);
    }

    function test_RevertWhen_ARoundIsOpenAlready() public {
        open();

        expectWrongPhase(IRoundsTypes.Phase.Submit, IRoundsTypes.Phase.Idle);
        rounds.openRound(taskId);
    }

    function test_RevertWhen_TheTaskIsUnknown() public {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownTask.selector, 99));
        rounds.openRound(99);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownTask.selector, 99));
        lens.roundOf(99);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownTask.selector, 99));
        lens.earningsOf(99, owner);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownTask.selector, 99));
        rounds.claim(99, owner);
    }

    function test_RevertWhen_TheTaskIsClosed() public {
        vm.prank(owner);
        tasks.close(taskId);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_TaskClosed.selector, taskId));
        rounds.openRound(taskId);
    }

    function test_RevertWhen_AllRoundsAreDone() public {
        for (uint256 i = 0; i < 3; ++i) voidRound();

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_AllRoundsDone.selector, taskId, 3));
        rounds.openRound(taskId);
    }

    /// Nobody pays a fee or reserves stake for a task without further rounds.
    function test_RevertWhen_EnteringATaskWithoutAFurtherRound() public {
        address late = person("late contributor", 0, 1_000 * ASSAY);
        address idle = person("idle validator", 0, STAKE);
        for (uint256 i = 0; i < 2; ++i) voidRound();
        bytes memory done = abi.encodeWithSelector(IRoundsErrors.Rounds_AllRoundsDone.selector, taskId, 3);
        open();

        expectError(done);
        vm.prank(late);
        tasks.enrol(taskId, keccak256("root"), DATA_UNITS);
        expectError(done);
        vm.prank(idle);
        tasks.joinValidators(taskId, STAKE, new bytes(32));

        assertEq(registry.freeStakeOf(late), 1_000 * ASSAY);
        assertEq(registry.freeStakeOf(idle), STAKE);
    }

    function test_RevertWhen_TooFewAreEnrolled() public {
        skip(ROUND_SECONDS);
        leaveAs(contributors[0]);
        leaveAs(contributors[1]);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_TooFewContributors.selector, 1, 2));
        rounds.openRound(taskId);

        enrolAs(contributors[0]);
        open();
    }

    function test_RevertWhen_FewerThanTwoCommitteesAndOneAreWeighted() public {
        vm.prank(validators[3]);
        tasks.leaveValidators(taskId);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_TooFewValidators.selector, 6, 7));
        rounds.openRound(taskId);

        join(1);
        open();
    }

    function test_RevertWhen_TheEscrowCannotPayTheWorstCase() public {
        uint64 poor = createPoorTask();

        expectError(abi.encodeWithSelector(ITasks.Tasks_FundsTooLow.selector, poor, 3, 2));
        rounds.openRound(poor);
    }

    /// A task whose rounds cost at most three wei, funded with two.
    function createPoorTask() private returns (uint64 poor) {
        ITasks.TaskParams memory params = terms();
        (params.priceCompute, params.priceData, params.priceValidation) = (0, 1, 0);
        (params.slots, params.dataUnitsLimit, params.minContributors, params.earlyBonusBps) = (1, 1, 1, 10_000);
        vm.startPrank(owner);
        poor = tasks.createTask(params);
        assertEq(tasks.largestRoundCost(poor), 3);
        tasks.fund(poor, 2);
        vm.stopPrank();
        taskId = poor;
        for (uint256 i = 0; i < 3; ++i) enrolAs(contributors[i]);
        validators = new address[](0);
        for (uint256 i = 10; i < 17; ++i) joinAs(person("validator", i, STAKE), STAKE);
        skip(1);
    }

    // ---- Closing and sealing

    function test_ClosingAsksTheBeaconForAValueThatNobodyKnows() public {
        open();
        submit(2);
        vm.warp(view_().submitEnd);
        assertPhase(IRoundsTypes.Phase.CloseDue);

        expectFromRounds();
        emit IRoundsEvents.SubmissionsClosed(taskId, 1, 2, 1);
        rounds.closeSubmissions(taskId);

        assertEq(beacon.requests(), 1);
        assertEq(view_().beaconId, 1);
        assertPhase(IRoundsTypes.Phase.SealDue);
    }

    function test_RevertWhen_ClosingTooSoonOrTwice() public {
        expectWrongPhase(IRoundsTypes.Phase.Idle, IRoundsTypes.Phase.CloseDue);
        rounds.closeSubmissions(taskId);
        open();
        submit(2);
        vm.warp(view_().submitEnd - 1);
        expectWrongPhase(IRoundsTypes.Phase.Submit, IRoundsTypes.Phase.CloseDue);
        rounds.closeSubmissions(taskId);
        close();
        expectWrongPhase(IRoundsTypes.Phase.SealDue, IRoundsTypes.Phase.CloseDue);
        rounds.closeSubmissions(taskId);
    }

    function test_SealingFixesTheTimetable() public {
        open();
        submit(3);
        close();
        skip(40);
        beacon.answer(BEACON);
        uint64 time = uint64(vm.getBlockTimestamp());

        expectFromRounds();
        emit IRoundsEvents.RoundSealed(taskId, 1, BEACON);
        rounds.seal(taskId);

        IRoundsLens.RoundView memory sealed_ = view_();
        assertEq(sealed_.beacon, BEACON);
        assertEq(sealed_.cohorts, 1);
        assertEq(sealed_.openEnd, time + 100);
        assertEq(sealed_.commitEnd, time + 200);
        assertEq(sealed_.revealEnd, time + 300);
        assertEq(sealed_.redrawCommitEnd, time + 400);
        assertEq(sealed_.redrawRevealEnd, time + 500);
        assertEq(sealed_.cohortVoteEnd, 0);
        assertPhase(IRoundsTypes.Phase.Open);
    }

    function test_RevertWhen_TheBeaconIsPending() public {
        open();
        submit(1);
        close();

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_BeaconPending.selector, 1));
        rounds.seal(taskId);
    }

    function test_RevertWhen_NothingIsToBeSealed() public {
        expectWrongPhase(IRoundsTypes.Phase.Idle, IRoundsTypes.Phase.SealDue);
        rounds.seal(taskId);
        openAndSeal(1);
        expectWrongPhase(IRoundsTypes.Phase.Open, IRoundsTypes.Phase.SealDue);
        rounds.seal(taskId);
    }

    function test_TheClockWalksThroughAllPhases() public {
        openAndSeal(3);
        uint256 time = view_().openEnd;
        IRoundsTypes.Phase[6] memory phases = [
            IRoundsTypes.Phase.Open,
            IRoundsTypes.Phase.Commit,
            IRoundsTypes.Phase.Reveal,
            IRoundsTypes.Phase.RedrawCommit,
            IRoundsTypes.Phase.RedrawReveal,
            IRoundsTypes.Phase.SettleDue
        ];
        for (uint256 i = 0; i < 5; ++i) {
            vm.warp(time - 1 + i * 100);
            assertPhase(phases[i]);
            vm.warp(time + i * 100);
            assertPhase(phases[i + 1]);
        }
    }

    // ---- Void rounds

    function test_ARoundWithoutSubmissionsIsVoidAndCostsNothing() public {
        uint256 before = tasks.fundsOf(taskId).available;
        open();
        vm.warp(view_().submitEnd);

        expectFromRounds();
        emit IRoundsEvents.RoundVoided(taskId, 1, IRoundsTypes.VoidReason.NoSubmissions);
        rounds.closeSubmissions(taskId);

        assertVoided(before);
        assertEq(beacon.requests(), 0);
    }

    function test_AnExpiredBeaconVoidsTheRoundAndIsNotDrawnAgain() public {
        uint256 before = tasks.fundsOf(taskId).available;
        open();
        submit(3);
        close();
        beacon.expire();

        expectFromRounds();
        emit IRoundsEvents.RoundVoided(taskId, 1, IRoundsTypes.VoidReason.BeaconExpired);
        rounds.seal(taskId);

        assertVoided(before);
        assertEq(beacon.requests(), 1);
        assertEq(lens.participantOf(taskId, contributors[0]).seen, 0);
        assertEq(lens.participantOf(taskId, contributors[0]).settledRound, 0);
    }

    function test_Attack56_ABeaconThatStaysSilentForADayVoidsTheRound() public {
        uint256 before = tasks.fundsOf(taskId).available;
        open();
        submit(3);
        skip(3 days);
        close();
        assertWaitsADay();

        expectFromRounds();
        emit IRoundsEvents.RoundVoided(taskId, 1, IRoundsTypes.VoidReason.BeaconSilent);
        rounds.seal(taskId);

        assertVoided(before);
        assertEq(lens.participantOf(taskId, contributors[0]).settledRound, 0);
        openAndSeal(3);
    }

    function test_Attack56_ABeaconThatRevertsIsSilent() public {
        uint256 before = tasks.fundsOf(taskId).available;
        open();
        submit(3);
        close();
        vm.mockCallRevert(address(beacon), abi.encodeWithSelector(IBeacon.read.selector), "out of order");
        assertWaitsADay();

        expectFromRounds();
        emit IRoundsEvents.RoundVoided(taskId, 1, IRoundsTypes.VoidReason.BeaconSilent);
        rounds.seal(taskId);

        assertVoided(before);
    }

    /// A value that comes late still seals the round, unless somebody voided it before.
    function test_ALateBeaconSealsTheRound() public {
        open();
        submit(3);
        close();
        skip(30 days);
        beacon.answer(BEACON);
        rounds.seal(taskId);

        assertEq(view_().beacon, BEACON);
    }

    /// The wait counts from the call that closed submissions.
    function assertWaitsADay() private {
        skip(1 days - 1);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_BeaconPending.selector, 1));
        rounds.seal(taskId);
        skip(1);
    }

    function test_AVoidRoundKeepsThePreviousBeacon() public {
        openAndSeal(2);
        bytes32 sealed_ = view_().beacon;
        toSettle(1);
        rounds.voidCohort(taskId, 0);
        finalize();
        voidRound();
        open();

        assertEq(view_().previousBeacon, sealed_);
        assertEq(view_().beacon, bytes32(0));
    }

    function test_ContributorsMaySubmitAgainAfterAVoidRound() public {
        voidRound();
        open();
        submit(3);

        assertEq(view_().submissions, 3);
        assertEq(lens.participantOf(taskId, contributors[2]).lastRound, 2);
    }

    // ---- With block hashes

    function test_BlockHashesSealARound() public {
        useBlockHashes();
        open();
        submit(3);
        close();
        uint256 height = vm.getBlockNumber();
        assertEq(view_().beaconId, height + 2);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_BeaconPending.selector, height + 2));
        rounds.seal(taskId);

        vm.roll(height + 3);
        vm.setBlockhash(height + 2, keccak256("hash of the block"));
        rounds.seal(taskId);

        assertPhase(IRoundsTypes.Phase.Open);
        assertNotEq(view_().beacon, bytes32(0));
    }

    function test_AForgottenBlockHashVoidsTheRound() public {
        useBlockHashes();
        open();
        submit(3);
        close();
        vm.roll(vm.getBlockNumber() + 300);

        expectFromRounds();
        emit IRoundsEvents.RoundVoided(taskId, 1, IRoundsTypes.VoidReason.BeaconExpired);
        rounds.seal(taskId);
    }

    // ---- Wiring

    function test_RevertWhen_APartOfTheDeploymentIsNotAContract() public {
        IBeacon noBeacon = IBeacon(accountOf("no beacon"));
        address[3] memory all = pieces();
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotAContract.selector, address(noBeacon)));
        newRoundsOf(tasks, registry, noBeacon, all, all);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotAContract.selector, owner));
        newRoundsOf(tasks, IStakeRegistry(owner), beacon, all, all);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotAContract.selector, owner));
        newRoundsOf(ITasks(owner), registry, beacon, all, all);
        for (uint256 i = 0; i < 3; ++i) {
            address[3] memory given = [all[0], all[1], all[2]];
            given[i] = owner;
            expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotAContract.selector, owner));
            roundsOf(given, given);
        }
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotAContract.selector, owner));
        newRoundsLens(ISlotReader(owner));
    }

    function test_RevertWhen_APieceHasOtherCode() public {
        address[3] memory all = pieces();
        for (uint256 i = 0; i < 3; ++i) {
            address[3] memory given = [all[0], all[1], all[2]];
            given[i] = all[(i + 1) % 3];
            expectWrongCode(given[i], given[i].codehash, all[i].codehash);
            roundsOf(given, all);
        }
    }

    function test_AnyoneCanCompareThePiecesWithTheSources() public {
        (ITasks itsTasks, IStakeRegistry itsRegistry, IBeacon itsBeacon, , , ) = rounds.wiring();
        address[3] memory all = pieces();

        string[3] memory names = ["RoundsExtension", "RoundsMembership", "RoundsCases"];
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(all[i].codehash, keccak256(vm.getDeployedCode(names[i])));
            assertEq(deployShipped(names[i], "").codehash, all[i].codehash);
        }
        assertEq(address(itsTasks), address(tasks));
        assertEq(address(itsRegistry), address(registry));
        assertEq(address(itsBeacon), address(beacon));
    }

    function test_StorageSlotsAreReadAsOfOneBlock() public {
        vm.warp(1_900_000_000);
        bytes32[] memory slots = new bytes32[](3);
        slots[0] = RoundsSlots.ofTask(RoundsSlots.BASE_MODELS, taskId);
        slots[1] = bytes32(type(uint256).max);
        slots[2] = slots[0];

        (uint256 time, bytes32[] memory values) = rounds.readSlots(slots);

        assertEq(time, 1_900_000_000);
        assertEq(values.length, 3);
        assertEq(values[0], keccak256("init.safetensors"));
        assertEq(values[1], 0);
        assertEq(values[2], values[0]);
        (, values) = rounds.readSlots(new bytes32[](0));
        assertEq(values.length, 0);
    }

    function test_RevertWhen_AnybodyButTasksRegistersOrAdmits() public {
        ITasks.TaskParams memory params = terms();
        bytes memory refusal = abi.encodeWithSelector(IRoundsErrors.Rounds_OnlyTasks.selector, owner, address(tasks));
        vm.startPrank(owner);
        expectError(refusal);
        rounds.registerTask(taskId, params);
        expectError(refusal);
        rounds.admitContributor(taskId, owner, 1);
        expectError(refusal);
        rounds.dismissContributor(taskId, owner, 0);
        expectError(refusal);
        rounds.admitValidator(taskId, owner, 1);
        expectError(refusal);
        rounds.dismissValidator(taskId, owner);
    }

    function test_APieceCalledDirectlyHasNothing() public {
        address[3] memory all = pieces();

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownTask.selector, taskId));
        IRounds(all[0]).openRound(taskId);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownTask.selector, taskId));
        IRounds(all[0]).collect(taskId);
        IRounds(all[1]).requireReleasable(taskId, owner);
        assertEq(IRounds(all[2]).beaconAt(taskId, 1), 0);
    }

    // ---- Helpers

    /// Extension, membership, cases.
    function pieces() private view returns (address[3] memory all) {
        (, , , all[0], all[1], all[2]) = rounds.wiring();
    }

    /// Rounds with these pieces, whose code is meant to be that of the `expected` ones.
    function roundsOf(address[3] memory given, address[3] memory expected) private {
        newRoundsOf(tasks, registry, beacon, given, expected);
    }

    function expectWrongCode(address piece, bytes32 codeHash, bytes32 expected) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_WrongCode.selector, piece, codeHash, expected));
    }

    function useBlockHashes() private {
        Deployment.setUp();
        useRounds(newBlockHashBeacon(2));
        taskId = createTaskAnew();
        (contributors, validators) = (new address[](0), new address[](0));
        enrol(3);
        join(7);
    }

    function createTaskAnew() private returns (uint64) {
        vm.prank(owner);
        money.approve(address(tasks), type(uint256).max);
        return createTask(terms());
    }

    function voidRound() private {
        open();
        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);
    }

    function assertVoided(uint256 available) private view {
        assertPhase(IRoundsTypes.Phase.Idle);
        assertEq(tasks.fundsOf(taskId).available, available);
        assertEq(tasks.fundsOf(taskId).reserved, 0);
        assertEq(view_().closedAt, vm.getBlockTimestamp());
        assertEq(view_().baseModelHash, keccak256("init.safetensors"));
        assertEq(lens.validatorOf(taskId, validators[0]).dutyTotal, 0);
    }

    function placed(address[] memory accounts) private pure returns (address[] memory places) {
        places = new address[](64);
        for (uint256 i = 0; i < accounts.length; ++i) places[i] = accounts[i];
    }

    function weightsOf(uint256 count, uint16 weight) private pure returns (uint16[] memory weights) {
        weights = new uint16[](64);
        for (uint256 i = 0; i < count; ++i) weights[i] = weight;
    }
}
