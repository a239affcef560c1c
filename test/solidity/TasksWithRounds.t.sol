// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeRegistry} from "../../contracts/interfaces/IStakeRegistry.sol";
import {IRoundsErrors} from "../../contracts/interfaces/IRoundsErrors.sol";
import {ITasks} from "../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "./fixtures/RoundsChain.sol";
import {vm} from "./fixtures/Vm.sol";

/// Tasks and StakeRegistry with the real Rounds, where the other tests of Tasks use a double.
contract TasksWithRoundsTest is RoundsChain {
    uint256 private funded;

    function setUp() public override {
        super.setUp();
        funded = tasks.fundsOf(taskId).funded;
    }

    // ---- Money

    function test_EveryWeiOfAWholeLifeIsPaidOrRefunded() public {
        enrol(20);
        join(7);
        playRound(20, entry(9_000, 12_000, 2));
        playRound(18, entry(NOT_AUDITED, 0, 0));
        playRound(20, entry(7_000, 9_000, 2));
        skip(3_000);
        uint256 paid = claimAll();
        assertGt(paid, 0);
        assertFundsAddUp(paid);

        vm.prank(owner);
        tasks.close(taskId);

        ITasks.Funds memory funds = tasks.fundsOf(taskId);
        (uint256 credited, uint256 held, , ) = lens.totalsOf(taskId);
        assertEq(paid, credited, "all that was credited is paid");
        assertEq(funds.reserved, held, "only what is held stays");
        assertEq(funds.available, 0);
        assertEq(money.balanceOf(owner), 1e24 - paid - held);
        assertEq(money.balanceOf(address(tasks)), held);
        assertEq(tasks.bookedOf(address(money)), held);
    }

    function test_ClosingWhileARoundIsOpenStillPaysIt() public {
        enrol(5);
        join(7);
        openAndSeal(5);

        vm.prank(owner);
        tasks.close(taskId);
        assertEq(tasks.fundsOf(taskId).available, 0);
        assertEq(tasks.fundsOf(taskId).reserved, tasks.largestRoundCost(taskId));

        planAll(entry(9_000, 12_000, 2));
        scoreAttempt(0);
        settleAll();
        voteAll(keccak256("model"));
        finalize();
        vm.expectRevert(abi.encodeWithSelector(IRoundsErrors.Rounds_TaskClosed.selector, taskId));
        rounds.openRound(taskId);

        tasks.refund(taskId);
        skip(3_000);
        uint256 paid = claimAll();
        assertGt(paid, 0);
        assertFundsAddUp(paid);
        assertEq(money.balanceOf(address(tasks)), 0);
        assertEq(money.balanceOf(owner), 1e24 - paid);
    }

    function test_ARoundToWhichNobodySubmitsCostsNothing() public {
        enrol(5);
        join(7);
        open();
        assertEq(tasks.fundsOf(taskId).reserved, tasks.largestRoundCost(taskId));

        close();

        assertEq(tasks.fundsOf(taskId).reserved, 0);
        assertEq(tasks.fundsOf(taskId).available, funded);
    }

    function test_RevertWhen_TheEscrowDoesNotCoverTheNextRound() public {
        ITasks.TaskParams memory params = terms();
        vm.prank(owner);
        uint64 poor = tasks.createTask(params);
        uint256 cost = tasks.largestRoundCost(poor);
        vm.prank(owner);
        tasks.fund(poor, cost - 1);
        taskId = poor;
        enrol(5);
        join(7);
        skip(1);

        vm.expectRevert(abi.encodeWithSelector(ITasks.Tasks_FundsTooLow.selector, poor, cost, cost - 1));
        rounds.openRound(poor);

        vm.prank(owner);
        tasks.fund(poor, 1);
        rounds.openRound(poor);
    }

    function test_HeldPayOfAContributorWhoLeavesGoesBackToTheTask() public {
        enrol(5);
        join(7);
        playRound(5, entry(9_000, 12_000, 2));
        playRound(5, entry(NOT_AUDITED, 0, 0));
        uint256 held = lens.earningsOf(taskId, contributors[0]).held;
        assertGt(held, 0);
        uint256 reserved = tasks.fundsOf(taskId).reserved;
        vm.warp(view_().closedAt + tasks.paramsOf(taskId).challengeSeconds);

        leaveAs(contributors[0]);

        assertEq(tasks.fundsOf(taskId).reserved, reserved - held);
        assertFundsAddUp(0);
    }

    // ---- People

    function test_ContributorsLeaveOnceTheirLastRoundIsFinal() public {
        enrol(5);
        join(7);
        open();
        submit(4);
        vm.expectRevert(abi.encodeWithSelector(IRoundsErrors.Rounds_NotFinal.selector, taskId, type(uint256).max));
        leaveAs(contributors[0]);
        close();
        seal(BEACON);
        planAll(entry(9_000, 12_000, 2));
        scoreAttempt(0);
        settleAll();
        voteAll(keccak256("model"));
        finalize();

        uint256 finalAt = view_().closedAt + tasks.paramsOf(taskId).challengeSeconds;
        vm.warp(finalAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IRoundsErrors.Rounds_NotFinal.selector, taskId, finalAt));
        leaveAs(contributors[0]);
        vm.warp(finalAt);
        leaveAs(contributors[0]);

        assertTrue(tasks.roleOf(taskId, contributors[0]) == ITasks.Role.None);
        assertEq(registry.positionOf(contributors[0]).reserved, 0);
    }

    function test_Attack09_AValidatorsStakeStaysUntilItsLastRoundIsFinal() public {
        enrol(5);
        join(8);
        openAndSeal(5);
        address leaver = validators[0];
        vm.startPrank(leaver);
        tasks.leaveValidators(taskId);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 1, 0));
        registry.requestUnstake(1);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IRoundsErrors.Rounds_StillDrawn.selector, taskId, leaver));
        tasks.releaseValidator(taskId, leaver);

        planAll(entry(9_000, 12_000, 2));
        scoreAttempt(0);
        settleAll();
        voteAll(keccak256("model"));
        finalize();

        uint256 finalAt = view_().closedAt + tasks.paramsOf(taskId).challengeSeconds;
        vm.expectRevert(abi.encodeWithSelector(IRoundsErrors.Rounds_NotFinal.selector, taskId, finalAt));
        tasks.releaseValidator(taskId, leaver);
        vm.warp(finalAt);
        tasks.releaseValidator(taskId, leaver);
        assertEq(registry.freeStakeOf(leaver), STAKE);
    }

    function test_ARefusedBidReservesNothing() public {
        join(64);
        address late = person("validator", 64, STAKE);
        uint256 leastStake = (200 * ASSAY * 385 + 255) / 256;
        vm.expectRevert(abi.encodeWithSelector(IRoundsErrors.Rounds_RosterFull.selector, taskId, leastStake));
        bidAs(late, STAKE);

        assertEq(registry.positionOf(late).reserved, 0);
        assertTrue(tasks.roleOf(taskId, late) == ITasks.Role.None);
    }

    function test_Attack11_ASilentSeatIsFinedWhateverItsStakeDoes() public {
        enrol(5);
        join(7);
        openAndSeal(5);
        address silent = seatsOf(0)[0];
        // It gives up everything that it can: nothing, all is reserved.
        vm.prank(silent);
        tasks.leaveValidators(taskId);
        planAll(entry(9_000, 12_000, 2));
        silence(0, silent);
        scoreAttempt(0);
        settleAll();
        vm.warp(view_().rootVoteEnd);
        finalize();

        assertEq(registry.reservationOf(silent, taskId), STAKE - STAKE / 100);
        assertEq(registry.positionOf(silent).active, STAKE - STAKE / 100);
    }

    // ---- Helpers

    function claimAll() private returns (uint256 paid) {
        for (uint256 i = 0; i < contributors.length; ++i) paid += claimFor(contributors[i]);
        for (uint256 i = 0; i < validators.length; ++i) paid += claimFor(validators[i]);
    }

    function claimFor(address account) private returns (uint256) {
        if (lens.earningsOf(taskId, account).matured == 0) return 0;
        return rounds.claim(taskId, account);
    }

    function assertFundsAddUp(uint256 paid) private view {
        ITasks.Funds memory funds = tasks.fundsOf(taskId);
        (uint256 credited, uint256 held, , ) = lens.totalsOf(taskId);
        assertEq(funds.funded, credited + funds.refunded + funds.available + funds.reserved, "funded");
        assertEq(funds.reserved, held, "reserved is held");
        assertEq(lens.purseOf(taskId), credited - paid, "the purse has what is not claimed");
        assertEq(money.balanceOf(address(tasks)), funds.available + funds.reserved, "balance");
        assertEq(money.balanceOf(address(rounds)), credited - paid, "balance of the purse");
    }
}
