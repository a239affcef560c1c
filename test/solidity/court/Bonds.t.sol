// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {CourtNeighbours} from "../fixtures/CourtNeighbours.sol";
import {OpenCourt} from "../fixtures/OpenCourt.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice Bonds, and what the court owes and burns, to the wei. A seat's fee is 2,001 wei, the least bond 5,000.
contract BondsTest is Test {
    address private constant PAYER = address(0xc);

    CourtNeighbours private _all = new CourtNeighbours();
    OpenCourt private _court = new OpenCourt(_all, 1_000_500, 5_000);

    /// The least bond, a twentieth of the penalty, or one and a half times the fees of the first panel.
    function test_ABondIsTheLargestOfThree() public view {
        assertEq(_court.bondFor(0, 10_000, 0), 5_000);
        assertEq(_court.bondFor(100_000, 10_000, 0), 5_000);
        assertEq(_court.bondFor(100_020, 10_000, 0), 5_001);
        assertEq(_court.bondFor(1_000_039, 3_000, 0), 15_000);
        assertEq(_court.bondFor(1_000_067, 3_000, 0), 15_001);
        assertEq(_court.bondFor(0, 10_000, 3), 9_004);
        assertEq(_court.bondFor(0, 10_000, 2), 6_003);
        assertEq(_court.bondFor(200_000, 10_000, 3), 10_000);
    }

    /// What the court owes the account comes first, to the last wei.
    function test_ABondIsTakenFromWhatIsOwedFirst() public {
        _all.give(PAYER, 1_000);
        _court.owe(PAYER, 1);
        _court.takeBond(PAYER, 100);
        assertEq(_court.owedTo(PAYER), 0);
        assertEq(_all.balanceOf(PAYER), 901);
        assertEq(_all.balanceOf(address(_court)), 99);

        _court.owe(PAYER, 100);
        _court.takeBond(PAYER, 100);
        assertEq(_court.owedTo(PAYER), 0);
        assertEq(_all.balanceOf(PAYER), 901);

        _court.owe(PAYER, 100);
        _court.takeBond(PAYER, 60);
        assertEq(_court.owedTo(PAYER), 40);
        assertEq(_all.balanceOf(PAYER), 901);
        assertEq(_court.owedTo(address(this)), 0);
    }

    /// Rewards are fetched, all of them, only when the court itself has too little.
    function test_WhatNobodyGetsIsBurnt() public {
        _all.give(address(_court), 101);
        _all.fillPot(50);
        _court.burnUnowned(1);
        assertEq(_all.burnt(), 1);
        _court.burnUnowned(0);
        _court.burnUnowned(40);
        assertEq(_all.rewardPot(), 50);
        _court.burnUnowned(61);
        assertEq(_all.rewardPot(), 0);
        assertEq(_all.balanceOf(address(_court)), 49);
        assertEq(_all.burnt(), 102);
    }

    /// What moves nothing costs nothing: no balance is written, and no other contract asked to move it.
    function test_NothingIsWrittenWhereNothingMoves() public {
        _all.give(PAYER, 1_000);
        _court.owe(PAYER, 10);
        vm.record();
        _court.owe(PAYER, 0);
        _court.burnUnowned(0);
        _court.takeBond(address(this), 0);
        assertWrites(0, 0);
        _court.takeBond(PAYER, 10);
        assertWrites(1, 0);
        _court.takeBond(PAYER, 5);
        (, uint256 moved) = accessesOf(address(_all));
        assertGt(moved, 0);
        assertWrites(0, moved);
    }

    /// Rewards stay in the pot while the court has enough, to the wei.
    function test_RewardsAreFetchedOnlyWhereTheyAreNeeded() public {
        _all.give(address(_court), 10);
        _all.fillPot(50);
        _court.burnUnowned(10);
        assertEq(_all.rewardPot(), 50);
    }

    function assertWrites(uint256 ofCourt, uint256 ofOthers) private {
        (, uint256 writes) = accessesOf(address(_court));
        assertEq(writes, ofCourt, "court");
        (, writes) = accessesOf(address(_all));
        assertEq(writes, ofOthers, "others");
        vm.record();
    }

    /// Only who deposited takes it out again, and with it goes the lock.
    function test_ADepositIsItsOwners() public {
        _all.give(PAYER, 10);
        vm.startPrank(PAYER);
        _court.deposit(4);
        vm.expectEmit(address(_court));
        emit ICourt.Deposited(PAYER, 3);
        _court.deposit(3);
        vm.stopPrank();
        assertEq(_court.owedTo(PAYER), 7);
        assertEq(_all.balanceOf(PAYER), 3);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_OnlyDepositor.selector, address(this), PAYER));
        _court.withdraw(PAYER);

        vm.prank(PAYER);
        assertEq(_court.withdraw(PAYER), 7);
        assertEq(_all.balanceOf(PAYER), 10);
        _court.owe(PAYER, 1);
        _all.fillPot(1);
        vm.expectEmit(address(_court));
        emit ICourt.Withdrawn(PAYER, 1);
        assertEq(_court.withdraw(PAYER), 1);
        assertEq(_all.balanceOf(PAYER), 11);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NothingOwed.selector, PAYER));
        _court.withdraw(PAYER);
    }
}
