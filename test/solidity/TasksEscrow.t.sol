// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ITasks} from "../../contracts/interfaces/ITasks.sol";
import {Chain} from "./fixtures/Chain.sol";
import {PlainToken} from "./fixtures/Tokens.sol";
import {vm} from "./fixtures/Vm.sol";

/// The money of a task: funded = paid + refunded + available + reserved.
contract TasksEscrowTest is Chain {
    uint256 private constant GRANT = 1e24;

    PlainToken private money;
    address private owner = accountOf("task owner");
    address private worker = accountOf("worker");
    uint64 private taskId;
    uint256 private cost;

    function setUp() public override {
        super.setUp();
        money = new PlainToken();
        money.mint(owner, GRANT);
        vm.startPrank(owner);
        taskId = tasks.createTask(taskParams(address(money)));
        money.approve(address(tasks), type(uint256).max);
        vm.stopPrank();
        cost = tasks.largestRoundCost(taskId);
    }

    // ---- Funding

    function test_FundMovesMoneyIntoTheBooks() public {
        vm.expectEmit(address(tasks));
        emit ITasks.TaskFunded(taskId, owner, 5 * cost);
        fund(5 * cost);

        assertFunds(5 * cost, 0, 5 * cost, 0);
        assertEq(tasks.bookedOf(address(money)), 5 * cost);
        assertEq(money.balanceOf(address(tasks)), 5 * cost);
    }

    function test_AnyoneCanFund() public {
        money.mint(worker, 70);
        vm.startPrank(worker);
        money.approve(address(tasks), 70);
        tasks.fund(taskId, 70);

        assertFunds(70, 0, 70, 0);
    }

    function test_RevertWhen_NothingIsFunded() public {
        vm.expectRevert(ITasks.Tasks_ZeroAmount.selector);
        vm.prank(owner);
        tasks.fund(taskId, 0);
    }

    function test_Attack20_FundingStaysWithinEightyBits() public {
        uint256 most = type(uint80).max;
        money.mint(owner, most);
        fund(most - 1);

        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_FundingTooLarge.selector, most + 1, most));
        tasks.fund(taskId, 2);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_FundingTooLarge.selector, type(uint256).max, most));
        tasks.fund(taskId, type(uint256).max);
        tasks.fund(taskId, 1);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_FundingTooLarge.selector, most + 1, most));
        tasks.fund(taskId, 1);
        vm.stopPrank();

        assertFunds(most, 0, most, 0);
    }

    // ---- Rounds

    function test_ReserveRoundHoldsTheLargestCost() public {
        fund(2 * cost + 1);

        vm.expectEmit(address(tasks));
        emit ITasks.RoundReserved(taskId, cost);
        assertEq(rounds.reserveRound(taskId), cost);

        assertFunds(cost + 1, cost, 2 * cost + 1, 0);
    }

    function test_RevertWhen_FundsDoNotCoverARound() public {
        fund(cost - 1);

        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_FundsTooLow.selector, taskId, cost, cost - 1));
        rounds.reserveRound(taskId);
    }

    function test_CloseRoundKeepsWhatIsOwedAndFreesTheRest() public {
        fund(2 * cost);
        rounds.reserveRound(taskId);

        vm.expectEmit(address(tasks));
        emit ITasks.RoundReleased(taskId, cost - 300);
        rounds.closeRound(taskId, cost, 300);
        assertFunds(2 * cost - 300, 300, 2 * cost, 0);

        // The next round: 120 more are owed than before, and 100 were paid meanwhile.
        rounds.payOut(taskId, worker, 100);
        rounds.reserveRound(taskId);
        rounds.closeRound(taskId, cost, 420);
        assertFunds(2 * cost - 420, 320, 2 * cost, 0);
    }

    function test_CloseRoundFreesWhatWasHeldAndCancelled() public {
        fund(2 * cost);
        rounds.reserveRound(taskId);
        rounds.closeRound(taskId, cost, 500);
        rounds.reserveRound(taskId);

        rounds.closeRound(taskId, cost, 200);

        assertFunds(2 * cost - 200, 200, 2 * cost, 0);
    }

    function test_RevertWhen_ARoundCostsMoreThanItsReserve() public {
        fund(3 * cost);
        rounds.reserveRound(taskId);
        rounds.closeRound(taskId, cost, 500);
        rounds.reserveRound(taskId);

        expectOutOfBounds(cost + 501, 0, cost + 500);
        rounds.closeRound(taskId, cost, cost + 501);
        rounds.closeRound(taskId, cost, cost + 500);
        assertFunds(2 * cost - 500, cost + 500, 3 * cost, 0);
    }

    function test_RevertWhen_LessIsOwedThanWasPaid() public {
        fund(cost);
        rounds.reserveRound(taskId);
        rounds.closeRound(taskId, cost, 500);
        rounds.payOut(taskId, worker, 400);

        expectOutOfBounds(399, 400, 500);
        rounds.closeRound(taskId, 0, 399);
        rounds.closeRound(taskId, 0, 400);
        assertFunds(cost - 400, 0, cost, 0);
    }

    function test_PayOutMovesReservedMoney() public {
        fund(cost);
        rounds.reserveRound(taskId);

        vm.expectEmit(address(money));
        emit IERC20.Transfer(address(tasks), worker, 77);
        rounds.payOut(taskId, worker, 77);

        assertEq(money.balanceOf(worker), 77);
        assertFunds(0, cost - 77, cost, 0);
        assertEq(tasks.bookedOf(address(money)), cost - 77);
    }

    function test_WhatIsTakenBackIsFreedByTheNextClose() public {
        fund(2 * cost);
        rounds.reserveRound(taskId);
        rounds.closeRound(taskId, cost, 500);
        rounds.payOut(taskId, address(rounds), 500);

        rounds.takeBack(taskId, money, 200);
        assertFunds(2 * cost - 500, 200, 2 * cost, 0);
        assertEq(tasks.bookedOf(address(money)), 2 * cost - 300);
        rounds.closeRound(taskId, 0, 300);

        assertFunds(2 * cost - 300, 0, 2 * cost, 0);
        assertEq(money.balanceOf(address(tasks)), 2 * cost - 300);
    }

    function test_RevertWhen_MoreIsPaidThanIsReserved() public {
        fund(2 * cost);
        rounds.reserveRound(taskId);

        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_FundsTooLow.selector, taskId, cost + 1, cost));
        rounds.payOut(taskId, worker, cost + 1);
    }

    function test_RevertWhen_SomebodyElseMovesWhatIsReserved() public {
        fund(2 * cost);
        vm.startPrank(owner);
        expectOnlyRounds();
        tasks.reserveRound(taskId);
        expectOnlyRounds();
        tasks.closeRound(taskId, 0, 0);
        expectOnlyRounds();
        tasks.payOut(taskId, owner, 1);
        expectOnlyRounds();
        tasks.takeBack(taskId, 1);
        vm.stopPrank();

        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_UnknownTask.selector, taskId + 1));
        rounds.payOut(taskId + 1, owner, 0);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_UnknownTask.selector, taskId + 1));
        rounds.takeBack(taskId + 1, money, 0);
    }

    // ---- Closing

    function test_CloseRefundsWhatIsNotReserved() public {
        fund(3 * cost);
        rounds.reserveRound(taskId);

        vm.expectEmit(address(tasks));
        emit ITasks.TaskClosed(taskId);
        vm.expectEmit(address(tasks));
        emit ITasks.TaskRefunded(taskId, owner, 2 * cost);
        vm.prank(owner);
        tasks.close(taskId);

        assertTrue(tasks.isClosed(taskId));
        assertFunds(0, cost, 3 * cost, 2 * cost);
        assertEq(money.balanceOf(owner), GRANT - cost);
        assertEq(tasks.bookedOf(address(money)), cost);
    }

    function test_CloseWithoutMoneyRefundsNothing() public {
        vm.recordLogs();
        vm.prank(owner);
        tasks.close(taskId);

        assertEq(vm.getRecordedLogs().length, 1);
        assertTrue(tasks.isClosed(taskId));
    }

    function test_RefundGivesBackWhatTheLastRoundDidNotCost() public {
        fund(2 * cost);
        rounds.reserveRound(taskId);
        vm.prank(owner);
        tasks.close(taskId);
        rounds.closeRound(taskId, cost, 10);

        vm.expectEmit(address(tasks));
        emit ITasks.TaskRefunded(taskId, owner, cost - 10);
        vm.prank(worker);
        assertEq(tasks.refund(taskId), cost - 10);

        assertFunds(0, 10, 2 * cost, 2 * cost - 10);
        rounds.payOut(taskId, worker, 10);
        assertEq(money.balanceOf(owner) + money.balanceOf(worker), GRANT);
        assertEq(money.balanceOf(address(tasks)), 0);
        assertEq(tasks.bookedOf(address(money)), 0);
    }

    function test_RevertWhen_ThereIsNothingToRefund() public {
        fund(cost);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_NotClosed.selector, taskId));
        tasks.refund(taskId);

        vm.prank(owner);
        tasks.close(taskId);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_NothingToRefund.selector, taskId));
        tasks.refund(taskId);
    }

    function test_RevertWhen_SomebodyElseCloses() public {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_OnlyOwner.selector, taskId, worker, owner));
        vm.prank(worker);
        tasks.close(taskId);
    }

    function test_RevertWhen_TheTaskIsClosed() public {
        fund(2 * cost);
        vm.startPrank(owner);
        tasks.close(taskId);

        expectClosed();
        tasks.close(taskId);
        expectClosed();
        tasks.fund(taskId, 1);
        expectClosed();
        tasks.enrol(taskId, keccak256("root"), 1);
        expectClosed();
        tasks.joinValidators(taskId, 200 * ASSAY, new bytes(32));
        vm.stopPrank();
        expectClosed();
        rounds.reserveRound(taskId);
    }

    // ---- Two tasks, one token

    function test_TasksDoNotTouchEachOthersMoney() public {
        vm.prank(owner);
        uint64 other = tasks.createTask(taskParams(address(money)));
        fund(cost);
        vm.prank(owner);
        tasks.fund(other, 2 * cost);

        rounds.reserveRound(other);
        vm.prank(owner);
        tasks.close(other);
        rounds.payOut(other, worker, cost);

        assertFunds(cost, 0, cost, 0);
        assertEq(tasks.bookedOf(address(money)), cost);
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_FundsTooLow.selector, other, 1, 0));
        rounds.payOut(other, worker, 1);
    }

    // ---- Properties

    /// A life of two rounds with any amounts: every wei is paid, refunded or still there.
    function testFuzz_EveryWeiIsAccountedFor(uint256 extra, uint256 owed, uint256 paid, uint256 owedMore) public {
        extra = bound(extra, 0, 1e20);
        fund(2 * cost + extra);
        rounds.reserveRound(taskId);
        owed = bound(owed, 0, cost);
        rounds.closeRound(taskId, cost, owed);
        paid = bound(paid, 0, owed);
        if (paid != 0) rounds.payOut(taskId, worker, paid);
        rounds.reserveRound(taskId);
        owedMore = bound(owedMore, paid, owed + cost);
        rounds.closeRound(taskId, cost, owedMore);
        vm.prank(owner);
        tasks.close(taskId);
        if (owedMore > paid) rounds.payOut(taskId, worker, owedMore - paid);

        assertEq(money.balanceOf(worker), owedMore);
        assertEq(money.balanceOf(owner), GRANT - owedMore);
        assertFunds(0, 0, 2 * cost + extra, 2 * cost + extra - owedMore);
        assertEq(tasks.bookedOf(address(money)), 0);
    }

    // ---- Helpers

    function fund(uint256 amount) private {
        vm.prank(owner);
        tasks.fund(taskId, amount);
    }

    function assertFunds(uint256 available, uint256 reserved, uint256 funded, uint256 refunded) private view {
        ITasks.Funds memory funds = tasks.fundsOf(taskId);
        assertEq(funds.available, available, "available");
        assertEq(funds.reserved, reserved, "reserved");
        assertEq(funds.funded, funded, "funded");
        assertEq(funds.refunded, refunded, "refunded");
    }

    function expectOnlyRounds() private {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_OnlyRounds.selector, owner, address(rounds)));
    }

    function expectClosed() private {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_Closed.selector, taskId));
    }

    function expectOutOfBounds(uint256 value, uint256 minimum, uint256 maximum) private {
        vm.expectRevert(
            abi.encodeWithSelector(ITasks.Tasks_OutOfBounds.selector, "liability", value, minimum, maximum)
        );
    }
}
