// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {CourtNeighbours} from "../fixtures/CourtNeighbours.sol";
import {OpenCourt} from "../fixtures/OpenCourt.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice Who gets the reward for an offence of which several cases are about.
contract RewardsTest is Test {
    uint256 private constant LONGEST = 6_000;
    address private constant DEFENDANT = address(0xd);

    OpenCourt private _court = new OpenCourt(new CourtNeighbours(), 1_000_500, 1);

    function test_ARewardIsGivenAtOnceWhereNobodyElseCanHaveIt() public {
        ICourt.Facts memory facts = factsOf(1, 10);
        assertEq(_court.giveReward(1, facts, 1, false), 1);
        assertEq(_court.giveReward(1, facts, 0, false), 0);
        assertEq(_court.owedTo(facts.challenger), 1);
        assertHeld(0, 0, 0, 0);
    }

    /// Nothing waits where there is nothing.
    function test_NoRewardIsHeldOfNothing() public {
        assertEq(_court.giveReward(1, factsOf(1, 10), 0, true), 0);
        assertHeld(0, 0, 0, 0);
    }

    function test_ASharedRewardWaits() public {
        ICourt.Facts memory facts = factsOf(1, 10);
        uint256 until = block.timestamp + LONGEST;
        vm.expectEmit(address(_court));
        emit ICourt.RewardHeld(3, DEFENDANT, 1, until);
        assertEq(_court.giveReward(3, facts, 1, true), 0);
        assertEq(_court.owedTo(facts.challenger), 0);
        assertHeld(1, 10, 3, until);
        assertEq(_court.leftReward(facts), 1);
    }

    /// The earlier commitment has it, and of two in one block the case with the smaller number. What is left is the last amount.
    function test_TheEarliestCommitmentHasIt() public {
        uint256 until = block.timestamp + LONGEST;
        _court.giveReward(5, factsOf(1, 10), 100, true);
        skip(7);
        assertEq(_court.giveReward(4, factsOf(2, 11), 90, true), 0);
        assertHeld(90, 10, 5, until);
        assertEq(_court.giveReward(6, factsOf(3, 10), 80, true), 0);
        assertHeld(80, 10, 5, until);
        assertEq(_court.giveReward(5, factsOf(1, 10), 80, true), 0);
        assertHeld(80, 10, 5, until);
        assertEq(_court.giveReward(4, factsOf(2, 10), 70, true), 0);
        assertHeld(70, 10, 4, until);
        assertEq(_court.giveReward(9, factsOf(3, 9), 0, true), 0);
        assertHeld(0, 9, 9, until);
        for (uint256 i = 1; i < 4; ++i) assertEq(_court.owedTo(address(uint160(i))), 0);
    }

    function test_AHeldRewardIsPaidOnceWhenItsTimeHasCome() public {
        ICourt.Facts memory facts = factsOf(1, 10);
        _court.put(1, facts);
        uint256 until = block.timestamp + LONGEST;
        _court.giveReward(1, facts, 1, true);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, 1, until));
        _court.payReward(1, facts, DEFENDANT);

        vm.warp(until);
        vm.expectEmit(address(_court));
        emit ICourt.RewardDecided(1, DEFENDANT, 1);
        _court.payReward(1, facts, DEFENDANT);
        assertEq(_court.owedTo(facts.challenger), 1);
        assertHeld(0, 0, 0, 0);
        expectNoReward(1, facts);
    }

    function test_RevertWhen_TheRewardIsAnothersOrNothingIsLeft() public {
        ICourt.Facts memory facts = factsOf(1, 10);
        ICourt.Facts memory other = factsOf(2, 11);
        _court.put(1, facts);
        _court.put(2, other);
        _court.giveReward(1, facts, 5, true);
        skip(LONGEST);
        expectNoReward(2, other);
        _court.giveReward(2, other, 0, true);
        expectNoReward(1, facts);
        other.round = 6;
        _court.put(3, other);
        expectNoReward(3, other);
    }

    function expectNoReward(uint256 caseId, ICourt.Facts memory facts) private {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoReward.selector, caseId, DEFENDANT));
        _court.payReward(caseId, facts, DEFENDANT);
    }

    function factsOf(uint160 challenger, uint64 committedAt) private pure returns (ICourt.Facts memory facts) {
        (facts.kind, facts.taskId, facts.round) = (ICourt.CaseKind.FalseStep, 1, 5);
        (facts.challenger, facts.defendant, facts.committedAt) = (address(challenger), DEFENDANT, committedAt);
    }

    function assertHeld(uint256 amount, uint256 committedAt, uint256 caseId, uint256 until) private view {
        ICourt.HeldReward memory held = _court.heldRewardOf(ICourt.CaseKind.FalseStep, 1, 5, DEFENDANT);
        assertEq(held.amount, amount, "amount");
        assertEq(held.committedAt, committedAt, "committed");
        assertEq(held.caseId, caseId, "case");
        assertEq(held.until, until, "until");
    }
}
