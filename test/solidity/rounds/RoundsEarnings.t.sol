// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {HostileToken} from "../fixtures/HostileToken.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// Earnings mature when their round is final. Anyone may claim them for their owner. Contributors leave with what is
/// theirs.
contract RoundsEarningsTest is RoundsChain {
    uint256 private constant CHALLENGE = 1_000;
    uint256 private constant GOOD = 8_000;

    address private alice;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(7);
        alice = contributors[0];
        // An epoch starts now.
        vm.warp((vm.getBlockTimestamp() / EPOCH + 1) * EPOCH);
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.maxRounds = 20;
    }

    // ---- Maturing

    function test_EarningsMatureWithTheSecondEpochAfterTheirs() public {
        playRound(3, entry(GOOD, 10_000, 2));
        uint256 amount = lens.earningsOf(taskId, alice).pending;
        uint256 epoch = vm.getBlockTimestamp() / EPOCH;
        uint256 maturesAt = (epoch + 2) * EPOCH;
        assertGt(amount, 0);
        assertEarnings(alice, 0, amount, maturesAt);

        vm.warp((epoch + 1) * EPOCH);
        assertEarnings(alice, 0, amount, maturesAt);
        vm.warp(maturesAt - 1);
        assertEarnings(alice, 0, amount, maturesAt);
        expectNothingMatured(alice, maturesAt);
        rounds.claim(taskId, alice);
        vm.warp(maturesAt);
        assertEarnings(alice, amount, 0, 0);

        expectFromRounds();
        emit IRoundsEvents.Claimed(taskId, alice, alice, amount);
        vm.prank(accountOf("anyone"));
        assertEq(rounds.claim(taskId, alice), amount);
        assertEq(money.balanceOf(alice), amount);
        assertEarnings(alice, 0, 0, 0);
    }

    function test_EarningsMatureHoweverLongNobodyLooks() public {
        playRound(3, entry(GOOD, 10_000, 2));
        uint256 amount = lens.earningsOf(taskId, alice).pending;
        // One epoch short of the counter's wrap.
        skip(65_535 * EPOCH);

        assertEq(rounds.claim(taskId, alice), amount);
    }

    function test_EarningsOfNeighbouringEpochsMatureOneAfterTheOther() public {
        uint256 first = playAndEarn();
        // The next round ends in the next epoch.
        vm.warp((vm.getBlockTimestamp() / EPOCH + 1) * EPOCH);
        uint256 second = playAndEarn();
        uint256 epoch = vm.getBlockTimestamp() / EPOCH;
        assertEarnings(alice, 0, first + second, (epoch + 1) * EPOCH);

        vm.warp((epoch + 1) * EPOCH);
        assertEarnings(alice, first, second, (epoch + 2) * EPOCH);
        assertEq(rounds.claim(taskId, alice), first);
        expectNothingMatured(alice, (epoch + 2) * EPOCH);
        rounds.claim(taskId, alice);
        vm.warp((epoch + 2) * EPOCH);
        assertEq(rounds.claim(taskId, alice), second);
        assertEq(money.balanceOf(alice), first + second);
    }

    function test_OneClaimPaysAllRoundsThatMatured() public {
        uint256 sum = 0;
        for (uint256 i = 0; i < 4; ++i) {
            sum += playAndEarn();
            skip(3 * EPOCH);
        }

        assertEq(rounds.claim(taskId, alice), sum);
    }

    /// The sum that an account is paid doesn't depend on when, or how often, it is claimed.
    function testFuzz_AnyPaceOfClaimsPaysTheSame(uint256 seed) public {
        uint256 earned = 0;
        uint256 paid = 0;
        for (uint256 i = 0; i < 2; ++i) {
            earned += playAndEarn();
            for (uint256 j = 0; j < 3; ++j) {
                seed = uint256(keccak256(abi.encode(seed)));
                skip(seed % (2 * EPOCH));
                if (lens.earningsOf(taskId, alice).matured != 0) paid += rounds.claim(taskId, alice);
                IRoundsLens.EarningsView memory rest = lens.earningsOf(taskId, alice);
                assertEq(rest.matured + rest.pending + paid, earned);
            }
        }
        skip(2 * EPOCH);
        if (paid < earned) paid += rounds.claim(taskId, alice);

        assertEq(paid, earned);
        assertEq(money.balanceOf(alice), earned);
    }

    function test_RevertWhen_NothingMatures() public {
        expectNothingMatured(alice, 0);
        rounds.claim(taskId, alice);
        matureRound();
        rounds.claim(taskId, alice);
        expectNothingMatured(alice, 0);
        rounds.claim(taskId, alice);
        expectNothingMatured(owner, 0);
        vm.prank(owner);
        rounds.claimTo(taskId, owner);
    }

    // ---- To another address

    function test_TheOwnerOfEarningsSendsThemWhereItLikes() public {
        uint256 amount = matureRound();
        address vault = accountOf("vault");

        expectFromRounds();
        emit IRoundsEvents.Claimed(taskId, alice, vault, amount);
        vm.prank(alice);
        assertEq(rounds.claimTo(taskId, vault), amount);
        assertEq(money.balanceOf(vault), amount);
        assertEq(money.balanceOf(alice), 0);
    }

    function test_RevertWhen_TheRecipientIsZero() public {
        matureRound();

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_ZeroRecipient.selector));
        vm.prank(alice);
        rounds.claimTo(taskId, address(0));
    }

    // ---- For many

    function test_ManyAreClaimedAndWhoHasNothingIsSkipped() public {
        uint256 amount = matureRound();
        IRoundsTypes.ClaimRequest[] memory requests = new IRoundsTypes.ClaimRequest[](5);
        requests[0] = IRoundsTypes.ClaimRequest(taskId, contributors[1]);
        requests[1] = IRoundsTypes.ClaimRequest(taskId, owner);
        requests[2] = IRoundsTypes.ClaimRequest(99, alice);
        requests[3] = IRoundsTypes.ClaimRequest(taskId, alice);
        requests[4] = IRoundsTypes.ClaimRequest(taskId, alice);

        expectFromRounds();
        emit IRoundsEvents.Claimed(taskId, contributors[1], contributors[1], amount);
        expectFromRounds();
        emit IRoundsEvents.ClaimSkipped(taskId, owner);
        expectFromRounds();
        emit IRoundsEvents.ClaimSkipped(99, alice);
        expectFromRounds();
        emit IRoundsEvents.Claimed(taskId, alice, alice, amount);
        expectFromRounds();
        emit IRoundsEvents.ClaimSkipped(taskId, alice);
        assertEq(rounds.claimMany(requests), 2);
    }

    function test_Attack17_AHostileTokenCannotStarveTheOtherClaims() public {
        uint256 amount = matureRound();
        uint64 honest = taskId;
        (HostileToken token, uint64 hostile) = matureHostileRound();
        IRoundsTypes.ClaimRequest[] memory requests = new IRoundsTypes.ClaimRequest[](4);
        for (uint256 i = 0; i < 3; ++i) requests[i] = IRoundsTypes.ClaimRequest(hostile, contributors[i]);
        requests[3] = IRoundsTypes.ClaimRequest(honest, alice);

        for (uint256 mood = 1; mood < 4; ++mood) {
            uint256 id = vm.snapshotState();
            token.setMood(HostileToken.Mood(mood));
            uint256 before = gasleft();
            assertEq(rounds.claimMany(requests), 1);
            assertLt(before - gasleft(), 900_000);
            assertEq(money.balanceOf(alice), amount);
            assertGt(lens.earningsOf(hostile, alice).matured, 0);
            vm.revertToState(id);
        }
        // Nothing was lost: a token that works pays them all.
        assertEq(rounds.claimMany(requests), 4);
    }

    function test_Attack28_ARefusedClaimRevertsAlone() public {
        (HostileToken token, uint64 hostile) = matureHostileRound();
        token.setMood(HostileToken.Mood.Refuses);
        uint256 matured = lens.earningsOf(hostile, alice).matured;

        expectError(abi.encodeWithSignature("Error(string)", "no"));
        rounds.claim(hostile, alice);
        assertEq(lens.earningsOf(hostile, alice).matured, matured);
        token.setMood(HostileToken.Mood.Friendly);
        assertEq(rounds.claim(hostile, alice), matured);
    }

    // ---- Leaving

    function test_RevertWhen_LeavingBeforeTheLastRoundIsFinal() public {
        openAndSeal(3);
        expectNotFinal(type(uint256).max);
        leaveAs(alice);
        planAll(entry(GOOD, 0, 2));
        scoreAttempt(0);
        settleAll();
        voteAll(keccak256("model"));
        finalize();
        uint256 finalAt = vm.getBlockTimestamp() + CHALLENGE;
        expectNotFinal(finalAt);
        leaveAs(alice);
        vm.warp(finalAt - 1);
        expectNotFinal(finalAt);
        leaveAs(alice);
        vm.warp(finalAt);
        leaveAs(alice);
    }

    function test_AnOldRoundOfTheRingIsFinal() public {
        playRound(3, entry(GOOD, 0, 2));
        for (uint256 i = 0; i < 9; ++i) {
            open();
            vm.warp(view_().submitEnd);
            rounds.closeSubmissions(taskId);
        }
        open();
        leaveAs(alice);

        assertFalse(lens.participantOf(taskId, alice).enrolled);
    }

    function test_LeavingKeepsEarningsAndRecord() public {
        uint256 amount = matureRound();
        IRoundsLens.ParticipantView memory before = lens.participantOf(taskId, alice);
        leaveAs(alice);
        assertEq(rounds.claim(taskId, alice), amount);

        enrolAs(alice);
        IRoundsLens.ParticipantView memory participant = lens.participantOf(taskId, alice);
        assertEq(participant.reputationBps, before.reputationBps);
        assertEq(participant.seen, before.seen);
        assertEq(participant.provenWindows, before.provenWindows);
        (, , , uint256 reputations) = lens.totalsOf(taskId);
        assertEq(reputations, 3 * uint256(before.reputationBps));
    }

    function test_WhatIsHeldGoesBackToTheTaskOfWhoLeaves() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(2 * EPOCH);
        uint256 held = lens.earningsOf(taskId, alice).held;
        uint256 available = tasks.fundsOf(taskId).available;

        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 2, alice, held);
        leaveAs(alice);

        assertGt(held, 0);
        assertEq(tasks.fundsOf(taskId).available, available + held);
        assertEq(lens.earningsOf(taskId, alice).held, 0);
        enrolAs(alice);
        assertEq(lens.earningsOf(taskId, alice).held, 0);
    }

    function test_WhatIsHeldGoesBackAtTheEndOfAnOpenRound() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(2 * EPOCH);
        uint256 held = lens.earningsOf(taskId, alice).held;
        uint256 available = tasks.fundsOf(taskId).available;
        open();
        leaveAs(alice);
        assertEq(tasks.fundsOf(taskId).available, available - tasks.largestRoundCost(taskId));
        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);

        assertEq(tasks.fundsOf(taskId).available, available + held);
    }

    /// Without further rounds no audit can come: an owner gains nothing by closing its task.
    function test_WhatIsHeldIsReleasedWhenTheTaskIsOver() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(2 * EPOCH);
        IRoundsLens.EarningsView memory before = lens.earningsOf(taskId, alice);
        vm.prank(owner);
        tasks.close(taskId);
        uint256 reserved = tasks.fundsOf(taskId).reserved;

        expectFromRounds();
        emit IRoundsEvents.HeldReleased(taskId, 2, alice, before.held);
        leaveAs(alice);
        assertEq(tasks.fundsOf(taskId).reserved, reserved - before.held);
        assertEarnings(alice, before.matured, before.held, (vm.getBlockTimestamp() / EPOCH + 2) * EPOCH);
        skip(2 * EPOCH);
        assertEq(rounds.claim(taskId, alice), before.matured + before.held);
    }

    /// The last round audits every update. A contributor that doesn't submit to it, or gets Q = 0, did not have its
    /// held pay checked.
    function test_WhatIsHeldIsLostByWhoSitsTheLastRoundOut() public {
        startLastRound();
        for (uint256 i = 1; i < 3; ++i) submitAs(contributors[i]);
        uint256 held = lens.earningsOf(taskId, alice).held;
        assertGt(held, 0);
        uint256 id = vm.snapshotState();
        expectLost(3, alice, held);
        leaveAs(alice);

        vm.revertToState(id);
        finishRound(entry(GOOD, 10_000, 2));
        skip(30 days);
        expectLost(3, alice, held);
        leaveAs(alice);
        assertEq(lens.earningsOf(taskId, contributors[1]).held, 0);
    }

    function test_WhatIsHeldIsLostByWhoShowsNothingInTheLastAudit() public {
        startLastRound();
        submit(3);
        uint256 held = lens.earningsOf(taskId, alice).held;
        close();
        seal(BEACON);
        // No window is replayed, and both lookers call them withheld.
        planAll(entry(0, 0, 4 + 8));
        scoreAttempt(0);

        expectLost(4, membersOf(0)[0], held);
        settleAll();
        assertEq(lens.earningsOf(taskId, alice).held, 0);
    }

    /// In a void cohort nobody is judged: a contributor that submitted to the last round did what it could.
    function test_WhatIsHeldIsReleasedWhenTheLastRoundIsVoid() public {
        startLastRound();
        submit(3);
        uint256 held = lens.earningsOf(taskId, alice).held;
        close();
        beacon.expire();
        rounds.seal(taskId);
        skip(2 * EPOCH);

        expectFromRounds();
        emit IRoundsEvents.HeldReleased(taskId, 3, alice, held);
        leaveAs(alice);
    }

    /// An owner that stops funding a task, instead of closing it, gains nothing either.
    function test_WhatIsHeldIsReleasedWhenNoRoundComesForFourteenDays() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        uint256 held = lens.earningsOf(taskId, alice).held;
        uint256 finalAt = vm.getBlockTimestamp() + CHALLENGE;
        vm.warp(finalAt + 14 days - 1);
        uint256 id = vm.snapshotState();
        expectLost(2, alice, held);
        leaveAs(alice);

        vm.revertToState(id);
        vm.warp(finalAt + 14 days);
        expectFromRounds();
        emit IRoundsEvents.HeldReleased(taskId, 2, alice, held);
        leaveAs(alice);
    }

    /// With fewer slots than contributors, one that is not drawn for the last round can't be audited in it.
    function test_WhatIsHeldIsReleasedToWhoHadNoSlotInTheLastRound() public {
        ITasks.TaskParams memory params = terms();
        (params.maxRounds, params.slots) = (4, 16);
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        enrol(37);
        open();
        address[] memory held = new address[](3);
        uint256 drawn = 0;
        for (uint256 i = 0; i < 40; ++i) {
            bool isDrawn = lens.maySubmit(taskId, contributors[i]);
            if (i < 3) held[i] = isDrawn ? contributors[i] : address(0);
            else if (isDrawn && ++drawn < 3) submitAs(contributors[i]);
        }
        finishRound(entry(GOOD, 10_000, 2));
        skip(2 * EPOCH);
        uint256 placeless = 0;
        for (uint256 i = 0; i < 3; ++i) {
            uint256 amount = lens.earningsOf(taskId, contributors[i]).held;
            assertGt(amount, 0);
            if (held[i] == address(0)) {
                ++placeless;
                expectFromRounds();
                emit IRoundsEvents.HeldReleased(taskId, 3, contributors[i], amount);
            } else {
                expectLost(3, contributors[i], amount);
            }
            leaveAs(contributors[i]);
        }
        assertGt(placeless, 0);
    }

    /// @dev A task of four rounds; the fourth is open, and the second and third left held pay.
    function startLastRound() private {
        ITasks.TaskParams memory params = terms();
        params.maxRounds = 4;
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(2 * EPOCH);
        open();
    }

    /// @dev Another task with the same people.
    function newTask(ITasks.TaskParams memory params) private {
        taskId = createTask(params);
        for (uint256 i = 0; i < contributors.length; ++i) enrolAs(contributors[i]);
        for (uint256 i = 0; i < validators.length; ++i) {
            assay.transfer(validators[i], STAKE);
            vm.prank(validators[i]);
            registry.stake(STAKE);
            joinAs(validators[i], STAKE);
        }
    }

    function finishRound(uint256 value) private {
        close();
        seal(BEACON);
        finishSealed(value);
    }

    function expectLost(uint32 settledRound, address account, uint256 amount) private {
        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, settledRound, account, amount);
    }

    function test_WhoFailedAnAuditLosesWhatIsHeldInAnOverTaskToo() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(GATE_FAILED, 0, 0));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(2 * EPOCH);
        uint256 held = lens.earningsOf(taskId, alice).held;
        assertGt(held, 0);
        vm.prank(owner);
        tasks.close(taskId);

        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 3, alice, held);
        leaveAs(alice);
    }

    /// Tasks checks the role first: only a faulty Tasks could ask Rounds to dismiss a stranger.
    function test_RevertWhen_DismissingWhoIsNotEnrolled() public {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotEnrolled.selector, taskId, owner));
        vm.prank(address(tasks));
        rounds.dismissContributor(taskId, owner, 0);
    }

    // ---- Helpers

    /// Plays a round and returns what alice earned.
    function playAndEarn() private returns (uint256) {
        IRoundsLens.EarningsView memory before = lens.earningsOf(taskId, alice);
        playRound(3, entry(GOOD, 10_000, 2));
        IRoundsLens.EarningsView memory after_ = lens.earningsOf(taskId, alice);
        return after_.matured + after_.pending - before.matured - before.pending;
    }

    function matureRound() private returns (uint256 amount) {
        playRound(3, entry(GOOD, 10_000, 2));
        skip(2 * EPOCH);
        amount = lens.earningsOf(taskId, alice).matured;
        assertGt(amount, 0);
    }

    /// A task with the same contributors that pays in another token, after one round.
    function matureHostileRound() private returns (HostileToken token, uint64 hostile) {
        token = new HostileToken();
        token.mint(owner, 1e24);
        vm.prank(owner);
        token.approve(address(tasks), type(uint256).max);
        ITasks.TaskParams memory params = terms();
        params.rewardToken = address(token);
        hostile = taskId = createTask(params);
        for (uint256 i = 0; i < 3; ++i) enrolAs(contributors[i]);
        validators = new address[](0);
        for (uint256 i = 10; i < 17; ++i) {
            validators.push(person("validator", i, STAKE));
            joinAs(validators[i - 10], STAKE);
        }
        matureRound();
    }

    function assertEarnings(address account, uint256 matured, uint256 pending, uint256 nextMaturesAt) private view {
        IRoundsLens.EarningsView memory earnings = lens.earningsOf(taskId, account);
        assertEq(earnings.matured, matured, "matured");
        assertEq(earnings.pending, pending, "pending");
        assertEq(earnings.nextMaturesAt, nextMaturesAt, "next maturity");
        assertEq(earnings.held, 0, "held");
    }

    function expectNothingMatured(address account, uint256 nextMaturesAt) private {
        expectError(
            abi.encodeWithSelector(IRoundsErrors.Rounds_NothingMatured.selector, taskId, account, nextMaturesAt)
        );
    }

    function expectNotFinal(uint256 finalAt) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotFinal.selector, taskId, finalAt));
    }
}
