// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Stakes} from "./fixtures/Stakes.sol";
import {vm} from "./fixtures/Vm.sol";

/// What nothing changes in isn't written, and what nothing depends on isn't read: a write costs thousands of gas.
contract StakeRegistryWritesTest is Stakes {
    function test_OnlyAReservationWithAFeeWritesThePositionAndThePot() public {
        vm.record();
        reserve(alice, TASK, 10, 0);
        assertWrites(2);
        reserve(alice, OTHER_TASK, 10, 1);
        assertWrites(4);
    }

    function test_ASlashWithoutARewardWritesThePositionAndOnePot() public {
        vm.record();
        convict(alice, TASK, 100, 0);
        assertWrites(2);
        slash(alice, TASK, 100);
        assertWrites(2);
        convict(alice, TASK, 100, 4_000);
        assertWrites(3);
    }

    function test_ASlashThatTakesNothingWritesNothing() public {
        slash(alice, TASK, 1_000);
        vm.record();
        slash(alice, TASK, 1);
        convict(bob, TASK, 0, 4_000);
        assertWrites(0);
    }

    /// Where all comes from unbonding stake no reservation can shrink.
    function test_ASlashOfUnbondingStakeReadsNoReservation() public {
        requestUnstake(alice, 100);
        requestUnstake(bob, 100);
        vm.record();
        slash(alice, TASK, 100);
        (uint256 fewer, ) = accessesOf(address(registry));
        vm.record();
        slash(bob, TASK, 101);
        (uint256 more, ) = accessesOf(address(registry));
        assertLt(fewer, more);
    }

    /// A slash of all free stake reads as much as one of a part of it, and only one wei more reads the task's own reservation.
    function test_ASlashOfFreeStakeReadsNoReservationOfATask() public {
        reserve(alice, TASK, 600, 0);
        vm.record();
        slash(alice, TASK, 1);
        (uint256 fewest, ) = accessesOf(address(registry));
        string[3] memory names = ["one less", "all free stake", "one more"];
        for (uint256 i = 0; i < 3; ++i) {
            address account = staker(names[i], 1_000);
            reserve(account, TASK, 600, 0);
            vm.record();
            slash(account, TASK, 399 + i);
            (uint256 reads, uint256 writes) = accessesOf(address(registry));
            assertEq(writes, i == 2 ? 4 : 2, names[i]);
            assertEq(reads > fewest, i == 2, names[i]);
        }
    }

    function test_ASlashBesideReservationsOfOtherTasksLeavesThem() public {
        reserve(alice, OTHER_TASK, 1_000, 0);
        vm.record();
        slash(alice, TASK, 100);
        assertWrites(2);
    }

    function assertWrites(uint256 count) private {
        (, uint256 writes) = accessesOf(address(registry));
        assertEq(writes, count);
        vm.record();
    }
}
