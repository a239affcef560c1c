// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {StakeRegistry} from "../../contracts/StakeRegistry.sol";
import {IAssayToken} from "../../contracts/interfaces/IAssayToken.sol";
import {IStakeRegistry} from "../../contracts/interfaces/IStakeRegistry.sol";
import {Stakes} from "./fixtures/Stakes.sol";
import {newStakeRegistry} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

contract StakeRegistryTest is Stakes {
    bytes32 private constant PERMIT_TYPE = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    // ---- Deployment

    function test_KnowsWhatItWasDeployedWith() public view {
        assertEq(registry.token(), address(assay));
        assertEq(registry.unbondingSeconds(), UNBONDING_SECONDS);
        assertEq(registry.tasks(), tasks);
        assertEq(registry.rounds(), rounds);
        assertEq(registry.court(), court);
        assertEq(registry.slashedPot(), 0);
        assertEq(registry.rewardPot(), 0);
        assertEq(registry.MAX_REWARD_BPS(), 4_000);
    }

    function test_RevertWhen_UnbondingIsOutOfBounds() public {
        newStakeRegistry(assay, 1 minutes);
        newStakeRegistry(assay, 180 days);

        expectUnbondingOutOfBounds(1 minutes - 1);
        newStakeRegistry(assay, 1 minutes - 1);
        expectUnbondingOutOfBounds(180 days + 1);
        newStakeRegistry(assay, 180 days + 1);
        expectUnbondingOutOfBounds(type(uint256).max);
        newStakeRegistry(assay, type(uint256).max);
    }

    function test_RevertWhen_TheTokenHasNoCode() public {
        address nobody = accountOf("nobody");
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_NotAContract.selector, nobody));
        newStakeRegistry(IAssayToken(nobody), UNBONDING_SECONDS);
    }

    // ---- Staking

    function test_StakeMovesTokensIntoTheCallersPosition() public {
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Staked(alice, 250, 1_250);
        vm.prank(alice);
        registry.stake(250);

        assertPosition(alice, 1_250, 0, 0, 0);
        assertEq(assay.balanceOf(alice), 750);
        assertEq(assay.balanceOf(address(registry)), 2_250);
    }

    function test_StakeLeavesWhatIsUnbondingAlone() public {
        requestUnstake(alice, 400);
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;
        skip(77);

        vm.prank(alice);
        registry.stake(5);

        assertPosition(alice, 605, 400, availableAt, 0);
    }

    function test_RevertWhen_NothingIsStaked() public {
        vm.expectRevert(IStakeRegistry.StakeRegistry_ZeroAmount.selector);
        vm.prank(alice);
        registry.stake(0);
    }

    function test_StakeWithPermitNeedsNoApproval() public {
        address carol = accountOf("carol");
        assay.transfer(carol, 30);
        (uint8 v, bytes32 r, bytes32 s) = signPermit("carol", 30, block.timestamp);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.Staked(carol, 30, 30);
        vm.prank(carol);
        registry.stakeWithPermit(30, block.timestamp, v, r, s);

        assertPosition(carol, 30, 0, 0, 0);
        assertEq(assay.allowance(carol, address(registry)), 0);
    }

    function test_StakeWithPermitThatSomebodyUsedFirst() public {
        address carol = accountOf("carol");
        assay.transfer(carol, 30);
        (uint8 v, bytes32 r, bytes32 s) = signPermit("carol", 30, block.timestamp);
        vm.prank(bob);
        assay.permit(carol, address(registry), 30, block.timestamp, v, r, s);

        vm.prank(carol);
        registry.stakeWithPermit(30, block.timestamp, v, r, s);

        assertPosition(carol, 30, 0, 0, 0);
    }

    function test_RevertWhen_ThePermitIsSomebodyElses() public {
        address carol = accountOf("carol");
        assay.transfer(carol, 30);
        vm.prank(carol);
        assay.approve(address(registry), 29);
        (uint8 v, bytes32 r, bytes32 s) = signPermit("dave", 30, block.timestamp);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_PermitRefused.selector, 29, 30));
        vm.prank(carol);
        registry.stakeWithPermit(30, block.timestamp, v, r, s);
    }

    // ---- Leaving

    function test_RequestUnstakeStartsTheClock() public {
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;

        vm.expectEmit(address(registry));
        emit IStakeRegistry.UnstakeRequested(alice, 999, availableAt);
        requestUnstake(alice, 999);

        assertPosition(alice, 1, 999, availableAt, 0);
    }

    function test_RevertWhen_MoreIsAskedBackThanIsFree() public {
        reserve(alice, TASK, 300, 0);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 701, 700));
        vm.prank(alice);
        registry.requestUnstake(701);

        requestUnstake(alice, 700);
        assertPosition(alice, 300, 700, block.timestamp + UNBONDING_SECONDS, 300);
    }

    function test_RevertWhen_NothingIsAskedBack() public {
        vm.expectRevert(IStakeRegistry.StakeRegistry_ZeroAmount.selector);
        vm.prank(alice);
        registry.requestUnstake(0);
    }

    function test_RevertWhen_ARequestIsOpenAlready() public {
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;
        requestUnstake(alice, 10);
        skip(500);

        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_AlreadyUnbonding.selector, 10, availableAt)
        );
        vm.prank(alice);
        registry.requestUnstake(1);
    }

    function test_CancelMakesItActiveAgain() public {
        requestUnstake(alice, 400);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.UnstakeCancelled(alice, 400);
        vm.prank(alice);
        registry.cancelUnstake();

        assertPosition(alice, 1_000, 0, 0, 0);
    }

    function test_RevertWhen_ThereIsNothingToCancelOrWithdraw() public {
        vm.startPrank(alice);
        vm.expectRevert(IStakeRegistry.StakeRegistry_NothingUnbonding.selector);
        registry.cancelUnstake();
        vm.expectRevert(IStakeRegistry.StakeRegistry_NothingUnbonding.selector);
        registry.withdraw();
    }

    function test_RevertWhen_StakeIsStillUnbonding() public {
        requestUnstake(alice, 400);
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;
        skip(UNBONDING_SECONDS - 1);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_StillUnbonding.selector, availableAt));
        vm.prank(alice);
        registry.withdraw();
    }

    function test_WithdrawPaysAtTheSecondPromised() public {
        requestUnstake(alice, 400);
        skip(UNBONDING_SECONDS);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.Withdrawn(alice, 400);
        assertEq(withdraw(alice), 400);

        assertEq(assay.balanceOf(alice), 1_400);
        assertPosition(alice, 600, 0, 0, 0);
    }

    function test_WithdrawOfEverythingLeavesNothing() public {
        requestUnstake(alice, 1_000);
        skip(UNBONDING_SECONDS);
        withdraw(alice);

        assertEq(assay.balanceOf(alice), 2_000);
        assertPosition(alice, 0, 0, 0, 0);
    }

    // ---- Reservations

    function test_ReserveHoldsStakeAndTakesTheFee() public {
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Reserved(alice, TASK, 600);
        vm.expectEmit(address(registry));
        emit IStakeRegistry.FeeTaken(alice, TASK, 100);
        reserve(alice, TASK, 600, 100);

        assertPosition(alice, 900, 0, 0, 600);
        assertEq(registry.reservationOf(alice, TASK), 600);
        assertEq(registry.reservationOf(alice, OTHER_TASK), 0);
        assertEq(registry.slashedPot(), 100);
    }

    function test_AFeeIsToldOnlyIfThereIsOne() public {
        vm.recordLogs();
        reserve(alice, TASK, 600, 0);
        assertEq(vm.getRecordedLogs().length, 1, "without a fee");

        vm.expectEmit(address(registry));
        emit IStakeRegistry.FeeTaken(alice, OTHER_TASK, 1);
        reserve(alice, OTHER_TASK, 100, 1);
    }

    function test_ALargerReservationIsTold() public {
        reserve(alice, TASK, 600, 0);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.Reserved(alice, TASK, 150);
        vm.prank(tasks);
        assertEq(registry.reserveMore(alice, TASK, 150), 750);
    }

    function test_OneStakeCannotBackTwoTasks() public {
        reserve(alice, TASK, 600, 0);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 401, 400));
        vm.prank(tasks);
        registry.reserve(alice, OTHER_TASK, 401, 0);

        reserve(alice, OTHER_TASK, 400, 0);
        assertPosition(alice, 1_000, 0, 0, 1_000);
    }

    function test_RevertWhen_TheFeeFindsNoFreeStake() public {
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 1_001, 1_000));
        vm.prank(tasks);
        registry.reserve(alice, TASK, 990, 11);
    }

    function test_UnbondingStakeBacksNothing() public {
        requestUnstake(alice, 900);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 101, 100));
        vm.prank(tasks);
        registry.reserve(alice, TASK, 101, 0);
    }

    function test_RevertWhen_TheTaskHoldsAReservationAlready() public {
        reserve(alice, TASK, 600, 0);

        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_AlreadyReserved.selector, alice, TASK, 600)
        );
        vm.prank(tasks);
        registry.reserve(alice, TASK, 1, 0);
    }

    function test_ReleaseFreesTheReservation() public {
        reserve(alice, TASK, 600, 0);
        reserve(alice, OTHER_TASK, 100, 0);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.Released(alice, TASK, 600);
        assertEq(release(alice, TASK), 600);

        assertPosition(alice, 1_000, 0, 0, 100);
        assertEq(registry.reservationOf(alice, TASK), 0);
        assertEq(release(alice, TASK), 0);
        reserve(alice, TASK, 900, 0);
    }

    function test_RevertWhen_SomebodyElseReserves() public {
        for (uint256 i = 0; i < 2; ++i) {
            address other = i == 0 ? rounds : court;
            bytes memory refusal = abi.encodeWithSelector(
                IStakeRegistry.StakeRegistry_OnlyTasks.selector,
                other,
                tasks
            );
            vm.startPrank(other);
            vm.expectRevert(refusal);
            registry.reserve(alice, TASK, 1, 0);
            vm.expectRevert(refusal);
            registry.reserveMore(alice, JUROR - 1, 1);
            vm.expectRevert(refusal);
            registry.release(alice, TASK);
            vm.stopPrank();
        }
    }

    // ---- Slashing

    function test_SlashTakesUnbondingThenFreeThenReservedStake() public {
        requestUnstake(alice, 300);
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;
        reserve(alice, TASK, 500, 0);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(alice, TASK, 200, 200, 0, REASON);
        assertEq(slash(alice, TASK, 200), 200);
        assertPosition(alice, 700, 100, availableAt, 500);

        slash(alice, TASK, 250);
        assertPosition(alice, 550, 0, 0, 500);

        slash(alice, TASK, 150);
        assertPosition(alice, 450 - 50, 0, 0, 400);
        assertEq(registry.reservationOf(alice, TASK), 400);
        assertEq(registry.slashedPot(), 600);
    }

    function test_SlashOfOneWeiShrinksTheReservation() public {
        reserve(alice, TASK, 1_000, 0);

        assertEq(slash(alice, TASK, 1), 1);
        assertPosition(alice, 999, 0, 0, 999);
        assertEq(registry.reservationOf(alice, TASK), 999);
    }

    function test_SlashTakesWhatIsThere() public {
        requestUnstake(alice, 300);
        reserve(alice, TASK, 500, 0);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(alice, TASK, 1_001, 1_000, 0, REASON);
        assertEq(slash(alice, TASK, 1_001), 1_000);

        assertPosition(alice, 0, 0, 0, 0);
        assertEq(registry.reservationOf(alice, TASK), 0);
        assertEq(slash(alice, TASK, type(uint256).max), 0);
    }

    function test_SlashForOneTaskLeavesReservationsOfAnother() public {
        reserve(alice, TASK, 200, 0);
        reserve(alice, OTHER_TASK, 700, 0);

        slash(alice, TASK, 500);

        // 100 were free and 200 reserved for the task. The other 200 came from stake that still counts as reserved.
        assertPosition(alice, 500, 0, 0, 700);
        assertEq(registry.reservationOf(alice, TASK), 0);
        assertEq(registry.reservationOf(alice, OTHER_TASK), 700);

        vm.prank(alice);
        registry.stake(300);
        assertEq(registry.freeStakeOf(alice), 100);
        assertEq(release(alice, OTHER_TASK), 700);
        assertPosition(alice, 800, 0, 0, 0);
    }

    function test_RevertWhen_SomebodyElseSlashes() public {
        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_OnlySlashers.selector, tasks, rounds, court)
        );
        vm.prank(tasks);
        registry.slash(alice, TASK, 1, REASON, 0);
    }

    // ---- Burning

    function test_AnyoneBurnsThePot() public {
        reserve(alice, TASK, 100, 40);
        slash(bob, TASK, 60);
        uint256 supply = assay.totalSupply();

        vm.expectEmit(address(registry));
        emit IStakeRegistry.SlashedBurnt(100);
        vm.prank(accountOf("nobody"));
        assertEq(registry.burnSlashed(), 100);

        assertEq(registry.slashedPot(), 0);
        assertEq(assay.totalSupply(), supply - 100);
        assertEq(assay.balanceOf(address(registry)), 1_900);
        vm.expectRevert(IStakeRegistry.StakeRegistry_NothingSlashed.selector);
        registry.burnSlashed();
    }

    // ---- Properties

    /// Any position: a slash takes min(penalty, slashable), and the parts still add up.
    function testFuzz_SlashTakesTheMinimum(uint256 unbonding, uint256 reserved, uint256 other, uint256 penalty) public {
        unbonding = bound(unbonding, 0, 1_000);
        reserved = bound(reserved, 0, 1_000 - unbonding);
        other = bound(other, 0, 1_000 - unbonding - reserved);
        if (penalty % 2 == 0) penalty = bound(penalty, 0, 1_001);
        if (unbonding != 0) requestUnstake(alice, unbonding);
        reserve(alice, TASK, reserved, 0);
        reserve(alice, OTHER_TASK, other, 0);

        uint256 taken = slash(alice, TASK, penalty);

        IStakeRegistry.Position memory position = registry.positionOf(alice);
        assertEq(taken, penalty < 1_000 ? penalty : 1_000);
        assertEq(uint256(position.active) + position.unbonding, 1_000 - taken);
        assertEq(position.reserved, registry.reservationOf(alice, TASK) + other);
        assertEq(registry.reservationOf(alice, OTHER_TASK), other);
        assertEq(registry.slashedPot(), taken);
        // The reservation shrinks by exactly what unbonding and free stake didn't cover.
        uint256 cushion = 1_000 - reserved - other;
        uint256 beyond = taken > cushion ? taken - cushion : 0;
        assertEq(registry.reservationOf(alice, TASK), reserved > beyond ? reserved - beyond : 0);
    }

    /// Amounts that fill their fields do not overlap.
    function testFuzz_PartsOfThePackedWordStayApart(uint256 amount, uint256 part, uint256 delay) public {
        amount = bound(amount, 1, assay.balanceOf(address(this)));
        part = bound(part, 1, amount);
        delay = bound(delay, 1 minutes, 180 days);
        StakeRegistry other = newStakeRegistry(assay, delay);
        assay.approve(address(other), amount);
        other.stake(amount);
        other.requestUnstake(part);

        IStakeRegistry.Position memory position = other.positionOf(address(this));
        assertEq(position.active, amount - part);
        assertEq(position.unbonding, part);
        assertEq(position.availableAt, block.timestamp + delay);

        skip(delay);
        assertEq(other.withdraw(), part);
    }

    function test_Attack20_AmountsBeyondTheWordAreRefusedNotWrapped() public {
        uint256 tooMuch = uint256(type(uint96).max) + 1 - 1_000;
        vm.expectRevert(
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, uint8(96), tooMuch + 1_000)
        );
        vm.prank(alice);
        registry.stake(tooMuch);

        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        vm.prank(alice);
        registry.stake(type(uint256).max);

        assertPosition(alice, 1_000, 0, 0, 0);
    }

    function expectUnbondingOutOfBounds(uint256 unbondingSeconds) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeRegistry.StakeRegistry_UnbondingOutOfBounds.selector,
                unbondingSeconds,
                uint256(1 minutes),
                uint256(180 days)
            )
        );
    }

    function signPermit(
        string memory owner,
        uint256 value,
        uint256 deadline
    ) private returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 permit = keccak256(
            abi.encode(PERMIT_TYPE, accountOf(owner), address(registry), value, uint256(0), deadline)
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", assay.DOMAIN_SEPARATOR(), permit));
        return vm.sign(keyOf(owner), digest);
    }
}
