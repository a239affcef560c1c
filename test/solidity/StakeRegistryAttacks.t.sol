// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {StakeRegistry} from "../../contracts/StakeRegistry.sol";
import {IStakeRegistry} from "../../contracts/interfaces/IStakeRegistry.sol";
import {Stakes} from "./fixtures/Stakes.sol";
import {newStakeRegistry} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

/// Attacks that happened to other staking contracts, by their numbers in docs/attacks.md.
contract StakeRegistryAttacksTest is Stakes {
    // ---- Unbonding

    function test_Attack01_TheClockOfAnUnbondingCannotWrap() public {
        vm.warp(type(uint40).max - UNBONDING_SECONDS);
        requestUnstake(alice, 10);
        assertPosition(alice, 990, 10, type(uint40).max, 0);

        vm.warp(type(uint40).max - UNBONDING_SECONDS + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                SafeCast.SafeCastOverflowedUintDowncast.selector,
                uint8(40),
                uint256(type(uint40).max) + 1
            )
        );
        vm.prank(bob);
        registry.requestUnstake(10);
    }

    function test_Attack01_TheLongestUnbondingLastsAsLongAsItSays() public {
        StakeRegistry slow = newStakeRegistry(assay, 180 days);
        assay.approve(address(slow), 5);
        slow.stake(5);
        slow.requestUnstake(5);
        uint256 availableAt = block.timestamp + 180 days;

        vm.warp(availableAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_StillUnbonding.selector, availableAt));
        slow.withdraw();
    }

    function test_Attack02_APositionIsNeverCreatedAnew() public {
        reserve(alice, TASK, 600, 0);
        requestUnstake(alice, 100);
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;

        vm.prank(alice);
        registry.stake(1);

        assertPosition(alice, 901, 100, availableAt, 600);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_AlreadyReserved.selector, alice, TASK, 600)
        );
        vm.prank(tasks);
        registry.reserve(alice, TASK, 0, 0);
    }

    function test_Attack03_NobodyElseTouchesAPosition() public {
        requestUnstake(alice, 400);
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;
        bytes32 digest = keccak256("anything alice signed");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), digest);

        vm.startPrank(bob);
        registry.stake(100);
        assay.transfer(address(registry), 100);
        registry.requestUnstake(1);
        registry.cancelUnstake();
        vm.expectRevert(IStakeRegistry.StakeRegistry_NothingUnbonding.selector);
        registry.withdraw();
        registry.stakeWithPermit(1, block.timestamp, v, r, s);
        vm.stopPrank();

        assertPosition(alice, 600, 400, availableAt, 0);
        assertPosition(bob, 1_101, 0, 0, 0);
    }

    function test_Attack04_UnbondingAndReservationsDoNotShareABook() public {
        requestUnstake(alice, 300);
        reserve(alice, TASK, 500, 0);
        reserve(bob, TASK, 700, 0);
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;

        release(bob, TASK);

        assertPosition(alice, 700, 300, availableAt, 500);
        release(alice, TASK);
        assertPosition(alice, 700, 300, availableAt, 0);
    }

    function test_Attack05_NothingResetsARunningClock() public {
        requestUnstake(alice, 300);
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;

        skip(UNBONDING_SECONDS / 2);
        vm.startPrank(alice);
        registry.stake(10);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_AlreadyUnbonding.selector, 300, availableAt)
        );
        registry.requestUnstake(10);
        vm.stopPrank();
        reserve(alice, TASK, 100, 0);
        release(alice, TASK);
        slash(alice, TASK, 50);

        assertPosition(alice, 710, 250, availableAt, 0);
        vm.warp(availableAt);
        assertEq(withdraw(alice), 250);
    }

    function test_Attack06_WhatASlashLeavesIsWithdrawable() public {
        requestUnstake(alice, 300);
        skip(UNBONDING_SECONDS);
        slash(alice, TASK, 299);

        assertEq(withdraw(alice), 1);

        requestUnstake(alice, 700);
        skip(UNBONDING_SECONDS);
        assertEq(withdraw(alice), 700);
        assertPosition(alice, 0, 0, 0, 0);
    }

    function test_Attack06_ARequestThatWasSlashedAwayDoesNotBlockTheNext() public {
        requestUnstake(alice, 300);
        slash(alice, TASK, 300);
        skip(123);

        requestUnstake(alice, 700);

        assertPosition(alice, 0, 700, block.timestamp + UNBONDING_SECONDS, 0);
    }

    function test_Attack07_AllStakeUnbondingBlocksNoNewcomer() public {
        requestUnstake(alice, 1_000);
        requestUnstake(bob, 1_000);
        assay.transfer(address(registry), 777);

        address carol = staker("carol", 1);

        assertPosition(carol, 1, 0, 0, 0);
        requestUnstake(carol, 1);
        skip(UNBONDING_SECONDS);
        assertEq(withdraw(carol), 1);
    }

    function test_Attack08_AnExitIsNotStatedInAnAmount() public {
        requestUnstake(alice, 1_000);
        skip(UNBONDING_SECONDS);
        slash(alice, TASK, 10);

        assertEq(withdraw(alice), 990);
    }

    function test_Attack09_UnbondingStakeIsSlashableToItsLastSecond() public {
        reserve(alice, TASK, 500, 0);
        requestUnstake(alice, 500);
        release(alice, TASK);
        skip(UNBONDING_SECONDS);

        assertEq(slash(alice, TASK, 1_000), 1_000);

        vm.expectRevert(IStakeRegistry.StakeRegistry_NothingUnbonding.selector);
        vm.prank(alice);
        registry.withdraw();
    }

    function test_Attack09_ReservedStakeCannotEvenBeginToLeave() public {
        reserve(alice, TASK, 1_000, 0);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 1, 0));
        vm.prank(alice);
        registry.requestUnstake(1);
    }

    // ---- Slashing

    /// Any penalty, any task, any account: slash never reverts and takes what is there.
    function testFuzz_Attack11_ASlashNeverReverts(address account, uint64 taskId, uint256 penalty) public {
        if (account != alice && account != bob) assertEq(slash(account, taskId, penalty), 0);
        requestUnstake(alice, 1 + (penalty % 1_000));
        reserve(alice, taskId, registry.freeStakeOf(alice) / 2, 0);

        uint256 taken = slash(alice, taskId, 0);
        assertEq(taken, 0);
        taken = slash(alice, taskId ^ 1, penalty);
        assertEq(taken, penalty < 1_000 ? penalty : 1_000);
        taken += slash(alice, taskId, penalty);
        assertEq(taken + slash(alice, taskId, type(uint256).max), 1_000);
        assertEq(slash(alice, taskId, type(uint256).max), 0);
    }

    function test_Attack11_AFrontRunOfOneWeiDoesNotSpoilASlash() public {
        requestUnstake(alice, 1);
        assertEq(slash(alice, TASK, 1_000), 1_000);
    }

    function test_Attack12_TheOrderOfSlashesDoesNotChangeTheirSum() public {
        uint256[3] memory penalties = [uint256(250), 400, 700];
        uint8[3][6] memory orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        uint64[3] memory slashedTasks = [TASK, OTHER_TASK, 3];
        requestUnstake(alice, 200);
        reserve(alice, TASK, 300, 0);
        reserve(alice, OTHER_TASK, 400, 0);

        for (uint256 i = 0; i < 6; ++i) {
            uint256 snapshot = vm.snapshotState();
            uint256 sum = 0;
            for (uint256 j = 0; j < 3; ++j) {
                uint256 which = orders[i][j];
                sum += slash(alice, slashedTasks[which], penalties[which]);
            }
            assertEq(sum, 1_000);
            assertEq(registry.positionOf(alice).active + registry.positionOf(alice).unbonding, 0);
            vm.revertToState(snapshot);
        }
    }

    function test_Attack12_OrdersOfSlashesThatFitTakeEachInFull() public {
        requestUnstake(alice, 200);
        reserve(alice, TASK, 300, 0);
        reserve(alice, OTHER_TASK, 400, 0);
        uint256 snapshot = vm.snapshotState();
        assertEq(slash(alice, TASK, 300), 300);
        assertEq(slash(alice, OTHER_TASK, 400), 400);
        uint256 left = registry.positionOf(alice).active;

        vm.revertToState(snapshot);
        assertEq(slash(alice, OTHER_TASK, 400), 400);
        assertEq(slash(alice, TASK, 300), 300);
        assertEq(registry.positionOf(alice).active, left);
    }

    function test_Attack13_AWithdrawalBeforeTheSlashTakesNothingFromIt() public {
        reserve(alice, TASK, 600, 0);
        requestUnstake(alice, 400);
        skip(UNBONDING_SECONDS);

        withdraw(alice);

        assertEq(slash(alice, TASK, 600), 600);
    }

    /// Stake is counted in wei, not in shares: many small slashes take as much as a large one.
    function testFuzz_Attack14_SmallSlashesAreNeverRoundedAway(uint8[16] memory penalties) public {
        uint256 sum = 0;
        for (uint256 i = 0; i < penalties.length; ++i) {
            uint256 left = 1_000 - sum;
            uint256 expected = penalties[i] < left ? penalties[i] : left;
            assertEq(slash(alice, TASK, penalties[i]), expected);
            sum += expected;
        }
        assertEq(registry.slashedPot(), sum);
        if (sum == 1_000) return;
        requestUnstake(alice, 1_000 - sum);
        skip(UNBONDING_SECONDS);
        assertEq(withdraw(alice), 1_000 - sum);
    }

    function test_Attack15_SlashToDustAndRefillTenTimes() public {
        for (uint256 i = 1; i <= 10; ++i) {
            reserve(alice, TASK, registry.freeStakeOf(alice), 0);
            uint256 active = registry.positionOf(alice).active;
            assertEq(slash(alice, TASK, active - 1), active - 1);
            assertPosition(alice, 1, 0, 0, 1);
            assertEq(release(alice, TASK), 1);

            assay.transfer(alice, 500);
            vm.prank(alice);
            registry.stake(500);
            assertPosition(alice, 501, 0, 0, 0);
        }
        assertEq(registry.slashedPot(), 999 + 9 * 500);
        registry.burnSlashed();
        assertEq(assay.balanceOf(address(registry)), 1_000 + 501);
    }

    function test_Attack16_NobodyGetsWhatAMissedDutyCosts() public {
        uint256 supply = assay.totalSupply();

        vm.prank(rounds);
        (uint256 taken, uint256 reward) = registry.slash(alice, TASK, 800, REASON, 4_000);
        assertEq(taken, 800);
        assertEq(reward, 0);
        assertEq(registry.rewardPot(), 0);
        vm.prank(bob);
        registry.burnSlashed();

        assertEq(assay.totalSupply(), supply - 800);
        assertEq(assay.balanceOf(rounds), 0);
        assertEq(assay.balanceOf(bob), 1_000);
    }

    /// Whatever share the court asks for, and to whomever it pays: who accuses itself gets 40 % back at most.
    function testFuzz_Attack16_WhoAccusesItselfLosesThreeFifths(uint256 penalty, uint256 rewardBps) public {
        penalty = bound(penalty, 0, 1_001);
        uint256 before = assay.balanceOf(alice);

        (uint256 taken, uint256 reward) = convict(alice, TASK, penalty, rewardBps);
        payReward(alice, reward);

        assertEq(assay.balanceOf(alice) - before, reward);
        assertLe(10 * reward, 4 * taken);
        assertEq(registry.slashedPot(), taken - reward);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_RewardPotTooLow.selector, 1, 0));
        vm.prank(court);
        registry.payReward(alice, 1);
    }

    function test_Attack17_ASlashCallsNobody() public {
        uint256 snapshot = vm.snapshotState();
        uint256 gasBefore = gasleft();
        slash(alice, TASK, 10);
        convict(alice, TASK, 10, 4_000);
        uint256 ofWallet = gasBefore - gasleft();
        vm.revertToState(snapshot);

        // Accounts that burn all gas that they are given (INVALID), and a token that does so too.
        vm.etch(alice, hex"fe");
        vm.etch(court, hex"fe");
        vm.etch(address(assay), hex"fe");
        gasBefore = gasleft();
        assertEq(slash(alice, TASK, 10), 10);
        (uint256 taken, uint256 reward) = convict(alice, TASK, 10, 4_000);

        assertApproxEqAbs(gasBefore - gasleft(), ofWallet, 10_000);
        assertEq(taken, 10);
        assertEq(reward, 4);
    }

    function test_Attack17_AWalletThatDelegatesToCodeIsNoContract() public {
        StakeRegistry other = newStakeRegistry(assay, UNBONDING_SECONDS);
        address wallet = accountOf("a wallet with EIP-7702 code");
        vm.etch(wallet, abi.encodePacked(hex"ef0100", address(assay)));

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_NotAContract.selector, wallet));
        other.connect(tasks, wallet, court);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_NotAContract.selector, wallet));
        other.connect(tasks, rounds, wallet);
    }

    function test_Attack19_AFullySlashedActorCanLeaveAndStartAgain() public {
        reserve(alice, TASK, 400, 0);
        reserve(alice, OTHER_TASK, 600, 0);
        slash(alice, TASK, 1_000);
        assertPosition(alice, 0, 0, 0, 600);

        assertEq(release(alice, TASK), 0);
        assertEq(release(alice, OTHER_TASK), 600);
        assertPosition(alice, 0, 0, 0, 0);

        vm.prank(alice);
        registry.stake(50);
        reserve(alice, TASK, 50, 0);
        assertPosition(alice, 50, 0, 0, 50);
    }

    // ---- Donations, replay, cost

    function test_Attack22_ADonationChangesNobodysStake() public {
        assay.transfer(address(registry), 1_000_000);

        assertPosition(alice, 1_000, 0, 0, 0);
        vm.expectRevert(IStakeRegistry.StakeRegistry_NothingSlashed.selector);
        registry.burnSlashed();
    }

    function test_Attack38_StakingCostsTheSameAmongMany() public {
        gasOfNewStaker("one that warms up what all share");
        uint256 amongFew = gasOfNewStaker("one of the first");
        for (uint256 i = 0; i < 200; ++i) {
            staker(vm.toString(i), 1);
        }

        assertApproxEqAbs(gasOfNewStaker("the two hundred and fifth"), amongFew, 100);
    }

    function test_Attack39_TheLastOneOutAndADonatedWeiBlockNothing() public {
        slash(alice, TASK, 1_000);
        slash(bob, TASK, 1_000);
        assay.transfer(address(registry), 1);

        assertEq(registry.burnSlashed(), 2_000);
        assertEq(assay.balanceOf(address(registry)), 1);
        assertPosition(staker("carol", 5), 5, 0, 0, 0);
    }

    function test_Attack40_NobodyWithdrawsForAnother() public {
        requestUnstake(alice, 10);
        skip(UNBONDING_SECONDS);

        vm.expectRevert(IStakeRegistry.StakeRegistry_NothingUnbonding.selector);
        vm.prank(bob);
        registry.withdraw();

        assertEq(withdraw(alice), 10);
    }

    // ---- Wiring

    function test_Attack41_ConnectCannotBeFrontRun() public {
        StakeRegistry other = newStakeRegistry(assay, UNBONDING_SECONDS);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_OnlyDeployer.selector, bob, address(this)));
        vm.prank(bob);
        other.connect(tasks, rounds, court);

        vm.expectEmit(address(other));
        emit IStakeRegistry.Connected(tasks, rounds, court);
        other.connect(tasks, rounds, court);
    }

    function test_Attack41_BeforeItIsConnectedNobodyReservesOrSlashes() public {
        StakeRegistry other = newStakeRegistry(assay, UNBONDING_SECONDS);

        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_OnlyTasks.selector, address(this), address(0))
        );
        other.reserve(alice, TASK, 0, 0);
        bytes memory refusal = abi.encodeWithSelector(
            IStakeRegistry.StakeRegistry_OnlyCourt.selector,
            address(this),
            address(0)
        );
        vm.expectRevert(refusal);
        other.reserve(alice, JUROR, 0, 0);
        vm.expectRevert(refusal);
        other.payReward(alice, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeRegistry.StakeRegistry_OnlySlashers.selector,
                address(this),
                address(0),
                address(0)
            )
        );
        other.slash(alice, TASK, 0, REASON, 0);
    }

    function test_Attack41_ConnectRefusesAddressesWithoutCode() public {
        StakeRegistry other = newStakeRegistry(assay, UNBONDING_SECONDS);
        address empty = accountOf("nothing here");

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_NotAContract.selector, empty));
        other.connect(empty, rounds, court);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_NotAContract.selector, empty));
        other.connect(tasks, empty, court);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_NotAContract.selector, address(0)));
        other.connect(address(0), rounds, court);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_NotAContract.selector, address(0)));
        other.connect(tasks, address(0), court);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_NotAContract.selector, empty));
        other.connect(tasks, rounds, empty);
    }

    function test_Attack42_RolesAreNeverHandedOn() public {
        address other = contractAt("another contract");
        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_AlreadyConnected.selector, tasks, rounds, court)
        );
        registry.connect(other, other, other);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_OnlyDeployer.selector, court, address(this))
        );
        vm.prank(court);
        registry.connect(court, court, court);
    }

    function test_Attack43_AChangeOfOthersNeverReachesARunningUnbonding() public {
        // There is no parameter to change: two registries with different delays are independent.
        requestUnstake(alice, 10);
        newStakeRegistry(assay, 180 days).connect(tasks, rounds, court);
        skip(UNBONDING_SECONDS);

        assertEq(withdraw(alice), 10);
    }

    function gasOfNewStaker(string memory name) private returns (uint256) {
        address account = accountOf(name);
        assay.transfer(account, 2);
        vm.startPrank(account);
        assay.approve(address(registry), type(uint256).max);
        uint256 gasBefore = gasleft();
        registry.stake(1);
        uint256 cost = gasBefore - gasleft();
        vm.stopPrank();
        return cost;
    }
}
