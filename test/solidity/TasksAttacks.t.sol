// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Tasks} from "../../contracts/Tasks.sol";
import {IStakeRegistry} from "../../contracts/interfaces/IStakeRegistry.sol";
import {ITasks} from "../../contracts/interfaces/ITasks.sol";
import {Chain} from "./fixtures/Chain.sol";
import {PlainToken} from "./fixtures/Tokens.sol";
import {newTasks} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

/// Attacks that happened to other escrows and registries of tasks, by their numbers in our list. Those about tokens are beside the tokens,
/// those about wiring and bounds beside the creation.
contract TasksAttacksTest is Chain {
    bytes32 private constant ROOT = keccak256("data root");

    PlainToken private money;
    address private owner = accountOf("task owner");
    address private alice;
    address private bob;
    uint64 private taskId;
    uint256 private cost;

    function setUp() public override {
        super.setUp();
        money = new PlainToken();
        money.mint(owner, 1e24);
        ITasks.TaskParams memory params = taskParams(address(money));
        vm.startPrank(owner);
        money.approve(address(tasks), type(uint256).max);
        taskId = tasks.createTask(params);
        vm.stopPrank();
        cost = tasks.largestRoundCost(taskId);
        alice = staker("alice", 500 * ASSAY);
        bob = staker("bob", 500 * ASSAY);
    }

    function test_Attack02_ATaskIsNeverCreatedOverAnother() public {
        bytes32 before = keccak256(abi.encode(tasks.paramsOf(taskId)));
        ITasks.TaskParams memory params = taskParams(address(money));
        params.enrolmentFee = 2e18;

        vm.prank(alice);
        uint64 other = tasks.createTask(params);

        assertEq(other, taskId + 1);
        assertEq(keccak256(abi.encode(tasks.paramsOf(taskId))), before);
        assertEq(tasks.ownerOf(taskId), owner);
    }

    function test_Attack03_NobodyEnrolsOrLeavesForAnother() public {
        vm.prank(alice);
        tasks.enrol(taskId, ROOT, 1);

        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_LacksRole.selector, taskId, bob, ITasks.Role.Contributor));
        tasks.leaveTask(taskId, 0);
        tasks.enrol(taskId, ROOT, 1);
        vm.stopPrank();

        assertTrue(tasks.roleOf(taskId, alice) == ITasks.Role.Contributor);
        assertEq(registry.reservationOf(alice, taskId), 100 * ASSAY);
        assertEq(registry.reservationOf(bob, taskId), 100 * ASSAY);
    }

    function test_Attack09_StakeThatBacksATaskCannotBeginToLeave() public {
        vm.startPrank(alice);
        tasks.joinValidators(taskId, 500 * ASSAY, new bytes(32));
        tasks.leaveValidators(taskId);
        rounds.hold(alice, true);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 1, 0));
        registry.requestUnstake(1);
        vm.stopPrank();
        vm.prank(address(rounds));
        (uint256 taken, ) = registry.slash(alice, taskId, 500 * ASSAY, "a reason", 0);
        assertEq(taken, 500 * ASSAY);
    }

    /// A slash that comes at the last second of the longest case finds stake that asked to leave when its round opened.
    function test_Attack10_StakeOutlivesTheLongestCase() public {
        ITasks.Timing memory timing = tasks.timing();
        vm.prank(alice);
        registry.requestUnstake(500 * ASSAY);

        skip(
            uint256(timing.maxRoundSeconds) +
                timing.maxChallengeSeconds +
                timing.verdictSeconds +
                timing.executionSeconds +
                timing.marginSeconds
        );

        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_StillUnbonding.selector, block.timestamp + 1)
        );
        registry.withdraw();
        vm.prank(address(rounds));
        (uint256 taken, ) = registry.slash(alice, taskId, 500 * ASSAY, "a reason", 0);
        assertEq(taken, 500 * ASSAY);
    }

    function test_Attack19_WhoWasSlashedToNothingCanStillLeaveAndBeReplaced() public {
        vm.prank(alice);
        tasks.enrol(taskId, ROOT, 1);
        vm.prank(bob);
        tasks.joinValidators(taskId, 500 * ASSAY, new bytes(32));
        vm.startPrank(address(rounds));
        registry.slash(alice, taskId, type(uint256).max, "a reason", 0);
        registry.slash(bob, taskId, type(uint256).max, "a reason", 0);
        vm.stopPrank();

        vm.expectEmit(address(tasks));
        emit ITasks.Left(taskId, alice, ITasks.Role.Contributor, 0);
        vm.prank(alice);
        tasks.leaveTask(taskId, 0);
        tasks.releaseValidator(taskId, bob);

        assertEq(registry.positionOf(alice).reserved, 0);
        assertEq(registry.positionOf(bob).reserved, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 101 * ASSAY, 0));
        vm.prank(alice);
        tasks.enrol(taskId, ROOT, 1);
    }

    function test_Attack38_EnrollingFundingAndPayingCostTheSameAmongMany() public {
        vm.prank(owner);
        tasks.fund(taskId, 1);
        gasOfALife("one that warms up what all share");
        uint256 amongFew = gasOfALife("one of the first");
        for (uint256 i = 0; i < 100; ++i) {
            address account = staker(vm.toString(i), 101 * ASSAY);
            vm.prank(account);
            tasks.enrol(taskId, ROOT, 1);
            vm.prank(owner);
            tasks.fund(taskId, 1);
        }

        assertApproxEqAbs(gasOfALife("the hundred and third"), amongFew, 200);
    }

    function test_Attack43_NobodyChangesATask() public {
        ITasks.Funds memory before = tasks.fundsOf(taskId);
        string[12] memory calls = [
            "setParams(uint64,uint256)",
            "setOwner(uint64,address)",
            "transferOwnership(address)",
            "setRounds(address)",
            "setRegistry(address)",
            "pause()",
            "upgradeTo(address)",
            "upgradeToAndCall(address,bytes)",
            "initialize()",
            "grantRole(bytes32,address)",
            "sweep(address)",
            "setUnbondingSeconds(uint256)"
        ];
        address[3] memory contracts = [address(tasks), address(registry), address(assay)];
        for (uint256 i = 0; i < calls.length; ++i) {
            for (uint256 j = 0; j < contracts.length; ++j) {
                // solhint-disable-next-line avoid-low-level-calls
                (bool done, ) = contracts[j].call(abi.encodeWithSignature(calls[i], address(this), 1));
                assertFalse(done, calls[i]);
            }
        }
        assertEq(keccak256(abi.encode(tasks.fundsOf(taskId))), keccak256(abi.encode(before)));
    }

    function test_Attack45_AContractKnowsItsPartnersByAddressNotByOrder() public {
        // The same deployment again, as after a reorganisation: nothing of one moves anything of the other.
        Tasks other = newTasks(registry, shortTiming());
        other.connect(address(rounds));
        vm.prank(owner);
        tasks.fund(taskId, cost);

        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_OnlyTasks.selector, address(other), address(tasks))
        );
        vm.prank(address(other));
        registry.reserve(alice, taskId, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_UnknownTask.selector, taskId));
        other.fundsOf(taskId);
    }

    function gasOfALife(string memory name) private returns (uint256) {
        address account = staker(name, 101 * ASSAY);
        money.mint(account, 1);
        uint256 gasBefore = gasleft();
        vm.startPrank(account);
        tasks.enrol(taskId, ROOT, 1);
        tasks.leaveTask(taskId, 0);
        vm.stopPrank();
        vm.prank(owner);
        tasks.fund(taskId, cost);
        rounds.reserveRound(taskId);
        rounds.payOut(taskId, account, cost);
        return gasBefore - gasleft();
    }
}
