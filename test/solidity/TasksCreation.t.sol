// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StakeRegistry} from "../../contracts/StakeRegistry.sol";
import {Tasks} from "../../contracts/Tasks.sol";
import {IStakeRegistry} from "../../contracts/interfaces/IStakeRegistry.sol";
import {ITasks} from "../../contracts/interfaces/ITasks.sol";
import {Chain} from "./fixtures/Chain.sol";
import {PlainToken} from "./fixtures/Tokens.sol";
import {newStakeRegistry, newTasks} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

contract TasksCreationTest is Chain {
    PlainToken private money;
    address private owner = accountOf("task owner");
    address private nobody = accountOf("nobody");

    function setUp() public override {
        super.setUp();
        money = new PlainToken();
    }

    // ---- Deployment

    function test_KnowsWhatItWasDeployedWith() public view {
        assertEq(tasks.registry(), address(registry));
        assertEq(tasks.rounds(), address(rounds));
        assertEq(keccak256(abi.encode(tasks.timing())), keccak256(abi.encode(shortTiming())));
        assertEq(tasks.taskCount(), 0);
    }

    function test_Attack10_UnbondingMustOutlastTheLongestCase() public {
        ITasks.Timing memory timing = shortTiming();
        timing.marginSeconds = 90_000;

        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_UnbondingTooShort.selector, 100_000, 100_000));
        newTasks(registry, timing);

        timing.marginSeconds = 89_999;
        newTasks(registry, timing);
    }

    function test_RevertWhen_TimingIsOutOfBounds() public {
        refuseTiming(0, 7, "maxRoundSeconds", 8, 60 days);
        refuseTiming(0, 60 days + 1, "maxRoundSeconds", 8, 60 days);
        refuseTiming(1, 0, "maxChallengeSeconds", 1, 30 days);
        refuseTiming(1, 30 days + 1, "maxChallengeSeconds", 1, 30 days);
        refuseTiming(2, 0, "verdictSeconds", 1, 30 days);
        refuseTiming(2, 30 days + 1, "verdictSeconds", 1, 30 days);
        refuseTiming(3, 0, "executionSeconds", 1, 14 days);
        refuseTiming(3, 14 days + 1, "executionSeconds", 1, 14 days);
        refuseTiming(4, 1 days - 1, "marginSeconds", 1 days, 14 days);
        refuseTiming(4, 14 days + 1, "marginSeconds", 1 days, 14 days);
        refuseTiming(5, 0, "minPhaseSeconds", 1, 1 hours);
        refuseTiming(5, 1 hours + 1, "minPhaseSeconds", 1, 1 hours);
    }

    function test_TheLongestTimingFitsTheLongestUnbonding() public {
        StakeRegistry slow = newStakeRegistry(assay, 180 days);
        ITasks.Timing memory timing = ITasks.Timing(60 days, 30 days, 30 days, 14 days, 14 days, 1 hours);

        Tasks slowTasks = newTasks(slow, timing);

        assertEq(keccak256(abi.encode(slowTasks.timing())), keccak256(abi.encode(timing)));
    }

    function test_RevertWhen_TheRegistryHasNoCode() public {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_NotAContract.selector, nobody));
        newTasks(IStakeRegistry(nobody), shortTiming());
    }

    // ---- Wiring

    function test_Attack41_ConnectCannotBeFrontRun() public {
        Tasks other = newTasks(registry, shortTiming());

        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_OnlyDeployer.selector, nobody, address(this)));
        vm.prank(nobody);
        other.connect(address(rounds));

        vm.expectEmit(address(other));
        emit ITasks.Connected(address(rounds));
        other.connect(address(rounds));
    }

    function test_Attack41_NoTaskBeforeItIsConnected() public {
        Tasks other = newTasks(registry, shortTiming());
        ITasks.TaskParams memory params = taskParams(address(money));

        vm.expectRevert(ITasks.Tasks_NotConnected.selector);
        other.createTask(params);
    }

    function test_Attack42_ASecondConnectIsRefusedToEverybody() public {
        address other = contractAt("other rounds");

        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_AlreadyConnected.selector, address(rounds)));
        tasks.connect(other);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_OnlyDeployer.selector, address(rounds), address(this)));
        vm.prank(address(rounds));
        tasks.connect(other);
    }

    function test_RevertWhen_RoundsHasNoCode() public {
        Tasks other = newTasks(registry, shortTiming());

        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_NotAContract.selector, nobody));
        other.connect(nobody);

        vm.etch(nobody, abi.encodePacked(hex"ef0100", address(rounds)));
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_NotAContract.selector, nobody));
        other.connect(nobody);
    }

    // ---- A task

    function test_CreateTaskRemembersAllThatItWasGiven() public {
        ITasks.TaskParams memory params = taskParams(address(money));

        vm.expectEmit(address(tasks));
        emit ITasks.TaskCreated(1, owner, params.specHash, params);
        vm.prank(owner);
        assertEq(tasks.createTask(params), 1);

        assertEq(keccak256(abi.encode(tasks.paramsOf(1))), keccak256(abi.encode(params)));
        assertEq(rounds.registered(1), keccak256(abi.encode(params)));
        assertEq(tasks.ownerOf(1), owner);
        assertFalse(tasks.isClosed(1));
        assertEq(tasks.taskCount(), 1);
        assertEq(tasks.createTask(params), 2);
        assertEq(tasks.ownerOf(2), address(this));
    }

    function test_ATaskMayHaveNoProgram() public {
        ITasks.TaskParams memory params = taskParams(address(money));
        assertEq(tasks.paramsOf(tasks.createTask(params)).programRoot, keccak256("step.onnx"));

        params.programRoot = 0;
        assertEq(tasks.paramsOf(tasks.createTask(params)).programRoot, bytes32(0));
    }

    /// slots · ρ · ε · (priceCompute · C + 2 · priceData · D), and cohorts · 16 · k · 2 draws · 1.2 · priceValidation.
    function test_LargestRoundCostIsTheFormulas() public {
        uint64 taskId = tasks.createTask(taskParams(address(money)));

        uint256 work = (16 * (1e12 * 640 + 2 * 1e11 * 1_000) * 15 * 12) / 100;
        uint256 validation = (16 * 5 * 2 * 1e12 * 12) / 10;
        assertEq(tasks.largestRoundCost(taskId), work + validation);
    }

    function test_RevertWhen_TheTaskIsUnknown() public {
        tasks.createTask(taskParams(address(money)));

        expectUnknown(0);
        tasks.paramsOf(0);
        expectUnknown(2);
        tasks.paramsOf(2);
        expectUnknown(2);
        tasks.ownerOf(2);
        expectUnknown(2);
        tasks.isClosed(2);
        expectUnknown(2);
        tasks.fundsOf(2);
        expectUnknown(2);
        tasks.largestRoundCost(2);
        expectUnknown(2);
        tasks.fund(2, 1);
        expectUnknown(2);
        tasks.close(2);
        expectUnknown(2);
        tasks.refund(2);
        expectUnknown(2);
        tasks.enrol(2, keccak256("root"), 1);
        expectUnknown(2);
        tasks.joinValidators(2, 1, new bytes(32));
    }

    // ---- Bounds

    function test_RevertWhen_AHashIsZero() public {
        ITasks.TaskParams memory params = taskParams(address(money));
        params.specHash = 0;
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_ZeroHash.selector, "specHash"));
        tasks.createTask(params);

        params = taskParams(address(money));
        params.initialModelHash = 0;
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_ZeroHash.selector, "initialModelHash"));
        tasks.createTask(params);

        params = taskParams(address(money));
        params.poolRoot = 0;
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_ZeroHash.selector, "poolRoot"));
        tasks.createTask(params);
    }

    function test_RevertWhen_TheRewardTokenHasNoCode() public {
        ITasks.TaskParams memory params = taskParams(nobody);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_NotAContract.selector, nobody));
        tasks.createTask(params);

        params = taskParams(address(0));
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_NotAContract.selector, address(0)));
        tasks.createTask(params);
    }

    function test_BoundsOfTheWork() public {
        ITasks.TaskParams memory params = taskParams(address(money));
        params.computeUnitsPerRound = 0;
        refuse(params, "computeUnitsPerRound", 0, 1, type(uint32).max);

        params = taskParams(address(money));
        params.dataUnitsLimit = 0;
        refuse(params, "dataUnitsLimit", 0, 1, 1 << 24);
        params.dataUnitsLimit = (1 << 24) + 1;
        refuse(params, "dataUnitsLimit", (1 << 24) + 1, 1, 1 << 24);

        params = taskParams(address(money));
        params.stepsPerRound = 0;
        refuse(params, "stepsPerRound", 0, 1, 1_000_000);
        params.stepsPerRound = 1_000_001;
        refuse(params, "stepsPerRound", 1_000_001, 1, 1_000_000);
        params.stepsPerRound = 1_000_000;
        accept(params);

        params = taskParams(address(money));
        params.replayWindows = 0;
        refuse(params, "replayWindows", 0, 1, 6);
        params.replayWindows = 7;
        refuse(params, "replayWindows", 7, 1, 6);
    }

    function test_BoundsOfTheWindows() public {
        ITasks.TaskParams memory params = taskParams(address(money));
        params.windowsPerRound = 5;
        refuse(params, "windowsPerRound", 5, 6, type(uint16).max);
        params.windowsPerRound = 0;
        refuse(params, "windowsPerRound", 0, 6, type(uint16).max);
        params.windowsPerRound = 7;
        refuse(params, "stepsPerRound % windowsPerRound", 5, 0, 0);
        params.windowsPerRound = 80;
        refuse(params, "stepsPerRound % windowsPerRound", 40, 0, 0);
        params.windowsPerRound = 8;
        accept(params);
        params.windowsPerRound = 6;
        params.stepsPerRound = 6;
        accept(params);
    }

    function test_BoundsOfTheRound() public {
        ITasks.TaskParams memory params = taskParams(address(money));
        params.slots = 0;
        refuse(params, "slots", 0, 1, 2_048);
        params.slots = 2_049;
        refuse(params, "slots", 2_049, 1, 2_048);
        params.slots = 2_048;
        accept(params);

        params.committeeSize = 2;
        refuse(params, "committeeSize", 2, 3, 15);
        params.committeeSize = 16;
        refuse(params, "committeeSize", 16, 3, 15);
        params.committeeSize = 4;
        refuse(params, "committeeSize % 2", 0, 1, 1);
        params.committeeSize = 15;
        accept(params);

        params.minContributors = 0;
        refuse(params, "minContributors", 0, 1, 2_048);
        params.minContributors = 2_049;
        refuse(params, "minContributors", 2_049, 1, 2_048);

        params = taskParams(address(money));
        params.maxRounds = 0;
        refuse(params, "maxRounds", 0, 1, 1_000_000);
        params.maxRounds = 1_000_001;
        refuse(params, "maxRounds", 1_000_001, 1, 1_000_000);

        params = taskParams(address(money));
        params.earlyBonusBps = 9_999;
        refuse(params, "earlyBonusBps", 9_999, 10_000, 20_000);
        params.earlyBonusBps = 20_001;
        refuse(params, "earlyBonusBps", 20_001, 10_000, 20_000);
    }

    function test_BoundsOfThePhases() public {
        ITasks.TaskParams memory params = taskParams(address(money));
        params.submitSeconds = 4;
        refuse(params, "submitSeconds", 4, 5, 2_000);
        params.submitSeconds = type(uint32).max;
        refuse(params, "submitSeconds", type(uint32).max, 5, 2_000);

        params = taskParams(address(money));
        params.openSeconds = 4;
        refuse(params, "openSeconds", 4, 5, 2_000);
        params = taskParams(address(money));
        params.commitSeconds = 0;
        refuse(params, "commitSeconds", 0, 5, 2_000);
        params = taskParams(address(money));
        params.revealSeconds = 2_001;
        refuse(params, "revealSeconds", 2_001, 5, 2_000);
        params = taskParams(address(money));
        params.aggregateSeconds = 4;
        refuse(params, "aggregateSeconds", 4, 5, 2_000);

        // 300 + 100 + 2 · 100 + 2 · 100 + 2 · 100, to the limit of 2,000 and one past it.
        params = taskParams(address(money));
        params.submitSeconds = 1_300;
        accept(params);
        params.submitSeconds = 1_301;
        refuse(params, "roundSeconds", 2_001, 8, 2_000);
        params = taskParams(address(money));
        params.aggregateSeconds = 601;
        refuse(params, "roundSeconds", 2_002, 8, 2_000);
    }

    /// A phase shorter than a few blocks fines every drawn seat when one block is skipped.
    function test_Attack51_NoPhaseIsShorterThanTheDeploymentAllows() public {
        ITasks.TaskParams memory params = taskParams(address(money));
        (params.submitSeconds, params.openSeconds, params.commitSeconds) = (5, 5, 5);
        (params.revealSeconds, params.aggregateSeconds, params.challengeSeconds) = (5, 5, 5);
        accept(params);

        params.revealSeconds = 1;
        refuse(params, "revealSeconds", 1, 5, 2_000);
    }

    function test_BoundsOfTheChallengeWindow() public {
        ITasks.TaskParams memory params = taskParams(address(money));
        params.challengeSeconds = 0;
        refuse(params, "challengeSeconds", 0, 1, 2_000);

        // The deployment's limit.
        params.challengeSeconds = 2_001;
        refuse(params, "challengeSeconds", 2_001, 1, 2_000);
        params.challengeSeconds = 2_000;
        accept(params);

        // Four of the shortest full rounds: 4 · (200 + 50 + 50 + 50).
        (params.submitSeconds, params.openSeconds, params.commitSeconds, params.revealSeconds) = (200, 50, 50, 50);
        params.challengeSeconds = 1_401;
        refuse(params, "challengeSeconds", 1_401, 1, 1_400);
        params.challengeSeconds = 1_400;
        accept(params);

        // Seven rounds that are void after their submit phase.
        params.submitSeconds = 60;
        params.challengeSeconds = 421;
        refuse(params, "challengeSeconds", 421, 1, 420);
        params.challengeSeconds = 420;
        accept(params);
    }

    function test_BoundsOfTheStakes() public {
        ITasks.TaskParams memory params = taskParams(address(money));
        params.enrolmentFee = 1e15 - 1;
        refuse(params, "enrolmentFee", 1e15 - 1, 1e15, 1e27);
        params.enrolmentFee = 1e27 + 1;
        refuse(params, "enrolmentFee", 1e27 + 1, 1e15, 1e27);

        params = taskParams(address(money));
        params.contributorStake = 1e18 - 1;
        refuse(params, "contributorStake", 1e18 - 1, 1e18, 1e27);
        params.contributorStake = 1e27 + 1;
        refuse(params, "contributorStake", 1e27 + 1, 1e18, 1e27);

        params = taskParams(address(money));
        params.minValidatorStake = 1e18 - 1;
        refuse(params, "minValidatorStake", 1e18 - 1, 1e18, 1e27);
        params.minValidatorStake = 1e27 + 1;
        refuse(params, "minValidatorStake", 1e27 + 1, 1e18, 1e27);
    }

    function test_Attack20_PricesThatWouldWrapEarningsAreRefused() public {
        ITasks.TaskParams memory params = taskParams(address(money));
        (params.priceCompute, params.priceData, params.priceValidation) = (0, 0, 0);
        refuse(params, "largestRoundCost", 0, 1, type(uint80).max);

        // One slot, ε = 1, priceData 0: 1.5 · priceCompute, rounded up, is 2⁸⁰ − 1 at 2/3 of it and 2⁸⁰ + 1 one wei
        // later.
        (params.slots, params.earlyBonusBps, params.computeUnitsPerRound) = (1, 10_000, 1);
        params.priceCompute = uint96((uint256(type(uint80).max) * 2) / 3);
        accept(params);
        params.priceCompute += 1;
        refuse(params, "largestRoundCost", uint256(type(uint80).max) + 2, 1, type(uint80).max);

        params = taskParams(address(money));
        (params.slots, params.committeeSize, params.earlyBonusBps) = (2_048, 15, 20_000);
        (params.computeUnitsPerRound, params.dataUnitsLimit) = (type(uint32).max, 1 << 24);
        (params.priceCompute, params.priceData) = (type(uint96).max, type(uint96).max);
        params.priceValidation = type(uint96).max;
        uint256 work = 2_048 * uint256(type(uint96).max) * (3 * uint256(type(uint32).max) + 6 * (1 << 24));
        uint256 validation = (2_048 * 15 * 24 * uint256(type(uint96).max) + 9) / 10;
        refuse(params, "largestRoundCost", work + validation, 1, type(uint80).max);
    }

    /// Any parameters: a task is accepted with a bounded cost or refused with a named error, never with a panic.
    function testFuzz_AnyParametersAreAcceptedOrRefusedByName(ITasks.TaskParams memory params, uint8 tamed) public {
        params.rewardToken = address(money);
        if (tamed & 1 != 0) (params.priceCompute, params.priceData, params.priceValidation) = (1, 1, 1);
        if (tamed & 2 != 0) params.windowsPerRound = uint16(params.stepsPerRound % 1_000);
        if (tamed & 4 != 0) params.committeeSize = 3 + (params.committeeSize % 13);
        if (tamed & 8 != 0) params.replayWindows = 1 + (params.replayWindows % 6);

        try tasks.createTask(params) returns (uint64 taskId) {
            assertLe(tasks.largestRoundCost(taskId), type(uint80).max);
        } catch (bytes memory refusal) {
            bytes4 selector = bytes4(refusal);
            assertTrue(
                selector == ITasks.Tasks_OutOfBounds.selector || selector == ITasks.Tasks_ZeroHash.selector,
                "an unnamed refusal"
            );
        }
    }

    // ---- Helpers

    function accept(ITasks.TaskParams memory params) private {
        tasks.createTask(params);
    }

    function refuse(
        ITasks.TaskParams memory params,
        string memory parameter,
        uint256 value,
        uint256 minimum,
        uint256 maximum
    ) private {
        expectOutOfBounds(parameter, value, minimum, maximum);
        tasks.createTask(params);
    }

    function refuseTiming(
        uint256 field,
        uint32 value,
        string memory parameter,
        uint256 minimum,
        uint256 maximum
    ) private {
        ITasks.Timing memory timing = shortTiming();
        if (field == 0) timing.maxRoundSeconds = value;
        if (field == 1) timing.maxChallengeSeconds = value;
        if (field == 2) timing.verdictSeconds = value;
        if (field == 3) timing.executionSeconds = value;
        if (field == 4) timing.marginSeconds = value;
        if (field == 5) timing.minPhaseSeconds = value;
        expectOutOfBounds(parameter, value, minimum, maximum);
        newTasks(registry, timing);
    }

    function expectOutOfBounds(string memory parameter, uint256 value, uint256 minimum, uint256 maximum) private {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_OutOfBounds.selector, parameter, value, minimum, maximum));
    }

    function expectUnknown(uint64 taskId) private {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_UnknownTask.selector, taskId));
    }
}
