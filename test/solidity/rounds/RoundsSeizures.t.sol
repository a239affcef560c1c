// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {TaxedToken} from "../fixtures/Tokens.sol";
import {vm} from "../fixtures/Vm.sol";

/// @title What cases do to earnings
/// @notice Three contributors; alice is accused. The court is an address that the tests speak for.
contract RoundsSeizuresTest is RoundsChain {
    uint256 private constant GOOD = 8_000;

    address private court;
    address private alice;
    address private vera;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(7);
        (alice, vera) = (contributors[0], validators[0]);
    }

    function courtOf() internal override returns (address) {
        return court = contractAt("court");
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.maxRounds = 40;
    }

    // ---- Seizing and restoring

    function test_SeizingKeepsWhatHasNotMaturedAndNothingElse() public {
        playAudited();
        skip(2 * EPOCH);
        playAudited();
        IRoundsLens.EarningsView memory before = earnings(alice);
        assertGt(before.matured, 0);
        assertGt(before.pending, 0);

        expectFromRounds();
        emit IRoundsEvents.EarningsSeized(taskId, alice, before.pending, 1);
        seize(alice);

        IRoundsLens.EarningsView memory then = earnings(alice);
        assertEq(then.matured, before.matured);
        assertEq(then.pending, 0);
        assertEq(then.seized, before.pending);
        assertEq(then.cases, 1);
        assertEq(then.nextMaturesAt, 0);
        rounds.claim(taskId, alice);
        assertEq(money.balanceOf(alice), before.matured);
        assertEq(earnings(alice).seized, before.pending);
        assertBooks();
    }

    /// Whenever a case begins and ends, an acquitted account ends where it would have been without it.
    function test_Attack61_ARestoredAccountHasWhatItWouldHaveHad() public {
        playAudited();
        skip(EPOCH / 2);
        playAudited();
        uint256 start = vm.snapshotState();
        for (uint256 i = 0; i < 25; ++i) {
            // Up to three epochs in steps that aren't parts of one.
            (uint256 during, uint256 later) = (((i % 5) * EPOCH * 4) / 7, ((i / 5) * EPOCH * 5) / 9);
            skip(during + later);
            bytes32 expected = keccak256(abi.encode(earnings(alice)));
            vm.revertToState(start);
            start = vm.snapshotState();

            seize(alice);
            skip(during);
            restore(alice);
            skip(later);

            assertEq(keccak256(abi.encode(earnings(alice))), expected, vm.toString(i));
            assertBooks();
            vm.revertToState(start);
            start = vm.snapshotState();
        }
    }

    /// A sham case between two roll-overs, and claims meanwhile, change nothing either.
    function test_WhatMaturesInTheBucketIsClaimableAtOnce() public {
        playAudited();
        uint256 pay = earnings(alice).pending;
        seize(alice);
        skip(2 * EPOCH);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NothingMatured.selector, taskId, alice, uint256(0)));
        rounds.claim(taskId, alice);

        expectFromRounds();
        emit IRoundsEvents.EarningsRestored(taskId, alice, pay, 0);
        restore(alice);

        assertEq(rounds.claim(taskId, alice), pay);
        assertBooks();
    }

    function test_PayOfLaterRoundsIsNotSeizedUnlessAnotherCaseIsOpened() public {
        playAudited();
        uint256 first = earnings(alice).pending;
        seize(alice);
        playAudited();
        uint256 second = earnings(alice).pending;
        assertGt(second, 0);

        expectFromRounds();
        emit IRoundsEvents.EarningsSeized(taskId, alice, second, 2);
        seize(alice);
        assertEq(earnings(alice).seized, first + second);

        expectFromRounds();
        emit IRoundsEvents.EarningsRestored(taskId, alice, 0, 1);
        restore(alice);
        assertEq(earnings(alice).seized, first + second);
        expectFromRounds();
        emit IRoundsEvents.EarningsRestored(taskId, alice, first + second, 0);
        restore(alice);
        assertEq(earnings(alice).pending, first + second);
        assertBooks();
    }

    function test_AValidatorsPayIsSeizedLikeAContributors() public {
        playAudited();
        uint256 pay = earnings(vera).pending;
        assertGt(pay, 0);
        seize(vera);
        assertEq(earnings(vera).seized, pay);

        expectFromRounds();
        emit IRoundsEvents.EarningsForfeited(taskId, vera, pay, 0);
        assertEq(forfeit(vera), pay);
        assertEq(lens.forfeitedOf(taskId), pay);
        assertBooks();
    }

    function test_WhoLostItsStakeIsDrawnNoMore() public {
        join(1);
        for (uint256 i = 0; i < 3; ++i) playAudited();
        assertGt(weightOf(vera), 0);
        seize(vera);
        uint256 stake = registry.reservationOf(vera, taskId) + registry.freeStakeOf(vera);
        vm.prank(court);
        registry.slash(vera, taskId, stake, "", 0);

        forfeit(vera);
        playAudited();

        assertEq(weightOf(vera), 0);
    }

    // ---- Held pay

    function test_WhatAnAuditReleasesIsKeptUntilTheCaseEnds() public {
        playAudited();
        playUnaudited();
        skip(2 * EPOCH);
        rounds.claim(taskId, alice);
        uint256 held = earnings(alice).held;
        assertGt(held, 0);
        seize(alice);
        assertEq(earnings(alice).held, held);

        playAudited();

        assertEq(earnings(alice).held, 0);
        assertEq(earnings(alice).seized, held);
        uint256 own = earnings(alice).pending;
        assertGt(own, 0);
        assertBooks();
        restore(alice);
        assertEq(earnings(alice).pending, own + held);
        assertBooks();
    }

    function test_AFailedAuditCancelsSeizedHeldPay() public {
        playAudited();
        playUnaudited();
        seize(alice);
        uint256 before = earnings(alice).seized;

        playRound(3, entry(GATE_FAILED, 0, 0));

        assertEq(earnings(alice).held, 0);
        assertEq(earnings(alice).seized, before);
        assertBooks();
    }

    function test_ForfeitingTakesHeldPayToo() public {
        playAudited();
        playUnaudited();
        IRoundsLens.EarningsView memory before = earnings(alice);
        seize(alice);

        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 2, alice, before.held);
        expectFromRounds();
        emit IRoundsEvents.EarningsForfeited(taskId, alice, before.pending + before.held, 0);
        assertEq(forfeit(alice), before.pending + before.held);

        assertEq(earnings(alice).held + earnings(alice).seized + earnings(alice).pending, 0);
        assertFalse(lens.participantOf(taskId, alice).heldRounds.length != 0);
        vm.expectRevert(abi.encodeWithSelector(IRoundsErrors.Rounds_NothingHeld.selector, taskId, alice));
        rounds.releaseHeld(taskId, alice);
        assertBooks();
        // Nothing is left for the next audit to release.
        playAudited();
        assertBooks();
    }

    /// Who leaves takes nothing out of the bucket, and nothing past it.
    function test_LeavingReleasesHeldPayIntoTheBucket() public {
        playAudited();
        playUnaudited();
        skip(2 * EPOCH);
        vm.prank(owner);
        tasks.close(taskId);
        uint256 held = earnings(alice).held;
        seize(alice);
        uint256 matured = earnings(alice).matured;

        leaveAs(alice);

        assertEq(earnings(alice).seized, held);
        assertEq(earnings(alice).matured, matured);
        assertEq(earnings(alice).pending, 0);
        assertEq(earnings(alice).cases, 1);
        assertBooks();
        uint256 id = vm.snapshotState();
        restore(alice);
        skip(2 * EPOCH);
        assertEq(rounds.claim(taskId, alice), matured + held);
        assertBooks();
        vm.revertToState(id);
        assertEq(forfeit(alice), held);
        assertBooks();
    }

    function test_HeldPayThatAnyoneHasReleasedIsKeptToo() public {
        playAudited();
        playUnaudited();
        seize(alice);
        uint256 seized = earnings(alice).seized;
        uint256 held = earnings(alice).held;
        skip(1_000 + 28 days);

        assertEq(rounds.releaseHeld(taskId, alice), held);

        assertEq(earnings(alice).seized, seized + held);
        assertBooks();
    }

    /// Cases outlast the role: who comes back finds them.
    function test_WhoComesBackHasItsCasesStill() public {
        playAudited();
        uint256 pay = earnings(alice).pending;
        seize(alice);
        skip(1_000);
        leaveAs(alice);
        enrolAs(alice);
        assertEq(earnings(alice).cases, 1);
        assertEq(earnings(alice).seized, pay);
        playUnaudited();
        playAudited();
        assertGt(earnings(alice).seized, pay);
        restore(alice);
        assertEq(earnings(alice).seized, 0);
        assertBooks();
    }

    // ---- Several cases

    /// Two cases, one of them lost, in every order and with a round between: the same sums.
    function test_CasesThatEndInAnotherOrderEndAlike() public {
        playAudited();
        playUnaudited();
        seize(alice);
        seize(alice);
        bytes32 expected;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 id = vm.snapshotState();
            if (i % 2 == 0) forfeit(alice);
            else restore(alice);
            if (i / 2 == 1) skip(3 * EPOCH);
            if (i % 2 == 0) restore(alice);
            else forfeit(alice);
            bytes32 sums = keccak256(abi.encode(earnings(alice), lens.forfeitedOf(taskId)));
            assertBooks();
            vm.revertToState(id);
            if (i == 0) expected = sums;
            assertEq(sums, expected, vm.toString(i));
        }
    }

    function test_ASecondPenaltyTakesWhatWasSeizedSinceTheFirst() public {
        playAudited();
        uint256 first = earnings(alice).pending;
        seize(alice);
        seize(alice);
        assertEq(forfeit(alice), first);
        playAudited();
        uint256 second = earnings(alice).pending;
        seize(alice);

        expectFromRounds();
        emit IRoundsEvents.EarningsForfeited(taskId, alice, second, 1);
        assertEq(forfeit(alice), second);
        assertEq(forfeit(alice), 0);
        assertEq(lens.forfeitedOf(taskId), first + second);
        assertBooks();
    }

    function test_WithoutACaseNothingIsTakenOrGiven() public {
        playAudited();
        playUnaudited();
        bytes memory before = abi.encode(earnings(alice));

        expectFromRounds();
        emit IRoundsEvents.EarningsForfeited(taskId, alice, 0, 0);
        assertEq(forfeit(alice), 0);
        expectFromRounds();
        emit IRoundsEvents.EarningsRestored(taskId, alice, 0, 0);
        restore(alice);

        assertEq(abi.encode(earnings(alice)), before);
        address nobody = accountOf("nobody");
        seize(nobody);
        assertEq(forfeit(nobody), 0);
        assertBooks();
    }

    // ---- Back to the escrow

    function test_ForfeitedPayBecomesFundsOfTheTask() public {
        playAudited();
        playUnaudited();
        seize(alice);
        uint256 amount = forfeit(alice);
        ITasks.Funds memory before = tasks.fundsOf(taskId);
        uint256 purse = lens.purseOf(taskId);

        expectFromRounds();
        emit IRoundsEvents.ForfeitedReturned(taskId, amount);
        assertEq(rounds.returnForfeited(taskId), amount);

        ITasks.Funds memory then = tasks.fundsOf(taskId);
        assertEq(then.available, before.available + amount);
        assertEq(then.funded, before.funded);
        assertLt(lens.purseOf(taskId), purse);
        assertEq(lens.forfeitedOf(taskId), 0);
        assertBooks();
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NothingForfeited.selector, taskId));
        rounds.returnForfeited(taskId);
        playAudited();
        assertBooks();
    }

    /// While a round is open its end gives the escrow what came back.
    function test_ForfeitedPayComesBackWhileARoundIsOpen() public {
        playAudited();
        seize(alice);
        openAndSeal(3);
        planAll(entry(GOOD, 10_000, 2));
        scoreAttempt(0);
        settleAll();
        uint256 available = tasks.fundsOf(taskId).available;
        uint256 amount = forfeit(alice);
        assertEq(rounds.returnForfeited(taskId), amount);
        assertEq(tasks.fundsOf(taskId).available, available);
        uint256 paid = earnings(contributors[1]).pending + earnings(alice).pending;
        assertGt(paid, 0);

        voteAll(keccak256("m"));
        finalize();

        assertGt(tasks.fundsOf(taskId).available, available + amount);
        assertBooks();
    }

    /// Pay of the open round can be seized and forfeited before the escrow ever heard of it.
    function test_PayOfTheFirstRoundIsReturnedBeforeItEnds() public {
        openAndSeal(3);
        planAll(entry(GOOD, 10_000, 2));
        scoreAttempt(0);
        settleAll();
        seize(alice);
        uint256 amount = forfeit(alice);
        assertGt(amount, 0);

        assertEq(rounds.returnForfeited(taskId), amount);
        voteAll(keccak256("m"));
        finalize();

        assertBooks();
        skip(3 * EPOCH);
        rounds.claim(taskId, contributors[1]);
        assertBooks();
    }

    function test_TheOwnerOfAClosedTaskGetsForfeitedPay() public {
        playAudited();
        seize(alice);
        uint256 amount = forfeit(alice);
        vm.prank(owner);
        tasks.close(taskId);
        uint256 before = money.balanceOf(owner);

        rounds.returnForfeited(taskId);
        assertEq(tasks.refund(taskId), amount);

        assertEq(money.balanceOf(owner), before + amount);
        skip(3 * EPOCH);
        for (uint256 i = 1; i < 3; ++i) rounds.claim(taskId, contributors[i]);
        for (uint256 i = 0; i < validators.length; ++i) {
            if (earnings(validators[i]).matured != 0) rounds.claim(taskId, validators[i]);
        }
        assertBooks();
        assertEq(money.balanceOf(address(rounds)) + money.balanceOf(address(tasks)), 0);
    }

    /// What a token kept back is missing in this task alone; the rest comes back once the purse has it.
    function test_ATokenThatKeepsAPartReturnsWhatIsThere() public {
        TaxedToken taxed = new TaxedToken();
        taxed.mint(owner, 1e24);
        vm.prank(owner);
        taxed.approve(address(tasks), type(uint256).max);
        ITasks.TaskParams memory params = terms();
        params.rewardToken = address(taxed);
        taskId = createTask(params);
        for (uint256 i = 0; i < contributors.length; ++i) enrolAs(contributors[i]);
        for (uint256 i = 0; i < validators.length; ++i) {
            holderOf(validators[i], STAKE);
            joinAs(validators[i], STAKE);
        }
        taxed.setTax(10_000, false);
        playAudited();
        assertEq(lens.purseOf(taskId), 0);
        seize(alice);
        uint256 amount = forfeit(alice);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotCollected.selector, taskId, amount, uint256(0)));
        rounds.returnForfeited(taskId);
    }

    // ---- Who may

    function test_RevertWhen_AnybodyButTheCourtCalls() public {
        vm.startPrank(alice);
        expectOnlyCourt();
        rounds.seize(taskId, vera);
        expectOnlyCourt();
        rounds.restore(taskId, alice);
        expectOnlyCourt();
        rounds.forfeit(taskId, vera);
        expectOnlyCourt();
        rounds.rollBackModel(taskId, 1, BEACON);
    }

    function test_RevertWhen_TheTaskIsUnknown() public {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownTask.selector, taskId + 1));
        vm.prank(court);
        rounds.seize(taskId + 1, alice);
    }

    // ---- Everything at once

    /// Random rounds, cases, verdicts and claims. After each step every wei is where it belongs.
    function test_EveryWeiIsAccountedForWhateverTheCourtDoes() public {
        for (uint256 seed = 1; seed <= 8; ++seed) {
            uint256 id = vm.snapshotState();
            uint256 draw = uint256(keccak256(abi.encode("cases", seed)));
            for (uint256 step = 0; step < 24; ++step) {
                actAtRandom(uint256(keccak256(abi.encode(draw, step))));
                assertBooks();
            }
            vm.revertToState(id);
        }
    }

    function actAtRandom(uint256 draw) private {
        uint256 kind = draw % 8;
        address account = (draw >> 8) % 2 == 0 ? contributors[(draw >> 16) % 3] : validators[(draw >> 16) % 7];
        if (kind == 0) playAudited();
        else if (kind == 1) playUnaudited();
        else if (kind == 2 || kind == 3) seize(account);
        else if (kind == 4) restore(account);
        else if (kind == 5) forfeit(account);
        else if (kind == 6 && lens.forfeitedOf(taskId) != 0) rounds.returnForfeited(taskId);
        else if (kind == 7) {
            skip((draw >> 32) % (2 * EPOCH));
            if (earnings(account).matured != 0) rounds.claim(taskId, account);
        }
    }

    // ---- Helpers

    function playAudited() private {
        playRound(3, entry(GOOD, 10_000, 2));
    }

    function playUnaudited() private {
        playRound(3, entry(NOT_AUDITED, 0, 0));
    }

    function seize(address account) private {
        vm.prank(court);
        rounds.seize(taskId, account);
    }

    function restore(address account) private {
        vm.prank(court);
        rounds.restore(taskId, account);
    }

    function forfeit(address account) private returns (uint256) {
        vm.prank(court);
        (uint256 amount, ) = rounds.forfeit(taskId, account);
        return amount;
    }

    function earnings(address account) private view returns (IRoundsLens.EarningsView memory) {
        return lens.earningsOf(taskId, account);
    }

    /// Its weight in the frozen roster.
    function weightOf(address validator) private view returns (uint256) {
        (address[] memory roster, uint16[] memory weights) = lens.rosterOf(taskId);
        for (uint256 i = 0; i < roster.length; ++i) if (roster[i] == validator) return weights[i];
        return 0;
    }

    function expectOnlyCourt() private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_OnlyCourt.selector, alice, court));
    }

    /// Stakes more for an account of the test.
    function holderOf(address account, uint256 amount) private {
        assay.transfer(account, amount);
        vm.prank(account);
        registry.stake(amount);
    }

    /// Credited = claimed + claimable + pending + seized + forfeited; what the escrow paid is in the purse or claimed;
    /// between rounds the escrow reserves what it still owes.
    function assertBooks() private view {
        (uint256 credited, uint256 held, , ) = lens.totalsOf(taskId);
        (uint256 claimed, uint256 unclaimed, uint256 heldSum) = (0, lens.forfeitedOf(taskId), 0);
        for (uint256 i = 0; i < contributors.length + validators.length; ++i) {
            address account = i < contributors.length ? contributors[i] : validators[i - contributors.length];
            IRoundsLens.EarningsView memory view_ = earnings(account);
            unclaimed += view_.matured + view_.pending + view_.seized;
            heldSum += view_.held;
            claimed += money.balanceOf(account);
        }
        assertEq(claimed + unclaimed, credited, "credited");
        assertEq(heldSum, held, "held");

        ITasks.Funds memory funds = tasks.fundsOf(taskId);
        uint256 paid = funds.funded - funds.refunded - funds.available - funds.reserved;
        uint256 purse = lens.purseOf(taskId);
        assertEq(purse + claimed, paid, "paid");
        assertEq(money.balanceOf(address(rounds)), purse, "purse");
        assertEq(money.balanceOf(address(tasks)), funds.available + funds.reserved, "escrow");
        if (uint256(view_().phase) == 0) assertEq(funds.reserved, credited + held - paid, "owed");
    }
}
