// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ITasks} from "../../contracts/interfaces/ITasks.sol";
import {Chain} from "./fixtures/Chain.sol";
import {RoundsDouble} from "./fixtures/RoundsDouble.sol";
import {FalseToken, HookedToken, PlainToken, RebasingToken, SilentToken, TaxedToken} from "./fixtures/Tokens.sol";
import {vm} from "./fixtures/Vm.sol";

/// Reward tokens that misbehave: refused as soon as it shows, and harmless to tasks that pay in another token.
contract TasksTokensTest is Chain {
    uint256 private constant GRANT = 1e24;

    address private owner = accountOf("task owner");
    address private worker = accountOf("worker");
    uint256 private cost;

    // ---- Fee on transfer

    function test_RevertWhen_TheTokenKeepsAShareOfTheFunding() public {
        TaxedToken money = new TaxedToken();
        uint64 taskId = create(address(money));
        money.setTax(100, false);

        expectInexact(address(money), 10_000, 9_900);
        fund(taskId, 10_000);
        assertBooks(taskId, address(money), 0, 0);
    }

    function test_ATaxThatComesLaterIsPaidByTheRecipient() public {
        TaxedToken money = new TaxedToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);
        rounds.reserveRound(taskId);
        money.setTax(100, false);

        rounds.payOut(taskId, worker, 10_000);

        assertEq(money.balanceOf(worker), 9_900);
        assertBooks(taskId, address(money), cost, cost - 10_000);
        assertEq(money.balanceOf(address(tasks)), 2 * cost - 10_000);
    }

    function test_RevertWhen_TheTokenKeepsAShareOfWhatIsTakenBack() public {
        TaxedToken money = new TaxedToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);
        rounds.reserveRound(taskId);
        rounds.payOut(taskId, address(rounds), 10_000);
        money.setTax(100, false);

        expectInexact(address(money), 10_000, 9_900);
        rounds.takeBack(taskId, money, 10_000);
        assertBooks(taskId, address(money), cost, cost - 10_000);
    }

    function test_ATaxOnTopIsNoticedBeforeTheNextRound() public {
        TaxedToken money = new TaxedToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);
        rounds.reserveRound(taskId);
        money.setTax(100, true);
        rounds.payOut(taskId, worker, 10_000);

        // The books have 100 wei more than the balance.
        expectBelowBooks(address(money), 2 * cost - 10_100, 2 * cost - 10_000);
        rounds.reserveRound(taskId);
        expectBelowBooks(address(money), 2 * cost - 10_100, 2 * cost - 10_000);
        fund(taskId, 1);

        // Earnings are still paid, and anyone can restore the missing tokens.
        rounds.payOut(taskId, worker, 1);
        money.mint(address(tasks), 99);
        expectBelowBooks(address(money), 2 * cost - 10_002, 2 * cost - 10_001);
        rounds.reserveRound(taskId);
        money.mint(address(tasks), 1);
        rounds.reserveRound(taskId);
    }

    // ---- Rebasing

    function test_ATokenThatGrowsDoesNoHarm() public {
        RebasingToken money = new RebasingToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);

        money.setIndex(1_500);

        assertBooks(taskId, address(money), 2 * cost, 0);
        rounds.reserveRound(taskId);
        vm.prank(owner);
        tasks.close(taskId);
        assertBooks(taskId, address(money), 0, cost);
    }

    function test_ATokenThatShrinksIsRefusedUntilItIsWholeAgain() public {
        RebasingToken money = new RebasingToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);

        money.setIndex(999);

        uint256 left = money.balanceOf(address(tasks));
        assertLt(left, 2 * cost);
        expectBelowBooks(address(money), left, 2 * cost);
        rounds.reserveRound(taskId);
        expectBelowBooks(address(money), left, 2 * cost);
        fund(taskId, 1);

        money.setIndex(1_000);
        rounds.reserveRound(taskId);
    }

    function test_RevertWhen_TheTokenRebasesWithinTheFunding() public {
        RebasingToken money = new RebasingToken();
        uint64 taskId = create(address(money));
        fund(taskId, 1_000);

        money.rebaseWithinNextTransfer(2_000);
        expectInexact(address(money), 1_000, 3_000);
        fund(taskId, 1_000);

        money.rebaseWithinNextTransfer(1);
        expectInexact(address(money), 1_000, 0);
        fund(taskId, 1_000);

        money.rebaseWithinNextTransfer(999);
        expectInexact(address(money), 1_000, 998);
        fund(taskId, 1_000);
        assertBooks(taskId, address(money), 1_000, 0);
    }

    // ---- Tokens with unusual return values

    function test_ATokenThatReturnsNothingPaysThroughAWholeLife() public {
        SilentToken money = new SilentToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);
        rounds.reserveRound(taskId);
        rounds.closeRound(taskId, cost, 500);
        rounds.payOut(taskId, worker, 500);
        vm.prank(owner);
        tasks.close(taskId);

        assertEq(money.balanceOf(worker), 500);
        assertEq(money.balanceOf(owner), GRANT - 500);
        assertBooks(taskId, address(money), 0, 0);
    }

    function test_RevertWhen_TheTokenReturnsFalse() public {
        FalseToken money = new FalseToken();
        uint64 taskId = create(address(money));
        expectFailed(address(money));
        fund(taskId, GRANT + 1);
        fund(taskId, 2 * cost);
        rounds.reserveRound(taskId);

        money.setBroken(true);

        expectFailed(address(money));
        rounds.payOut(taskId, worker, 1);
        assertBooks(taskId, address(money), cost, cost);
    }

    function test_ABrokenTokenDoesNotKeepATaskOpen() public {
        FalseToken money = new FalseToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);
        money.setBroken(true);

        vm.recordLogs();
        vm.prank(owner);
        tasks.close(taskId);

        assertEq(vm.getRecordedLogs().length, 1);
        assertTrue(tasks.isClosed(taskId));
        assertBooks(taskId, address(money), 2 * cost, 0);
        expectFailed(address(money));
        tasks.refund(taskId);

        money.setBroken(false);
        assertEq(tasks.refund(taskId), 2 * cost);
        assertEq(money.balanceOf(owner), GRANT);
        assertEq(tasks.fundsOf(taskId).refunded, 2 * cost);
    }

    function test_Attack17_ARevertWithALargeMessageDoesNotKeepATaskOpen() public {
        PlainToken money = new PlainToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);
        // PUSH3 0x020000 PUSH0 REVERT: 128 KiB of zeros.
        vm.etch(address(money), hex"620200005ffd");

        vm.prank(owner);
        tasks.close{gas: 400_000}(taskId);

        assertTrue(tasks.isClosed(taskId));
        assertEq(tasks.fundsOf(taskId).available, 2 * cost);
    }

    function test_ATokenThatVanishedPaysNobodyAndKeepsTheBooks() public {
        PlainToken money = new PlainToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);
        rounds.reserveRound(taskId);
        vm.etch(address(money), "");

        expectFailed(address(money));
        rounds.payOut(taskId, worker, 1);
        vm.prank(owner);
        tasks.close(taskId);

        assertTrue(tasks.isClosed(taskId));
        assertEq(tasks.fundsOf(taskId).available, cost);
        assertEq(tasks.fundsOf(taskId).reserved, cost);
    }

    // ---- Tokens that call back

    function test_NothingThatMovesMoneyCanBeReentered() public {
        HookedToken money = new HookedToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);
        rounds.reserveRound(taskId);
        bytes[6] memory calls = [
            abi.encodeCall(ITasks.fund, (taskId, 1)),
            abi.encodeCall(ITasks.close, (taskId)),
            abi.encodeCall(ITasks.refund, (taskId)),
            abi.encodeCall(RoundsDouble.payOut, (taskId, worker, 1)),
            abi.encodeCall(RoundsDouble.reserveRound, (taskId)),
            abi.encodeCall(RoundsDouble.closeRound, (taskId, 0, 0))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            address target = i < 3 ? address(tasks) : address(rounds);

            money.callOnNextTransfer(target, calls[i], i % 2 == 0);
            fund(taskId, 10);
            assertRefusedReentry(money);

            money.callOnNextTransfer(target, calls[i], i % 2 == 1);
            rounds.payOut(taskId, worker, 10);
            assertRefusedReentry(money);
        }
        assertBooks(taskId, address(money), cost + 60, cost - 60);
        assertEq(money.balanceOf(address(tasks)), 2 * cost);
    }

    function test_ARefundCannotBeReentered() public {
        HookedToken money = new HookedToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);
        rounds.reserveRound(taskId);
        money.callOnNextTransfer(address(tasks), abi.encodeCall(ITasks.refund, (taskId)), false);
        vm.prank(owner);
        tasks.close(taskId);
        assertRefusedReentry(money);

        rounds.closeRound(taskId, cost, 0);
        money.callOnNextTransfer(address(tasks), abi.encodeCall(ITasks.refund, (taskId)), true);
        tasks.refund(taskId);
        assertRefusedReentry(money);
        assertEq(money.balanceOf(owner), GRANT);
    }

    function test_WhoWatchesWithinAPaymentSeesBooksThatAreCovered() public {
        HookedToken money = new HookedToken();
        uint64 taskId = create(address(money));
        fund(taskId, 2 * cost);
        rounds.reserveRound(taskId);

        money.callOnNextTransfer(address(tasks), abi.encodeCall(ITasks.bookedOf, (address(money))), true);
        rounds.payOut(taskId, worker, 10);
        assertTrue(money.wasCalled());
        assertEq(abi.decode(money.answer(), (uint256)), 2 * cost - 10);

        money.callOnNextTransfer(address(tasks), abi.encodeCall(ITasks.bookedOf, (address(money))), false);
        fund(taskId, 10);
        assertEq(abi.decode(money.answer(), (uint256)), 2 * cost - 10);
    }

    // ---- Other tasks are safe

    function test_ABadTokenTakesNothingFromTasksInAnother() public {
        TaxedToken bad = new TaxedToken();
        PlainToken good = new PlainToken();
        uint64 badTask = create(address(bad));
        uint64 goodTask = create(address(good));
        fund(badTask, 2 * cost);
        fund(goodTask, 2 * cost);
        rounds.reserveRound(badTask);
        rounds.reserveRound(goodTask);
        bad.setTax(9_000, true);
        rounds.payOut(badTask, worker, cost / 2);

        rounds.payOut(goodTask, worker, cost);
        vm.prank(owner);
        tasks.close(goodTask);

        assertEq(good.balanceOf(worker), cost);
        assertEq(good.balanceOf(owner), GRANT - cost);
        assertEq(good.balanceOf(address(tasks)), 0);
    }

    function test_Attack22_ADonationIsNobodysMoney() public {
        PlainToken money = new PlainToken();
        uint64 taskId = create(address(money));
        money.mint(address(tasks), 12_345);
        fund(taskId, 2 * cost);
        money.mint(address(tasks), 1);

        assertBooks(taskId, address(money), 2 * cost, 0);
        vm.prank(owner);
        tasks.close(taskId);
        assertEq(money.balanceOf(owner), GRANT);
        assertEq(money.balanceOf(address(tasks)), 12_346);
    }

    function test_Attack39_ADonatedWeiBlocksNoFundingRoundOrRefund() public {
        PlainToken money = new PlainToken();
        uint64 taskId = create(address(money));
        fund(taskId, cost);
        money.mint(address(tasks), 1);
        rounds.reserveRound(taskId);
        rounds.closeRound(taskId, cost, 0);
        fund(taskId, 1);
        vm.prank(owner);
        tasks.close(taskId);
        assertBooks(taskId, address(money), 0, 0);
    }

    // ---- Helpers

    /// @dev Every token here mints to anybody; silent and false ones need no approval or return none.
    function create(address money) private returns (uint64 taskId) {
        PlainToken(money).mint(owner, GRANT);
        ITasks.TaskParams memory params = taskParams(money);
        vm.startPrank(owner);
        taskId = tasks.createTask(params);
        // solhint-disable-next-line avoid-low-level-calls
        (bool approved, ) = money.call(abi.encodeCall(IERC20.approve, (address(tasks), type(uint256).max)));
        approved;
        vm.stopPrank();
        cost = tasks.largestRoundCost(taskId);
    }

    function fund(uint64 taskId, uint256 amount) private {
        vm.prank(owner);
        tasks.fund(taskId, amount);
    }

    function assertBooks(uint64 taskId, address money, uint256 available, uint256 reserved) private view {
        ITasks.Funds memory funds = tasks.fundsOf(taskId);
        assertEq(funds.available, available, "available");
        assertEq(funds.reserved, reserved, "reserved");
        assertEq(tasks.bookedOf(money), available + reserved, "booked");
    }

    function assertRefusedReentry(HookedToken money) private view {
        assertFalse(money.wasCalled());
        assertEq(
            money.answer(),
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
    }

    function expectInexact(address money, uint256 asked, uint256 received) private {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_InexactTransfer.selector, money, asked, received));
    }

    function expectBelowBooks(address money, uint256 balance, uint256 booked) private {
        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_BalanceBelowBooks.selector, money, balance, booked));
    }

    function expectFailed(address money) private {
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, money));
    }
}
