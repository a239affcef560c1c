// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// What becomes of held pay, in every way in which a task's last round can go. All amounts are exact: after the first
/// round ρ is 0.6, m is 6 and the running Q and R are 0.8 and 1.
contract RoundsHeldPayTest is RoundsChain {
    uint256 private constant CHALLENGE = 1_000;
    uint256 private constant GOOD = 8_000;
    /// Pay of round 2 without an audit: 0.6 · 1.16 · (640e12 · 0.6069 · 0.8 + 70e12).
    uint256 private constant HELD = 264_990_028_800_000;
    /// Pay of round 3 without an audit: 0.6 · 1.12 · (640e12 · 0.6069 · 0.8 + 70e12).
    uint256 private constant HELD_OF_LAST = 255_852_441_600_000;
    /// Pay of round 3 with an audit: ρ = 0.6875, m = 11, ℓ = 0.7615.
    uint256 private constant PAID = 354_113_760_000_000;
    /// The same with three windows less: m = 8, ℓ = 0.6876.
    uint256 private constant PAID_FOR_HALF = 324_979_424_000_000;
    /// The same when these three are withheld, which takes 18 proven windows: nothing for compute.
    uint256 private constant PAID_TO_JUNK = 53_900_000_000_000;
    /// Windows of both seats before were withheld.
    uint256 private constant WITHHELD = 12;

    enum Last {
        Audited,
        NotAudited,
        Void,
        Missed,
        Starved,
        FrontRun
    }

    address private alice;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(8);
        alice = contributors[0];
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.maxRounds = 3;
    }

    // ---- Last round × contributor

    /// Honest work reaches its owner, unless the owner stays away from an audit that it could have had.
    function test_Attack47_HonestHeldPayReachesItsOwnerHoweverTheLastRoundGoes() public {
        checkRow(entry(GOOD, 10_000, 2), false, [HELD, HELD + HELD_OF_LAST, HELD, 0, HELD, HELD], PAID);
    }

    /// Of two drawn windows each seat has one of the held round, and nobody is shown that it was trained. Where no audit
    /// looks at all, nobody can tell junk from honest work.
    function test_Attack50_JunkIsForfeitedWhereverAnAuditLooks() public {
        uint256 found = entry(GOOD, 10_000, 1 + WITHHELD);
        checkRow(found, false, [uint256(0), HELD + HELD_OF_LAST, HELD, 0, HELD, HELD], PAID_TO_JUNK);
    }

    /// Without Q the last audit clears no flag.
    function test_Attack50_AFlaggedContributorLosesWhatIsHeldHoweverTheLastRoundGoes() public {
        checkRow(entry(0, 0, 2), true, [uint256(0), 0, 0, 0, 0, 0], 0);
    }

    /// Plays two rounds, and then the last one in each way.
    /// @param found what each seat says if the last round is audited
    /// @param isFlagged whether round 2 fails a gate instead of going unaudited
    /// @param released of held pay, in each way
    /// @param paid for an audited last round
    function checkRow(uint256 found, bool isFlagged, uint256[6] memory released, uint256 paid) private {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        if (isFlagged) flag();
        uint256 before = earnedBy(alice);
        for (uint256 i = 0; i < 6; ++i) {
            uint256 id = vm.snapshotState();
            playLast(Last(i), found);
            if (Last(i) != Last.Audited) {
                assertReleasable(alice, released[i]);
                expectTooLow(released[i], released[i] + 1);
                leaveWith(alice, released[i] + 1);
            }
            leaveWith(alice, Last(i) == Last.Audited ? 0 : released[i]);
            uint256 expected = released[i] + (Last(i) == Last.Audited ? paid : 0);
            assertEq(earnedBy(alice) - before, expected, vm.toString(i));
            assertEq(heldOf(alice), 0, "held");
            assertConserved();
            vm.revertToState(id);
        }
    }

    /// A third round that fails a gate, and a fourth of a longer task that is held again.
    function flag() private {
        ITasks.TaskParams memory params = terms();
        params.maxRounds = 5;
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(GATE_FAILED, 0, 0));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        // Failing a gate took the proven windows: only data is paid.
        playRound(3, entry(NOT_AUDITED, 0, 0));
        assertTrue(lens.participantOf(taskId, alice).flagged);
        assertGt(heldOf(alice), 0);
    }

    function playLast(Last way, uint256 found) private {
        if (way == Last.Starved) skip(13 days);
        if (way == Last.FrontRun) skip(CHALLENGE + 14 days);
        if (way == Last.Audited || way == Last.NotAudited) {
            playRound(3, way == Last.Audited ? found : entry(NOT_AUDITED, 0, 0));
        } else if (way == Last.Void) {
            openAndSeal(3);
            for (uint256 i = 0; i < validators.length; ++i) silence(0, validators[i]);
            vm.warp(view_().redrawRevealEnd);
            rounds.voidCohort(taskId, 0);
            finalize();
        } else {
            open();
            // In the last way, leaving comes right after the opening.
            if (way == Last.FrontRun) return;
            if (way == Last.Missed) submitAs(contributors[1]);
            close();
            if (way == Last.Missed) {
                seal(BEACON);
                finishSealed(found);
            }
        }
        skip(CHALLENGE);
    }

    // ---- Windows of held rounds

    /// Two held rounds: windows 0 and 3 of six are of the last round, the others of the held ones. A contributor that
    /// trained one of the two loses half, whatever seats are silent.
    function test_TheLastAuditForfeitsTheShareOfHeldRoundsThatWasNotTrained() public {
        ITasks.TaskParams memory params = terms();
        params.maxRounds = 4;
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        uint256 held = heldOf(alice);
        assertEq(held, HELD + HELD_OF_LAST);
        openAndSeal(3);
        planAll(entry(GOOD, 10_000, 2));
        address[] memory seats = seatsOf(0);
        // Windows 1, 4 of seat 1 are of held rounds, and so is window 5 of seat 2; it is silent. Seat 0 looks, too.
        (uint256 low, uint256 high) = uniform(3, entry(GOOD, 10_000, 1));
        plan(0, seats[1], low, high);
        (low, high) = uniform(3, entry(GOOD, 10_000, 2 + 8));
        plan(0, seats[0], low, high);
        silence(0, seats[2]);
        scoreAttempt(0);

        // One of four windows is withheld: 1 − 1 · 6 / (4 · 4).
        expectFromRounds();
        emit IRoundsEvents.HeldReleased(taskId, 4, membersOf(0)[0], (held * 5) / 8);
        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 4, membersOf(0)[0], held - (held * 5) / 8);
        settleAll();
        assertEq(heldOf(alice), 0);
        voteAll(keccak256("m"));
        finalize();
        assertConserved();
    }

    /// With one window there is no choice: it may be of any of the rounds, and decides on all that is held.
    function test_WithOneWindowTheLastAuditReleasesAllOrNothing() public {
        ITasks.TaskParams memory params = terms();
        params.replayWindows = 1;
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 1));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        // One proven window, ℓ = 0.05: 0.6 · 1.16 · (640e12 · 0.05 · 0.8 + 70e12).
        uint256 held = heldOf(alice);
        assertEq(held, 66_537_600_000_000);
        uint256 before = earnedBy(alice);
        uint256 id = vm.snapshotState();
        playRound(3, entry(GOOD, 10_000, 1));
        // Of the one before, ⌊7/8⌋ are left: 0.6875 · 1.12 · (640e12 · 0.05 · 0.8 + 70e12).
        assertEq(earnedBy(alice) - before, held + 73_612_000_000_000);
        assertEq(heldOf(alice), 0);
        assertConserved();
        vm.revertToState(id);

        playRound(3, entry(GOOD, 10_000, WITHHELD));
        assertEq(earnedBy(alice) - before, PAID_TO_JUNK);
        assertEq(heldOf(alice), 0);
        assertConserved();
    }

    /// A seat that didn't audit the update says nothing: the store didn't answer it, or it is hostile.
    function test_ASeatThatDidNotAuditTakesNothingFromHeldPay() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        openAndSeal(3);
        planAll(entry(GOOD, 10_000, 2));
        (uint256 low, uint256 high) = uniform(3, entry(NOT_AUDITED, 0, 0));
        plan(0, seatsOf(0)[1], low, high);
        scoreAttempt(0);
        uint256 before = earnedBy(alice);
        settleAll();

        // Four windows instead of six are proven: m = 9, ℓ = 0.7168.
        uint256 compute = (uint256(640e12) * 7_168 * 8_000 * 6_875 * 11_200) / 1e16;
        assertEq(earnedBy(alice) - before, HELD + compute + 53_900_000_000_000);
    }

    /// Before the last round, the audit draws none of the held rounds. Windows that nobody calls withheld take nothing, and
    /// three of six withheld ones take 1.2 · 3 / 6 of what is held.
    function test_AnAuditBeforeTheLastRoundReleasesAllButForWithheldWindows() public {
        ITasks.TaskParams memory params = terms();
        params.maxRounds = 4;
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        uint256 before = earnedBy(alice);
        uint256 id = vm.snapshotState();
        playRound(3, entry(GOOD, 10_000, 1));
        assertEq(earnedBy(alice) - before, HELD + PAID_FOR_HALF);
        vm.revertToState(id);

        playRound(3, entry(GOOD, 10_000, 1 + WITHHELD));
        assertEq(earnedBy(alice) - before, (HELD * 4) / 10 + PAID_TO_JUNK);
        assertEq(heldOf(alice), 0);
    }

    /// In the last round the training counts: with Q = 0 held pay is released as far as windows are shown.
    function test_TheLastAuditReleasesWhatWasTrainedEvenIfTheUpdateDoesNotHelp() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        uint256 before = earnedBy(alice);
        uint256 id = vm.snapshotState();
        playRound(3, entry(0, 0, 2));
        assertEq(earnedBy(alice) - before, HELD);
        assertEq(heldOf(alice), 0);
        vm.revertToState(id);

        playRound(3, entry(0, 0, WITHHELD));
        assertEq(earnedBy(alice) - before, 0);
        assertEq(heldOf(alice), 0);
        assertConserved();
    }

    // ---- Before the first judged update

    /// Round 1 unaudited: held at Q = 1, R = 2 and six proven windows. Round 2 audited: ρ = 0.6, m = 6. So round 1 is
    /// paid as if it had had round 2's Q, R and ℓ: 0.5 · 1.2 · (640e12 · 0.6069 · 0.8 + 70e12).
    function test_Attack53_TheFirstAuditPaysTheRoundsBeforeItByItsOwnScores() public {
        playRound(3, entry(NOT_AUDITED, 0, 0));
        // 0.5 · 1.2 · (640e12 · 0.6069 + 2 · 70e12)
        assertEq(heldOf(alice), 317_049_600_000_000);
        openAndSeal(3);
        planAll(entry(GOOD, 10_000, 2));
        scoreAttempt(0);
        uint256 released = 228_439_680_000_000;
        expectFromRounds();
        emit IRoundsEvents.HeldReleased(taskId, 2, membersOf(0)[0], released);
        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 2, membersOf(0)[0], 317_049_600_000_000 - released);
        settleAll();

        IRoundsLens.ParticipantView memory participant = lens.participantOf(taskId, alice);
        assertEq(participant.runningQualityBps, 8_000);
        assertEq(participant.runningRarityBps, 10_000);
        assertEq(earnedBy(alice), released + HELD);
        voteAll(keccak256("m"));
        finalize();
        assertConserved();
    }

    /// Nothing is proven before a first audit, so that one seat that claims a miss leaves only the pay for data, of that
    /// round and of the held ones: known issue 2.
    function test_AClaimedMissAtTheFirstAuditLeavesOnlyThePayForData() public {
        playRound(3, entry(NOT_AUDITED, 0, 0));
        openAndSeal(3);
        planAll(entry(GOOD, 10_000, 2));
        (uint256 low, uint256 high) = uniform(3, entry(GOOD, 10_000, MISSED));
        plan(0, seatsOf(0)[1], low, high);
        scoreAttempt(0);
        settleAll();

        // 0.5 · 1.2 · 70e12 of round 1, and 0.6 · 1.16 · 70e12 of round 2.
        assertEq(earnedBy(alice), 90_720_000_000_000);
        voteAll(keccak256("m"));
        finalize();
        assertConserved();
    }

    /// Prices so low that a round's highest pay is rounded to nothing. In round 1 it was 3 · 0.6069 · 0.5 · 1.2 wei; in
    /// round 2, without the bonus and with ρ = 0.5062, it is below 1.
    function test_WhatTheFirstAuditsOwnRoundCouldNotPayIsCancelled() public {
        ITasks.TaskParams memory params = terms();
        (params.priceCompute, params.computeUnitsPerRound, params.priceData) = (1, 3, 0);
        params.earlyBonusRounds = 1;
        newTask(params);
        playRound(3, entry(NOT_AUDITED, 0, 0));
        assertEq(heldOf(alice), 1);
        openAndSeal(3);
        planAll(entry(500, 10_000, 2));
        scoreAttempt(0);
        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 2, membersOf(0)[0], 1);
        settleAll();

        assertEq(lens.participantOf(taskId, alice).runningQualityBps, 500);
        assertEq(earnedBy(alice) + heldOf(alice), 0);
        voteAll(keccak256("m"));
        finalize();
        assertConserved();
    }

    function test_Attack53_AFailedFirstAuditCancelsAndOneWithoutQualityPaysNothing() public {
        playRound(3, entry(NOT_AUDITED, 0, 0));
        uint256[2] memory found = [entry(GATE_FAILED, 0, 0), entry(0, 0, 2)];
        for (uint256 i = 0; i < 2; ++i) {
            uint256 id = vm.snapshotState();
            playRound(3, found[i]);
            assertEq(earnedBy(alice) + heldOf(alice), 0);
            assertConserved();
            vm.revertToState(id);
        }
    }

    /// Nobody ever judged the contributor: it gets what Q = ½ and R = 1 would have paid.
    function test_HeldPayThatWasNeverJudgedIsReleasedByHalf() public {
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(CHALLENGE);
        vm.prank(owner);
        tasks.close(taskId);
        uint256 held = heldOf(alice);

        assertReleasable(alice, held / 2);
        expectFromRounds();
        emit IRoundsEvents.HeldReleased(taskId, 1, alice, held / 2);
        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 1, alice, held / 2);
        leaveWith(alice, held / 2);
        assertConserved();
    }

    // ---- Surprises

    /// The owner starves the task, then opens the last two rounds one right after the other: both are a surprise.
    function test_Attack47_TwoLastRoundsAtOnceAreASurpriseToo() public {
        ITasks.TaskParams memory params = terms();
        params.maxRounds = 4;
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(CHALLENGE + 3 days);
        playVoid();
        playVoid();
        skip(CHALLENGE);

        assertReleasable(alice, HELD);
        leaveWith(alice, HELD);
        assertConserved();
    }

    /// A second less than three days is no pause: until then a contributor has to be ready.
    function test_ARoundWithinThreeDaysIsNoSurprise() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        // Opening takes a second.
        skip(CHALLENGE + 3 days - 2);
        playVoid();
        skip(CHALLENGE);
        assertReleasable(alice, 0);
    }

    /// Three days after a pause everybody had notice; whoever took part since had it before.
    function test_AfterNoticeOrARoundSinceThePauseMissingTheLastRoundCosts() public {
        ITasks.TaskParams memory params = terms();
        params.maxRounds = 4;
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        // The pause ends at a full hour.
        vm.warp(((vm.getBlockTimestamp() + CHALLENGE + 3 days) / 1 hours + 1) * 1 hours);
        open();
        submitAs(alice);
        close();
        seal(BEACON);
        finishSealed(entry(NOT_AUDITED, 0, 0));
        address bob = contributors[1];
        uint256 id = vm.snapshotState();
        playVoid();
        skip(CHALLENGE);
        assertReleasable(alice, 0);
        assertReleasable(bob, HELD);

        vm.revertToState(id);
        skip(3 days - (vm.getBlockTimestamp() % 1 hours));
        playVoid();
        skip(CHALLENGE);
        assertReleasable(alice, 0);
        assertReleasable(bob, 0);
    }

    /// Closing a task takes no audit away once its last round is over.
    function test_ClosingAfterTheLastRoundReleasesNothingToWhoMissedIt() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        playLast(Last.Missed, entry(GOOD, 10_000, 2));
        vm.prank(owner);
        tasks.close(taskId);

        assertReleasable(alice, 0);
        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 2, alice, HELD);
        leaveWith(alice, 0);
        tasks.refund(taskId);
        assertConserved();
    }

    /// Nor while a round is open: it may still judge.
    function test_ClosingDuringARoundReleasesOnceItIsOver() public {
        ITasks.TaskParams memory params = terms();
        params.maxRounds = 4;
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(CHALLENGE);
        open();
        vm.prank(owner);
        tasks.close(taskId);
        assertReleasable(alice, 0);
        close();

        assertReleasable(alice, HELD);
        leaveWith(alice, HELD);
        assertConserved();
    }

    /// Whoever submits to the round that ends an abandoned task takes part again, and can't leave before it is final.
    function test_WhoTakesPartInTheRoundAfterAnAbandonedTimeWaitsForIt() public {
        ITasks.TaskParams memory params = terms();
        params.maxRounds = 4;
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(CHALLENGE + 14 days);
        open();
        submitAs(alice);
        assertReleasable(alice, 0);
        assertReleasable(contributors[1], HELD);
        close();
        seal(BEACON);
        finishSealed(entry(NOT_AUDITED, 0, 0));
        skip(CHALLENGE);
        // The round is over, and so is the right to leave that it had taken over.
        assertReleasable(contributors[1], 0);
    }

    // ---- Slots

    /// Whoever was drawn for the last round and found all slots taken could not have its audit.
    function test_WhoFoundTheLastRoundFullGetsWhatIsHeld() public {
        ITasks.TaskParams memory params = terms();
        params.slots = 3;
        newTask(params);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        enrol(9);
        open();
        address late = address(0);
        for (uint256 i = 0; i < 12; ++i) {
            if (!lens.maySubmit(taskId, contributors[i])) continue;
            if (late == address(0)) late = contributors[i];
            else submitAs(contributors[i]);
        }
        assertEq(heldOf(late), HELD);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_SlotsFull.selector, taskId, 3));
        vm.prank(late);
        rounds.submit(taskId, keccak256("too late"));
        close();
        seal(BEACON);
        finishSealed(entry(GOOD, 10_000, 2));
        skip(CHALLENGE);

        assertReleasable(late, HELD);
        expectFromRounds();
        emit IRoundsEvents.HeldReleased(taskId, 2, late, HELD);
        leaveWith(late, HELD);
        assertConserved();
    }

    // ---- By anyone

    function test_Attack56_AnyoneEndsTheHoldOfWhoNeverLeaves() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        playLast(Last.Missed, entry(NOT_AUDITED, 0, 0));
        address bob = contributors[1];
        uint256 releaseAt = vm.getBlockTimestamp() + 28 days;
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotReleasable.selector, taskId, releaseAt));
        rounds.releaseHeld(taskId, bob);
        vm.warp(releaseAt - 1);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotReleasable.selector, taskId, releaseAt));
        rounds.releaseHeld(taskId, bob);
        vm.warp(releaseAt);
        uint256 before = earnedBy(bob);
        uint256 available = tasks.fundsOf(taskId).available;

        expectFromRounds();
        emit IRoundsEvents.HeldReleased(taskId, 3, bob, HELD + HELD_OF_LAST);
        expectFromRounds();
        emit IRoundsEvents.Collected(taskId, HELD + HELD_OF_LAST);
        assertEq(rounds.releaseHeld(taskId, bob), HELD + HELD_OF_LAST);
        assertEq(earnedBy(bob) - before, HELD + HELD_OF_LAST);

        // Alice missed the last round: hers goes back to the escrow.
        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 2, alice, HELD);
        assertEq(rounds.releaseHeld(taskId, alice), 0);
        assertEq(tasks.fundsOf(taskId).available, available + HELD);
        assertConserved();

        expectNothingHeld(bob);
        rounds.releaseHeld(taskId, bob);
        expectTooLow(0, 1);
        leaveWith(bob, 1);
        leaveWith(bob, 0);
        assertConserved();
    }

    function test_RevertWhen_ARoundIsOpenOrNothingIsHeld() public {
        expectNothingHeld(alice);
        rounds.releaseHeld(taskId, alice);
        expectNothingHeld(owner);
        rounds.releaseHeld(taskId, owner);
        assertReleasable(owner, 0);
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(60 days);
        open();
        expectWrongPhase(IRoundsTypes.Phase.Submit, IRoundsTypes.Phase.Idle);
        rounds.releaseHeld(taskId, alice);
    }

    // ---- Helpers

    /// Another task with the same people.
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

    /// A round that nobody submits to.
    function playVoid() private {
        open();
        close();
    }

    function leaveWith(address account, uint256 minReleased) private {
        vm.prank(account);
        tasks.leaveTask(taskId, minReleased);
    }

    function heldOf(address account) private view returns (uint256) {
        return lens.earningsOf(taskId, account).held;
    }

    function earnedBy(address account) private view returns (uint256) {
        IRoundsLens.EarningsView memory earnings = lens.earningsOf(taskId, account);
        return earnings.matured + earnings.pending;
    }

    function assertReleasable(address account, uint256 amount) private view {
        (uint256 released, uint256 held) = rounds.releasableOf(taskId, account);
        assertEq(released, amount, "releasable");
        assertEq(held, heldOf(account), "held");
    }

    /// Funded = paid + refunded + remaining, to the wei; what remains covers exactly what is owed and what is free.
    function assertConserved() private view {
        ITasks.Funds memory funds = tasks.fundsOf(taskId);
        (uint256 credited, uint256 held, , ) = lens.totalsOf(taskId);
        bool isIdle = uint256(view_().phase) == uint256(IRoundsTypes.Phase.Idle);
        uint256 reserve = isIdle ? 0 : tasks.largestRoundCost(taskId);
        uint256 paid = lens.purseOf(taskId);
        assertEq(funds.funded, paid + funds.refunded + funds.available + funds.reserved, "conservation");
        // What is cancelled while a round is open goes back to the escrow at its end.
        if (isIdle) assertEq(funds.reserved + paid, credited + held, "owed");
        else assertGe(funds.reserved + paid, credited + held + reserve, "owed while a round is open");
        uint256 sum = 0;
        for (uint256 i = 0; i < contributors.length; ++i) sum += heldOf(contributors[i]);
        assertEq(held, sum, "held in total");
    }

    function expectTooLow(uint256 released, uint256 minReleased) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_ReleaseTooLow.selector, released, minReleased));
    }

    function expectNothingHeld(address account) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NothingHeld.selector, taskId, account));
    }
}
