// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeRegistry} from "../../contracts/interfaces/IStakeRegistry.sol";
import {ITasks} from "../../contracts/interfaces/ITasks.sol";
import {Chain} from "./fixtures/Chain.sol";
import {RoundsDouble} from "./fixtures/RoundsDouble.sol";
import {PlainToken} from "./fixtures/Tokens.sol";
import {vm} from "./fixtures/Vm.sol";

/// Who takes part in a task: enrolling, joining, leaving.
contract TasksPeopleTest is Chain {
    bytes32 private constant ROOT = keccak256("sample root");
    bytes private key = abi.encodePacked(keccak256("a key"), keccak256("of 64 bytes"));

    address private owner = accountOf("task owner");
    address private alice;
    address private vera;
    uint64 private taskId;

    function setUp() public override {
        super.setUp();
        ITasks.TaskParams memory params = taskParams(address(new PlainToken()));
        vm.prank(owner);
        taskId = tasks.createTask(params);
        alice = staker("alice", 1_000 * ASSAY);
        vera = staker("vera", 1_000 * ASSAY);
    }

    // ---- Contributors

    function test_EnrolReservesStakeTakesTheFeeAndRemembersTheData() public {
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Reserved(alice, taskId, 100 * ASSAY);
        vm.expectEmit(address(registry));
        emit IStakeRegistry.FeeTaken(alice, taskId, ASSAY);
        vm.expectEmit(address(tasks));
        emit ITasks.Enrolled(taskId, alice, ROOT, 700);
        enrol(alice, 700);

        assertEq(registry.reservationOf(alice, taskId), 100 * ASSAY);
        assertEq(registry.positionOf(alice).active, 999 * ASSAY);
        assertEq(registry.slashedPot(), ASSAY);
        assertRole(alice, ITasks.Role.Contributor);
        assertEq(tasks.dataRootOf(taskId, alice), keccak256(abi.encode(ROOT, 700)));
        assertEq(tasks.encryptionKeyHashOf(taskId, alice), bytes32(0));
        assertEq(rounds.dataUnitsOf(taskId, alice), 700);
    }

    function test_DataBeyondTheLimitDoesNotCount() public {
        vm.expectEmit(address(tasks));
        emit ITasks.Enrolled(taskId, alice, ROOT, 1 << 24);
        enrol(alice, 1 << 24);
        enrol(vera, 1);

        assertEq(tasks.dataRootOf(taskId, alice), keccak256(abi.encode(ROOT, 1 << 24)));
        assertEq(rounds.dataUnitsOf(taskId, alice), 1_000);
        assertEq(rounds.dataUnitsOf(taskId, vera), 1);
    }

    function test_RevertWhen_ThereIsNoData() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_ZeroHash.selector, "sampleRoot"));
        tasks.enrol(taskId, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_OutOfBounds.selector, "dataUnits", 0, 1, 1 << 24));
        tasks.enrol(taskId, ROOT, 0);
    }

    function test_RevertWhen_ThereIsMoreDataThanCanBeDrawnFrom() public {
        uint32 tooMany = (1 << 24) + 1;
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_OutOfBounds.selector, "dataUnits", tooMany, 1, 1 << 24));
        tasks.enrol(taskId, ROOT, tooMany);
    }

    function test_RevertWhen_StakeDoesNotCoverReservationAndFee() public {
        address poor = staker("poor", 101 * ASSAY - 1);

        expectFreeStakeTooLow(101 * ASSAY, 101 * ASSAY - 1);
        vm.prank(poor);
        tasks.enrol(taskId, ROOT, 1);

        address justRich = staker("just rich enough", 101 * ASSAY);
        enrol(justRich, 1);
        assertEq(registry.freeStakeOf(justRich), 0);
    }

    function test_LeaveGivesTheReservationBack() public {
        enrol(alice, 1);

        vm.expectEmit(address(tasks));
        emit ITasks.Left(taskId, alice, ITasks.Role.Contributor, 100 * ASSAY);
        vm.prank(alice);
        tasks.leaveTask(taskId, 0);

        assertRole(alice, ITasks.Role.None);
        assertEq(tasks.dataRootOf(taskId, alice), bytes32(0));
        assertEq(rounds.dataUnitsOf(taskId, alice), 0);
        assertEq(registry.freeStakeOf(alice), 999 * ASSAY);
    }

    function test_RevertWhen_TheLastRoundIsNotFinal() public {
        enrol(alice, 1);
        rounds.hold(alice, true);

        expectNotYet(alice);
        vm.prank(alice);
        tasks.leaveTask(taskId, 0);
        assertRole(alice, ITasks.Role.Contributor);

        rounds.hold(alice, false);
        vm.prank(alice);
        tasks.leaveTask(taskId, 0);
    }

    function test_LeavingAndComingBackCostsAnotherFee() public {
        for (uint256 i = 1; i <= 3; ++i) {
            enrol(alice, 1);
            vm.prank(alice);
            tasks.leaveTask(taskId, 0);
            assertEq(registry.slashedPot(), i * ASSAY);
        }
    }

    // ---- Validators

    function test_JoinReservesStakeAndPublishesTheKey() public {
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Reserved(vera, taskId, 333 * ASSAY);
        vm.expectEmit(address(tasks));
        emit ITasks.ValidatorJoined(taskId, vera, 333 * ASSAY, key);
        join(vera, 333 * ASSAY);

        assertEq(registry.reservationOf(vera, taskId), 333 * ASSAY);
        assertEq(registry.slashedPot(), 0);
        assertRole(vera, ITasks.Role.Validator);
        assertEq(tasks.encryptionKeyHashOf(taskId, vera), keccak256(key));
        assertEq(tasks.dataRootOf(taskId, vera), bytes32(0));
        assertEq(rounds.stakeOf(taskId, vera), 333 * ASSAY);
    }

    function test_ValidatorsAddToTheirStake() public {
        join(vera, 200 * ASSAY);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.Reserved(vera, taskId, 50 * ASSAY);
        vm.expectEmit(address(tasks));
        emit ITasks.ValidatorStakeRaised(taskId, vera, 50 * ASSAY, 250 * ASSAY);
        vm.prank(vera);
        tasks.raiseValidatorStake(taskId, 50 * ASSAY);

        assertEq(registry.reservationOf(vera, taskId), 250 * ASSAY);
        assertEq(registry.positionOf(vera).reserved, 250 * ASSAY);
        assertEq(rounds.stakeOf(taskId, vera), 250 * ASSAY);
    }

    function test_RevertWhen_AddingToAStake() public {
        join(vera, 200 * ASSAY);
        vm.startPrank(vera);
        vm.expectRevert(ITasks.Tasks_ZeroAmount.selector);
        tasks.raiseValidatorStake(taskId, 0);
        expectFreeStakeTooLow(800 * ASSAY + 1, 800 * ASSAY);
        tasks.raiseValidatorStake(taskId, 800 * ASSAY + 1);
        vm.stopPrank();
        enrol(alice, 1);
        expectLacksRole(alice, ITasks.Role.Validator);
        vm.prank(alice);
        tasks.raiseValidatorStake(taskId, 1);

        vm.prank(owner);
        tasks.close(taskId);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_Closed.selector, taskId));
        vm.prank(vera);
        tasks.raiseValidatorStake(taskId, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_OnlyTasks.selector, address(this), address(tasks))
        );
        registry.reserveMore(vera, taskId, 1);
    }

    function test_RevertWhen_AValidatorBringsTooLittle() public {
        vm.startPrank(vera);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_StakeTooLow.selector, 200 * ASSAY - 1, 200 * ASSAY));
        tasks.joinValidators(taskId, 200 * ASSAY - 1, key);
        expectFreeStakeTooLow(1_000 * ASSAY + 1, 1_000 * ASSAY);
        tasks.joinValidators(taskId, 1_000 * ASSAY + 1, key);
        expectFreeStakeTooLow(type(uint256).max, 1_000 * ASSAY);
        tasks.joinValidators(taskId, type(uint256).max, key);
        tasks.joinValidators(taskId, 1_000 * ASSAY, key);
    }

    function test_RevertWhen_TheKeyHasAnImpossibleLength() public {
        vm.startPrank(vera);
        expectKeyLength(31);
        tasks.joinValidators(taskId, 200 * ASSAY, new bytes(31));
        expectKeyLength(0);
        tasks.joinValidators(taskId, 200 * ASSAY, "");
        expectKeyLength(2_049);
        tasks.joinValidators(taskId, 200 * ASSAY, new bytes(2_049));
        tasks.joinValidators(taskId, 200 * ASSAY, new bytes(2_048));
    }

    function test_LeavingValidatorsKeepTheirStakeReserved() public {
        join(vera, 200 * ASSAY);

        vm.expectEmit(address(tasks));
        emit ITasks.ValidatorLeaving(taskId, vera);
        vm.prank(vera);
        tasks.leaveValidators(taskId);

        assertEq(rounds.dismissals(taskId, vera), 1);
        assertEq(registry.reservationOf(vera, taskId), 200 * ASSAY);
        assertRole(vera, ITasks.Role.Validator);
    }

    function test_WhomNothingHoldsIsReleasedAsItLeaves() public {
        join(vera, 200 * ASSAY);
        rounds.releaseAtOnce(vera);

        vm.expectEmit(address(tasks));
        emit ITasks.ValidatorLeaving(taskId, vera);
        vm.expectEmit(address(tasks));
        emit ITasks.Left(taskId, vera, ITasks.Role.Validator, 200 * ASSAY);
        vm.prank(vera);
        tasks.leaveValidators(taskId);

        assertRole(vera, ITasks.Role.None);
        assertEq(registry.freeStakeOf(vera), 1_000 * ASSAY);
    }

    function test_AnyoneReleasesAValidatorWhomNoDrawHolds() public {
        join(vera, 200 * ASSAY);
        rounds.hold(vera, true);
        expectNotYet(vera);
        tasks.releaseValidator(taskId, vera);
        rounds.hold(vera, false);

        vm.expectEmit(address(tasks));
        emit ITasks.Left(taskId, vera, ITasks.Role.Validator, 200 * ASSAY);
        vm.prank(accountOf("anyone"));
        tasks.releaseValidator(taskId, vera);

        assertRole(vera, ITasks.Role.None);
        assertEq(tasks.encryptionKeyHashOf(taskId, vera), bytes32(0));
        assertEq(registry.freeStakeOf(vera), 1_000 * ASSAY);
    }

    function test_WhatWasSlashedIsNotReleased() public {
        join(vera, 200 * ASSAY);
        vm.prank(vera);
        registry.requestUnstake(800 * ASSAY);
        vm.prank(address(rounds));
        registry.slash(vera, taskId, 850 * ASSAY, "a reason", 0);

        vm.expectEmit(address(tasks));
        emit ITasks.Left(taskId, vera, ITasks.Role.Validator, 150 * ASSAY);
        tasks.releaseValidator(taskId, vera);
    }

    // ---- One address, one role

    function test_RevertWhen_TheAddressHasARoleAlready() public {
        enrol(alice, 1);
        join(vera, 200 * ASSAY);

        vm.startPrank(alice);
        expectHasRole(alice, ITasks.Role.Contributor);
        tasks.enrol(taskId, ROOT, 1);
        expectHasRole(alice, ITasks.Role.Contributor);
        tasks.joinValidators(taskId, 200 * ASSAY, key);
        vm.stopPrank();
        vm.startPrank(vera);
        expectHasRole(vera, ITasks.Role.Validator);
        tasks.enrol(taskId, ROOT, 1);
        expectHasRole(vera, ITasks.Role.Validator);
        tasks.joinValidators(taskId, 200 * ASSAY, key);
    }

    function test_ALeavingValidatorHasItsRoleUntilItIsReleased() public {
        join(vera, 200 * ASSAY);
        vm.startPrank(vera);
        tasks.leaveValidators(taskId);
        expectHasRole(vera, ITasks.Role.Validator);
        tasks.enrol(taskId, ROOT, 1);

        tasks.releaseValidator(taskId, vera);
        tasks.enrol(taskId, ROOT, 1);
        vm.stopPrank();
        assertRole(vera, ITasks.Role.Contributor);
    }

    // ---- What outlasts a role

    function test_LeavingKeepsTheDataRootAndTheKeyForCases() public {
        enrol(alice, 700);
        vm.prank(alice);
        tasks.leaveTask(taskId, 0);
        assertEq(tasks.dataRootOf(taskId, alice), 0);
        assertCommitments(alice, keccak256(abi.encode(ROOT, 700)), 0);

        join(vera, 200 * ASSAY);
        vm.prank(vera);
        tasks.leaveValidators(taskId);
        tasks.releaseValidator(taskId, vera);
        assertEq(tasks.encryptionKeyHashOf(taskId, vera), 0);
        assertCommitments(vera, keccak256(key), 0);
    }

    function test_WhoComesBackWithTheSameDataReplacesNothing() public {
        for (uint256 i = 0; i < 2; ++i) {
            enrol(alice, 700);
            vm.prank(alice);
            tasks.leaveTask(taskId, 0);
        }
        assertCommitments(alice, keccak256(abi.encode(ROOT, 700)), 0);
    }

    /// Each commitment that another one replaced can be proven, with the rounds that it counted in, in either role.
    function test_ReplacedCommitmentsStayProvable() public {
        bytes32 former = 0;
        bytes32 before = 0;
        for (uint256 i = 0; i < 3; ++i) {
            uint32 firstRound = rounds.nextRound() + 1;
            if (i != 0) {
                vm.expectEmit(address(tasks));
                emit ITasks.CommitmentReplaced(taskId, alice, before, firstRound);
                former = keccak256(abi.encode(former, before, firstRound));
            }
            // The same samples, and another number of them: another data root.
            enrol(alice, uint32(700 + i));
            before = keccak256(abi.encode(ROOT, 700 + i));
            assertCommitments(alice, before, former);
            vm.prank(alice);
            tasks.leaveTask(taskId, 0);
        }

        uint32 last = rounds.nextRound() + 1;
        join(alice, 200 * ASSAY);
        assertCommitments(alice, keccak256(key), keccak256(abi.encode(former, before, last)));
        assertEq(tasks.dataRootOf(taskId, alice), 0);
        assertEq(tasks.encryptionKeyHashOf(taskId, alice), keccak256(key));
    }

    function test_RolesOfTwoTasksAreTwoThings() public {
        uint64 other = tasks.createTask(tasks.paramsOf(taskId));
        enrol(alice, 1);

        vm.prank(alice);
        tasks.joinValidators(other, 200 * ASSAY, key);

        assertRole(alice, ITasks.Role.Contributor);
        assertTrue(tasks.roleOf(other, alice) == ITasks.Role.Validator);
        assertEq(registry.positionOf(alice).reserved, 300 * ASSAY);
    }

    function test_RevertWhen_TheRoleIsMissing() public {
        enrol(alice, 1);
        join(vera, 200 * ASSAY);

        vm.startPrank(vera);
        expectLacksRole(vera, ITasks.Role.Contributor);
        tasks.leaveTask(taskId, 0);
        vm.stopPrank();
        vm.startPrank(alice);
        expectLacksRole(alice, ITasks.Role.Validator);
        tasks.leaveValidators(taskId);
        expectLacksRole(alice, ITasks.Role.Validator);
        tasks.releaseValidator(taskId, alice);
        expectLacksRole(owner, ITasks.Role.Validator);
        tasks.releaseValidator(taskId, owner);
        vm.stopPrank();
        vm.startPrank(owner);
        expectLacksRole(owner, ITasks.Role.Contributor);
        tasks.leaveTask(taskId, 0);
        expectLacksRole(taskId + 1, owner, ITasks.Role.Contributor);
        tasks.leaveTask(taskId + 1, 0);
    }

    function test_EverybodyLeavesAClosedTask() public {
        enrol(alice, 1);
        join(vera, 200 * ASSAY);
        vm.prank(owner);
        tasks.close(taskId);

        vm.prank(alice);
        tasks.leaveTask(taskId, 0);
        vm.prank(vera);
        tasks.leaveValidators(taskId);
        tasks.releaseValidator(taskId, vera);

        assertEq(registry.positionOf(alice).reserved, 0);
        assertEq(registry.positionOf(vera).reserved, 0);
    }

    // ---- Helpers

    function enrol(address account, uint32 dataUnits) private {
        vm.prank(account);
        tasks.enrol(taskId, ROOT, dataUnits);
    }

    function join(address account, uint256 amount) private {
        vm.prank(account);
        tasks.joinValidators(taskId, amount, key);
    }

    function assertCommitments(address account, bytes32 latest, bytes32 former) private view {
        (bytes32 actual, bytes32 chain) = tasks.commitmentsOf(taskId, account);
        assertEq(actual, latest, "latest");
        assertEq(chain, former, "former");
    }

    function assertRole(address account, ITasks.Role role) private view {
        assertEq(uint256(tasks.roleOf(taskId, account)), uint256(role));
    }

    function expectHasRole(address account, ITasks.Role role) private {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_HasRole.selector, taskId, account, role));
    }

    function expectLacksRole(address account, ITasks.Role role) private {
        expectLacksRole(taskId, account, role);
    }

    function expectLacksRole(uint64 task, address account, ITasks.Role role) private {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_LacksRole.selector, task, account, role));
    }

    function expectNotYet(address account) private {
        vm.expectRevert(abi.encodeWithSelector(RoundsDouble.RoundsDouble_NotYet.selector, taskId, account));
    }

    function expectFreeStakeTooLow(uint256 requested, uint256 free) private {
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, requested, free));
    }

    function expectKeyLength(uint256 length) private {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_EncryptionKeyLength.selector, length, 32, 2_048));
    }
}
