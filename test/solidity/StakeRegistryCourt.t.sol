// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StakeRegistry} from "../../contracts/StakeRegistry.sol";
import {IStakeRegistry} from "../../contracts/interfaces/IStakeRegistry.sol";
import {Stakes} from "./fixtures/Stakes.sol";
import {newStakeRegistry} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

/// The second slasher: its rewards, the stake of its jurors, and attacks that two slashers make possible.
contract StakeRegistryCourtTest is Stakes {
    // ---- Rewards

    function test_ASlashOfTheCourtSplitsIntoRewardAndPot() public {
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(alice, TASK, 501, 501, 200, VERDICT);
        (uint256 taken, uint256 reward) = convict(alice, TASK, 501, 4_000);

        assertEq(taken, 501);
        assertEq(reward, 200); // 200.4, rounded down
        assertEq(registry.rewardPot(), 200);
        assertEq(registry.slashedPot(), 301);
        assertPosition(alice, 499, 0, 0, 0);
        assertEq(assay.balanceOf(address(registry)), 2_000);
    }

    function test_TheRewardIsCappedNotRefused() public {
        (, uint256 reward) = convict(alice, TASK, 100, 4_001);
        assertEq(reward, 40);
        (, reward) = convict(alice, TASK, 100, type(uint256).max);
        assertEq(reward, 40);
        (, reward) = convict(alice, TASK, 100, 3_999);
        assertEq(reward, 39);
        (, reward) = convict(alice, TASK, 100, 0);
        assertEq(reward, 0);
        assertEq(registry.rewardPot(), 119);
    }

    /// The reward is a share of what is taken, not of what was asked for.
    function test_AnEmptyPositionHasNoReward() public {
        (uint256 taken, uint256 reward) = convict(alice, TASK, type(uint256).max, 4_000);
        assertEq(taken, 1_000);
        assertEq(reward, 400);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(alice, TASK, type(uint256).max, 0, 0, VERDICT);
        (taken, reward) = convict(alice, TASK, type(uint256).max, 4_000);
        assertEq(taken + reward, 0);
        assertEq(registry.rewardPot(), 400);
    }

    function test_TheCourtPaysFromTheRewardPot() public {
        convict(alice, TASK, 500, 4_000);

        vm.expectEmit(address(registry));
        emit IStakeRegistry.RewardPaid(bob, 150);
        payReward(bob, 150);
        payReward(court, 50);

        assertEq(assay.balanceOf(bob), 1_150);
        assertEq(assay.balanceOf(court), 50);
        assertEq(registry.rewardPot(), 0);
        assertEq(registry.burnSlashed(), 300);
        assertEq(assay.balanceOf(address(registry)), 1_500);
    }

    function test_PayingNothingIsNoMistake() public {
        payReward(bob, 0);

        convict(alice, TASK, 500, 4_000);
        vm.recordLogs();
        payReward(bob, 0);
        assertEq(vm.getRecordedLogs().length, 0, "told");
        assertEq(registry.rewardPot(), 200);
        assertEq(assay.balanceOf(bob), 1_000);
    }

    function test_RevertWhen_TheCourtPaysMoreThanThereIs() public {
        convict(alice, TASK, 500, 4_000);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_RewardPotTooLow.selector, 201, 200));
        vm.prank(court);
        registry.payReward(bob, 201);
    }

    function test_RevertWhen_ARewardGoesToNobody() public {
        convict(alice, TASK, 500, 4_000);

        vm.expectRevert(abi.encodeWithSignature("ERC20InvalidReceiver(address)", address(0)));
        vm.prank(court);
        registry.payReward(address(0), 200);
        assertEq(registry.rewardPot(), 200);
    }

    function test_RevertWhen_SomebodyElsePaysRewards() public {
        convict(alice, TASK, 500, 4_000);

        for (uint256 i = 0; i < 3; ++i) {
            address other = [alice, tasks, rounds][i];
            vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_OnlyCourt.selector, other, court));
            vm.prank(other);
            registry.payReward(other, 1);
        }
    }

    // ---- Stake of jurors

    function test_TheCourtReservesUnderItsOwnIdsAlone() public {
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Reserved(alice, JUROR, 300);
        reserve(alice, JUROR, 300, 0);
        vm.prank(court);
        assertEq(registry.reserveMore(alice, JUROR, 100), 400);
        reserve(alice, type(uint64).max, 50, 10);
        reserve(alice, JUROR - 1, 540, 0);

        assertPosition(alice, 990, 0, 0, 990);
        assertEq(registry.reservationOf(alice, JUROR), 400);
        assertEq(registry.slashedPot(), 10);
        assertEq(release(alice, JUROR), 400);
        assertPosition(alice, 990, 0, 0, 590);
    }

    function test_RevertWhen_SomebodyElseReservesUnderAnIdOfTheCourt() public {
        for (uint256 i = 0; i < 3; ++i) {
            address other = [alice, tasks, rounds][i];
            bytes memory refusal = abi.encodeWithSelector(
                IStakeRegistry.StakeRegistry_OnlyCourt.selector,
                other,
                court
            );
            vm.startPrank(other);
            vm.expectRevert(refusal);
            registry.reserve(alice, JUROR, 1, 0);
            vm.expectRevert(refusal);
            registry.reserveMore(alice, type(uint64).max, 1);
            vm.expectRevert(refusal);
            registry.release(alice, JUROR);
            vm.stopPrank();
        }
    }

    function test_OneStakeCannotBackATaskAndAJuror() public {
        reserve(alice, TASK, 600, 0);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 401, 400));
        vm.prank(court);
        registry.reserve(alice, JUROR, 401, 0);

        reserve(alice, JUROR, 400, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 1, 0));
        vm.prank(tasks);
        registry.reserveMore(alice, TASK, 1);
    }

    function test_ASlashOfAJurorShrinksItsPlaceAlone() public {
        reserve(alice, JUROR, 300, 0);
        reserve(alice, TASK, 600, 0);

        convict(alice, JUROR, 250, 0);

        assertEq(registry.reservationOf(alice, JUROR), 150); // 100 were free
        assertEq(registry.reservationOf(alice, TASK), 600);
        assertPosition(alice, 750, 0, 0, 750);
        slash(alice, TASK, 50);
        assertEq(registry.reservationOf(alice, JUROR), 150);
        assertEq(registry.reservationOf(alice, TASK), 550);
    }

    // ---- Without a court

    /// A deployment's choice for good: nobody but Rounds slashes, nobody sits as juror, nobody is rewarded.
    function test_WithoutACourtOnlyRoundsSlashes() public {
        StakeRegistry other = newStakeRegistry(assay, UNBONDING_SECONDS);
        vm.expectEmit(address(other));
        emit IStakeRegistry.Connected(tasks, rounds, address(0));
        other.connect(tasks, rounds, address(0));
        assertEq(other.court(), address(0));
        assay.approve(address(other), 100);
        other.stake(100);

        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_AlreadyConnected.selector, tasks, rounds, address(0))
        );
        other.connect(tasks, rounds, court);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_OnlyCourt.selector, court, address(0)));
        vm.prank(court);
        other.reserve(address(this), JUROR, 1, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IStakeRegistry.StakeRegistry_OnlySlashers.selector, court, rounds, address(0))
        );
        vm.prank(court);
        other.slash(address(this), TASK, 1, VERDICT, 0);
        vm.prank(rounds);
        (uint256 taken, uint256 reward) = other.slash(address(this), TASK, 60, REASON, 4_000);
        assertEq(taken, 60);
        assertEq(reward, 0);
    }

    /// Should a deployer name one contract twice, it is Rounds: it has no reward.
    function test_RoundsHasNoRewardEvenAsTheCourt() public {
        StakeRegistry other = newStakeRegistry(assay, UNBONDING_SECONDS);
        other.connect(tasks, rounds, rounds);
        assay.approve(address(other), 100);
        other.stake(100);

        vm.prank(rounds);
        (uint256 taken, uint256 reward) = other.slash(address(this), TASK, 60, REASON, 4_000);
        assertEq(taken, 60);
        assertEq(reward, 0);
    }

    // ---- Attacks, by number

    /// Unbonding stake goes first for both slashers, and to the last second: also past its time, while nobody withdrew.
    function test_Attack09_NoSecondShelters() public {
        uint256[4] memory delays = [uint256(0), UNBONDING_SECONDS - 1, UNBONDING_SECONDS, UNBONDING_SECONDS + 1];
        for (uint256 i = 0; i < delays.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            reserve(alice, JUROR, 300, 0);
            requestUnstake(alice, 700);
            skip(delays[i]);

            (uint256 taken, uint256 reward) = convict(alice, TASK, 600, 4_000);
            assertEq(taken, 600);
            assertEq(reward, 240);
            assertEq(registry.positionOf(alice).unbonding, 100);
            assertEq(registry.reservationOf(alice, JUROR), 300);
            assertEq(slash(alice, TASK, 600), 400);
            vm.revertToState(snapshot);
        }
    }

    function test_Attack09_AJurorsStakeCannotEvenBeginToLeave() public {
        reserve(alice, JUROR, 1_000, 0);

        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 1, 0));
        vm.prank(alice);
        registry.requestUnstake(1);
    }

    /// Any account (pots, slashers and nobody among them), any id, penalty and reward: the court's slash never reverts.
    function testFuzz_Attack11_AConvictionNeverReverts(
        uint256 who,
        uint64 taskId,
        uint256 penalty,
        uint256 rewardBps
    ) public {
        address account = [alice, court, rounds, tasks, address(registry), address(assay), address(0)][who % 7];
        reserve(alice, taskId, 400, 0);
        requestUnstake(alice, 1 + (penalty % 500));
        uint256 stakeBefore = account == alice ? 1_000 : 0;

        (uint256 taken, uint256 reward) = convict(account, taskId, penalty, rewardBps);
        assertEq(taken, penalty < stakeBefore ? penalty : stakeBefore);
        assertEq(reward, (taken * (rewardBps < 4_000 ? rewardBps : 4_000)) / 10_000);
        (uint256 rest, ) = convict(account, taskId ^ 1, type(uint256).max, rewardBps);
        assertEq(taken + rest, stakeBefore);
    }

    /// Fines and convictions in any order take the same sum, and never more reward than 40 % of it.
    function test_Attack12_TheOrderOfSlashersDoesNotChangeTheirSum() public {
        uint8[3][6] memory orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        requestUnstake(alice, 200);
        reserve(alice, TASK, 300, 0);
        reserve(alice, JUROR, 400, 0);

        for (uint256 i = 0; i < 6; ++i) {
            uint256 snapshot = vm.snapshotState();
            uint256 sum = 0;
            for (uint256 j = 0; j < 3; ++j) {
                uint256 taken = 0;
                if (orders[i][j] == 0) taken = slash(alice, TASK, 250);
                if (orders[i][j] == 1) (taken, ) = convict(alice, TASK, 400, 4_000);
                if (orders[i][j] == 2) (taken, ) = convict(alice, JUROR, 700, 4_000);
                sum += taken;
            }
            assertEq(sum, 1_000);
            assertEq(registry.slashedPot() + registry.rewardPot(), 1_000);
            assertLe(registry.rewardPot(), 400);
            vm.revertToState(snapshot);
        }
    }

    function test_Attack13_AWithdrawalBeforeTheVerdictTakesNothingFromIt() public {
        reserve(alice, TASK, 600, 0);
        requestUnstake(alice, 400);
        skip(UNBONDING_SECONDS);
        withdraw(alice);

        (uint256 taken, uint256 reward) = convict(alice, TASK, 600, 4_000);
        assertEq(taken, 600);
        assertEq(reward, 240);
    }

    /// Rewards are rounded down each: cut into pieces, a penalty yields no more of them.
    function testFuzz_Attack14_ManySmallRewardsAreNoMoreThanOneLargeOne(uint8[12] memory penalties) public {
        uint256 taken = 0;
        uint256 rewards = 0;
        for (uint256 i = 0; i < penalties.length; ++i) {
            (uint256 part, uint256 reward) = convict(alice, TASK, penalties[i], 4_000);
            if (part < 3) assertEq(reward, 0);
            taken += part;
            rewards += reward;
        }
        assertLe(rewards, (taken * 4) / 10);
        assertEq(registry.rewardPot(), rewards);
        assertEq(registry.slashedPot(), taken - rewards);
    }

    function test_Attack15_ConvictToDustAndRefillTenTimes() public {
        for (uint256 i = 1; i <= 10; ++i) {
            uint256 active = registry.positionOf(alice).active;
            (uint256 taken, ) = convict(alice, TASK, active - 1, 4_000);
            assertEq(taken, active - 1);
            assay.transfer(alice, 500);
            vm.prank(alice);
            registry.stake(500);
        }

        assertEq(registry.rewardPot(), 399 + 9 * 200); // 999 and nine times 500
        assertEq(registry.slashedPot(), 600 + 9 * 300);
        payReward(bob, registry.rewardPot());
        registry.burnSlashed();
        assertEq(assay.balanceOf(address(registry)), 1_000 + 501);
    }

    function test_Attack19_AFullySlashedJurorCanLeaveAndStartAgain() public {
        reserve(alice, JUROR, 400, 0);
        reserve(alice, TASK, 600, 0);
        convict(alice, JUROR, 1_000, 4_000);
        assertPosition(alice, 0, 0, 0, 600);

        assertEq(release(alice, JUROR), 0);
        assertEq(release(alice, TASK), 600);
        vm.prank(alice);
        registry.stake(50);
        reserve(alice, JUROR, 50, 0);
        assertPosition(alice, 50, 0, 0, 50);
    }

    function test_Attack22_ADonationFillsNoRewardPot() public {
        assay.transfer(address(registry), 1_000_000);

        assertEq(registry.rewardPot(), 0);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_RewardPotTooLow.selector, 1, 0));
        vm.prank(court);
        registry.payReward(bob, 1);
    }

    /// The largest stake there can be: all of ASSAY, taken at once, splits without a cut bit.
    function test_Attack20_AllOfAssayFitsBothPots() public {
        uint256 supply = assay.totalSupply();
        vm.startPrank(bob);
        registry.requestUnstake(1_000);
        skip(UNBONDING_SECONDS);
        registry.withdraw();
        assay.transfer(address(this), 2_000);
        vm.stopPrank();
        assay.transfer(alice, assay.balanceOf(address(this)));
        vm.startPrank(alice);
        registry.stake(assay.balanceOf(alice));
        vm.stopPrank();

        (uint256 taken, uint256 reward) = convict(alice, TASK, type(uint256).max, 4_000);

        assertEq(taken, supply);
        assertEq(reward, (supply * 4) / 10);
        assertEq(registry.slashedPot(), supply - reward);
        payReward(bob, reward);
        assertEq(registry.burnSlashed(), supply - reward);
    }

    /// Rewards are paid in any order, to anybody, and always add up.
    function test_Attack25_TheOrderOfPaymentsChangesNoAmount() public {
        convict(alice, TASK, 500, 4_000);
        convict(bob, TASK, 300, 2_000);
        uint256 snapshot = vm.snapshotState();
        payReward(alice, 60);
        payReward(bob, 200);
        assertEq(registry.rewardPot(), 0);
        uint256 ofBob = assay.balanceOf(bob);

        vm.revertToState(snapshot);
        payReward(bob, 200);
        payReward(alice, 60);
        assertEq(registry.rewardPot(), 0);
        assertEq(assay.balanceOf(bob), ofBob);
    }
}
