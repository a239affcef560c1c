// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICanaries} from "../../../contracts/interfaces/ICanaries.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IWindowAccusations} from "../../../contracts/interfaces/IWindowAccusations.sol";
import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {CanaryPlay} from "../fixtures/CanaryPlay.sol";
import {vm} from "../fixtures/Vm.sol";

/// @title Canaries: what is booked of seats, and the case against a seat that judged one wrongly
contract CanaryAccuracyTest is CanaryPlay {
    uint256 private constant SCORED = 5_000 | (35 << 14) | (2 << 28);
    address private _seat;

    /// An entry, and whether it is right: 1 right, 0 wrong, 2 says nothing.
    struct Row {
        uint256 entry;
        uint256 isRight;
    }

    // ---- accuracies

    /// Whoever gives a score to what nothing opens, or says that it passed the first gates, is wrong, whatever its score.
    function test_OfASubmissionWithoutAnOpeningOnlyS0IsRight() public {
        uint256 canaryId = commitCanary(alice, contributors[1], unopenable());
        opened(canaryId, contributors[1], unopenable(), GATE_FAILED);
        Row[11] memory rows = [
            Row(GATE_FAILED, 1),
            Row(SCORED, 0),
            Row(NO_DECISION, 0),
            Row(0, 0),
            Row(0 | (1 << 14), 0),
            Row(GATE_FAILED | (1 << 14), 0),
            Row(GATE_FAILED | (5 << 14) | (MISSED << 28), 0),
            Row(NOT_AUDITED, 0),
            Row(10_000, 0),
            Row(NOT_AUDITED | (1 << 14), 2),
            Row(TASK_FAULT, 2)
        ];
        for (uint256 i = 0; i < rows.length; ++i) check(canaryId, contributors[1], rows[i], address(0));
    }

    function test_OfAQualityItsBoundsAreRight() public {
        ICanaries.Truth memory truth = ICanaries.Truth(true, 100, 5_000);
        uint256 canaryId = commitCanary(alice, contributors[1], truth);
        opened(canaryId, contributors[1], truth, SCORED);
        Row[14] memory rows = [
            Row(SCORED, 1),
            Row(100, 1),
            Row(99, 0),
            Row(5_001, 0),
            Row(0, 0),
            Row(GATE_FAILED | (2 << 14), 0),
            Row(GATE_FAILED | (8 << 14), 0),
            Row(GATE_FAILED | (5 << 14) | (MISSED << 28), 0),
            Row(GATE_FAILED, 2),
            Row(0 | (1 << 14), 2),
            Row(NOT_AUDITED, 2),
            Row(NOT_AUDITED | (1 << 14), 2),
            Row(NO_DECISION, 2),
            Row(TASK_FAULT, 2)
        ];
        for (uint256 i = 0; i < rows.length; ++i) check(canaryId, contributors[1], rows[i], alice);
    }

    /// Whoever sees that targets are false says as much as a quality of 0.
    function test_FalseTargetsAreRightWhereAQualityOfZeroIs() public {
        ICanaries.Truth memory truth = ICanaries.Truth(true, 0, 0);
        uint256 canaryId = commitCanary(alice, contributors[1], truth);
        opened(canaryId, contributors[1], truth, SCORED);
        Row[5] memory rows = [
            Row(0, 1),
            Row(GATE_FAILED | (8 << 14), 1),
            Row(GATE_FAILED | (7 << 14), 0),
            Row(SCORED, 0),
            Row(NO_DECISION, 2)
        ];
        for (uint256 i = 0; i < rows.length; ++i) check(canaryId, contributors[1], rows[i], alice);
    }

    /// @dev Plays a round and opens its canary.
    function opened(uint256 canaryId, address contributor, ICanaries.Truth memory truth, uint256 entry_) private {
        playUntilSettled(entry_);
        openCanary(alice, canaryId, contributor, truth);
        _seat = seatsOf(0)[0];
    }

    /// @dev As if the seat had said that. Only the book of `who` counts it.
    function check(uint256 canaryId, address contributor, Row memory row, address who) private {
        uint256 state = vm.snapshotState();
        IWindowAccusations.SeatProof memory said = pretend(_seat, contributor, 1, row.entry);
        if (row.isRight == 2) {
            expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_SaysNothing.selector, canaryId, row.entry));
        } else {
            vm.expectEmit(address(canaries));
            emit ICanaries.SeatJudged(canaryId, _seat, row.entry, row.isRight == 1);
        }
        canaries.judge(canaryId, _seat, said);
        assertBook(_seat, who, row.isRight == 1 ? 1 : 0, row.isRight == 2 ? 0 : 1);
        assertBook(_seat, who == alice ? address(0) : alice, 0, 0);
        vm.clearMockedCalls();
        vm.revertToStateAndDelete(state);
    }

    function assertBook(address seat, address who, uint256 right, uint256 judged) private view {
        (uint256 isRight, uint256 isJudged) = canaries.accuracyOf(taskId, seat, who);
        assertEq(isRight, right, "right");
        assertEq(isJudged, judged, "judged");
    }

    /// Real sheets, with all votes folded in, of several seats and two rounds.
    function test_BooksAddUpBySeatAndOwner() public {
        address bad = contributors[0];
        for (uint32 r = 1; r <= 2; ++r) {
            uint256 hers = commitCanary(alice, bad, useless());
            uint256 his = commitCanary(bob, bad, helps());
            playUntilSettled(SCORED);
            openCanary(alice, hers, bad, useless());
            openCanary(bob, his, bad, helps());
            address[] memory seats = seatsOf(0);
            playToTheEnd();
            for (uint256 i = 0; i < seats.length; ++i) {
                canaries.judge(hers, seats[i], saidOf(seats[i], bad, r));
                canaries.judge(his, seats[i], saidOf(seats[i], bad, r));
            }
        }
        uint256 booked = 0;
        for (uint256 i = 0; i < validators.length; ++i) {
            (uint256 right, uint256 judged) = canaries.accuracyOf(taskId, validators[i], bob);
            assertEq(right, judged);
            assertBook(validators[i], alice, 0, judged);
            assertBook(validators[i], address(0), 0, 0);
            booked += judged;
        }
        assertEq(booked, 6);
    }

    function test_RevertWhen_ASeatIsBookedTwiceOrForAnother() public {
        uint256 canaryId = commitCanary(alice, contributors[1], helps());
        playUntilSettled(SCORED);
        _seat = seatsOf(0)[0];
        address outsider = outsiderOf(0);
        IWindowAccusations.SeatProof memory said = saidOf(_seat, contributors[1], 1);
        bytes4 wrongStatus = ICanaries.Canaries_WrongStatus.selector;
        ICanaries.Status[2] memory states = [ICanaries.Status.Committed, ICanaries.Status.Opened];
        expectRefusal(abi.encodeWithSelector(wrongStatus, canaryId, states[0], states[1]));
        canaries.judge(canaryId, _seat, said);
        openCanary(alice, canaryId, contributors[1], helps());

        vm.expectPartialRevert(IAccusations.Accusations_WrongStatement.selector);
        canaries.judge(canaryId, outsider, said);
        uint256 other = (said.member + 1) % 3;
        uint256 place = pageOf(memberAt(1, other), 1).index;
        IWindowAccusations.SeatProof memory about = saidOf(_seat, memberAt(1, other), 1);
        expectRefusal(abi.encodeWithSelector(IWindowAccusations.Accusations_NotItsEntry.selector, place, 1));
        canaries.judge(canaryId, _seat, about);

        canaries.judge(canaryId, _seat, said);
        expectRefusal(abi.encodeWithSelector(ICanaries.Canaries_JudgedBefore.selector, canaryId, _seat));
        canaries.judge(canaryId, _seat, said);
    }

    /// A sheet, a record and a place in it that aren't those of the seat's entry; then a round that the chain has forgotten.
    function test_RevertWhen_WhatASeatSaidIsNotProven() public {
        uint256 canaryId = commitCanary(alice, contributors[1], helps());
        opened(canaryId, contributors[1], helps(), SCORED);
        for (uint256 i = 0; i < 6; ++i) {
            IWindowAccusations.SeatProof memory said = saidOf(_seat, contributors[1], 1);
            bytes4 refusal = IAccusations.Accusations_WrongStatement.selector;
            if (i == 0) said.statement.salt = "other";
            if (i == 1) said.statement.words[0] ^= 1;
            if (i == 2) said.statement.attempt = 1;
            if (i == 3) (said.record.baseModelHash, refusal) = ("other", IAccusations.Accusations_WrongRecord.selector);
            if (i == 4) (said.index, refusal) = (1, IAccusations.Accusations_OutOfRange.selector);
            if (i == 5) (said.member, refusal) = (3, IAccusations.Accusations_OutOfRange.selector);
            vm.expectPartialRevert(refusal);
            canaries.judge(canaryId, _seat, said);
        }
        playToTheEnd();
        IWindowAccusations.SeatProof memory late = saidOf(_seat, contributors[1], 1);
        for (uint256 i = 0; i < 8; ++i) {
            open();
            vm.warp(view_().submitEnd);
            rounds.closeSubmissions(taskId);
        }
        vm.expectPartialRevert(IAccusations.Accusations_WrongStatement.selector);
        canaries.judge(canaryId, _seat, late);
    }

    // ---- the case

    /// An update that doesn't help, which a lazy seat scored: jurors compute 0, the seat loses stake, and whoever the
    /// canary is of accuses it and keeps its own.
    function test_ASeatThatJudgedACanaryWronglyIsConvicted() public {
        uint256[3] memory ids;
        for (uint256 i = 0; i < 3; ++i) ids[i] = commitCanary(alice, contributors[i], useless());
        playUntilSettled(SCORED);
        // Cases of this fixture are about the first member.
        address bad = memberAt(1, 0);
        uint256 canaryId = ids[pageOf(bad, 1).index];
        openCanary(alice, canaryId, bad, useless());
        address lazy = seatsOf(0)[0];
        playToTheEnd();
        canaries.judge(canaryId, lazy, saidOf(lazy, bad, 1));
        assertBook(lazy, alice, 0, 1);

        (uint256 ofLazy, uint256 ofBad, uint256 ofAlice) = (stakeOf(lazy), stakeOf(bad), wealthOf(alice));
        Charge memory charge = chargeOf(ICourt.CaseKind.FalseScore, 1, alice, lazy);
        uint256 caseId = accuse(charge);
        // Quality 0 and no rarity.
        judge(caseId, bytes32(uint256(1) << 255));
        conclude(caseId);
        warpUntil(court.caseOf(caseId).readyAt);
        execute(caseId);

        assertVerdict(caseId, ICourt.Verdict.Guilty);
        assertLt(stakeOf(lazy), ofLazy);
        assertEq(stakeOf(bad), ofBad);
        assertGe(wealthOf(alice), ofAlice);
    }
}
