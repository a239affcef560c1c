// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {IWindowAccusations} from "../../../contracts/interfaces/IWindowAccusations.sol";
import {Sampling} from "../../../contracts/libraries/Sampling.sol";
import {ScoreWords} from "../../../contracts/libraries/ScoreWords.sol";
import {Draws} from "../fixtures/reference/Draws.sol";
import {vm} from "../fixtures/Vm.sol";
import {WindowEvidence} from "../fixtures/WindowEvidence.sol";

/// Who can ask for which window, proven from its sheet.
contract WindowRequestsTest is WindowEvidence {
    function test_ARequestAsksForThreeReadersDrawnLater() public {
        // The requester and the contributor have places themselves.
        for (uint256 i = 0; i < 2; ++i) {
            address party = i == 0 ? seats[1] : bob;
            vm.prank(party);
            court.joinJury(JUROR_STAKE, new bytes(32));
        }
        skip(DELAY);
        ICourt.Facts memory expected = withheldWindow(seats[1], bob, ROUND, windowOf(1));
        IWindowAccusations.SeatProof memory said = say(seats[1], entryOf(0, 0));
        IAccusations.PageProof memory proof = pageOfBob();
        IWindowAccusations.SecondSeat memory nobody;
        commitTo(ICourt.CaseKind.WindowWithheld, seats[1], bob, ROUND);
        bytes32 salt = lastSalt();
        vm.expectEmit(address(jury));
        emit IJury.PanelRequested(1, 3, 1);
        vm.expectEmit(address(court));
        emit ICourt.PanelAsked(1, 0, 1);
        vm.expectEmit(address(court));
        emit ICourt.CaseOpened(1, TASK, bob, expected);
        vm.prank(seats[1]);
        uint256 caseId = windows.requestWindow(TASK, ROUND, bob, proof, said, nobody, 1, salt);

        assertFacts(caseId, expected);
        assertEq(assay.balanceOf(address(court)), MIN_BOND);
        assertEq(rounds.openCases(TASK, bob), 1);
        IJury.Panel memory panel = jury.panelOf(1);
        assertEq(panel.instance, 3);
        assertEq(panel.excluded, (1 << 9) | (1 << 10));
        assertEq(panel.drawn, 0);
        assertEq(jury.deliveryEndOf(1), 0);
        draw(caseId);
        assertEq(seatsOf(caseId).length, 3);
        assertEq(jury.deliveryEndOf(1), block.timestamp + COMMIT / 2);
        assertEq(jury.deliveryEndOf(2), 0);
        assertEq(jury.panelSeconds(3), 6 * DRAW + COMMIT + REVEAL);
    }

    /// A bond covers half more than the readers' fees.
    function test_TheBondCoversTheReaders() public {
        IJury.JuryTerms memory terms = juryTerms();
        assertEq(terms.firstSeats, 3);
        ICourt.Facts memory facts = withheldWindow(challenger, alice, ROUND, 0);
        facts.base = 1_000 ether;
        openReading(facts);
        // 5 % of a tenth of the base.
        assertEq(assay.balanceOf(address(court)), 5 ether);
    }

    function test_EverySeatOfAWindowCanAskForIt() public {
        // The seat that replays it, and the two after that.
        for (uint256 distance = 0; distance < 3; ++distance) {
            uint256 state = vm.snapshotState();
            uint256 drawn = 3;
            uint256 seat = (drawn + distance) % SEATS;
            uint256 entry = distance == 0 ? entryOf(0, 0) : entryOf(1, distance);
            assertEq(ask(seat, entry, drawn), 1);
            vm.revertToState(state);
        }
    }

    /// The first seat has the first and the last of six windows.
    function test_ASeatWithTwoWindowsAsksForEither() public {
        assertEq(ask(0, entryOf(1, 0), 0), 1);
        assertEq(ask(0, entryOf(1, 0), 5), 2);
    }

    // ---- a second seat

    /// What a seat at a distance from the one that replays the window says if it was withheld from it.
    function missing(uint256 distance) private pure returns (uint256) {
        return distance == 0 ? entryOf(0, 0) : entryOf(1, distance);
    }

    /// Any two of the three seats.
    function test_ASecondSeatThatSaysSoIsNotedInTheFacts() public {
        for (uint256 i = 0; i < 6; ++i) {
            uint256 state = vm.snapshotState();
            (uint256 own, uint256 other) = (i / 2, (i / 2 + 1 + (i % 2)) % 3);
            ICourt.Facts memory facts = withheldWindow(seats[1 + own], bob, ROUND, windowOf(1));
            facts.context = SAID_BY_TWO;
            uint256 caseId = askWith(1 + own, missing(own), 1, secondSeat(1 + other, missing(other)));
            assertFacts(caseId, facts);
            vm.revertToState(state);
        }
    }

    function test_RevertWhen_TheSecondSeatSaysNothingOfIt() public {
        IWindowAccusations.SeatProof memory said = say(seats[1], entryOf(0, 0));
        // It looked and found it, or is one of the two seats that don't look at it.
        for (uint256 seat = 2; seat < 5; ++seat) {
            uint256 entry = seat == 2 ? entryOf(1, 2) : entryOf(1, 0);
            if (seat == 4) entry = entryOf(0, 3);
            expectRefused(
                seats[1],
                said,
                secondSeat(seat, entry),
                1,
                abi.encodeWithSelector(IWindowAccusations.Accusations_NothingWithheld.selector, 1, seat, entry)
            );
        }
    }

    function test_RevertWhen_TheSecondSeatIsTheCallers() public {
        IWindowAccusations.SecondSeat memory second = secondSeat(1, entryOf(0, 0));
        expectRefused(
            seats[1],
            say(seats[1], entryOf(0, 0)),
            second,
            1,
            abi.encodeWithSelector(IWindowAccusations.Accusations_NoSecondSeat.selector, seats[1], 0)
        );
    }

    /// Each committee has three seats that read a window: two of six would be less than two of three.
    function test_RevertWhen_TheSecondSeatIsOfAnotherCommittee() public {
        IWindowAccusations.SecondSeat memory second = secondSeat(2, entryOf(1, 1));
        second.statement.attempt = 1;
        expectRefused(
            seats[1],
            say(seats[1], entryOf(0, 0)),
            second,
            1,
            abi.encodeWithSelector(IWindowAccusations.Accusations_NoSecondSeat.selector, seats[2], 1)
        );
    }

    function test_RevertWhen_TheSecondSeatSaidSomethingElse() public {
        IWindowAccusations.SecondSeat memory second = secondSeat(2, entryOf(1, 0));
        bytes32 stored = wordOf(second.statement, ROUND, seats[2]);
        second.statement.words[0] |= 1 << 30;
        expectRefused(
            seats[1],
            say(seats[1], entryOf(0, 0)),
            second,
            1,
            abi.encodeWithSelector(
                IAccusations.Accusations_WrongStatement.selector,
                wordOf(second.statement, ROUND, seats[2]),
                stored
            )
        );
        second = secondSeat(2, entryOf(1, 1));
        second.index = 1;
        expectRefused(
            seats[1],
            say(seats[1], entryOf(0, 0)),
            second,
            1,
            abi.encodeWithSelector(IAccusations.Accusations_OutOfRange.selector, "cohort", 1, 1)
        );
    }

    /// One charge, with or without a second seat.
    function test_RevertWhen_AWindowIsAskedForAgainTheOtherWay() public {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 state = vm.snapshotState();
            (, ICourt.Facts memory facts) = i == 0 ? request(3) : requestTogether(3);
            bytes32 what = keccak256(abi.encode(facts.subject, facts.accused, bytes32(0)));
            bytes32 charge = keccak256(abi.encode(facts.kind, TASK, ROUND, bob, what));
            IWindowAccusations.SecondSeat memory second;
            if (i == 0) second = secondSeat(3, entryOf(0, 0));
            expectRefused(
                seats[4],
                say(seats[4], entryOf(0, 1)),
                second,
                3,
                abi.encodeWithSelector(ICourt.Court_OffenceDecided.selector, charge)
            );
            vm.revertToState(state);
        }
    }

    // ---- refusals

    function test_RevertWhen_TheSeatHasNotCommitted() public {
        bytes32 digest = keccak256(
            abi.encode(
                block.chainid,
                address(accusations),
                seats[1],
                ICourt.CaseKind.WindowWithheld,
                TASK,
                ROUND,
                bob,
                bytes32(0)
            )
        );
        expectRefused(
            seats[1],
            say(seats[1], entryOf(0, 0)),
            1,
            abi.encodeWithSelector(IAccusations.Accusations_NotCommitted.selector, digest, 0, 0)
        );
    }

    function test_RevertWhen_ThePageIsAnother() public {
        IWindowAccusations.SeatProof memory said = say(seats[1], entryOf(0, 0));
        IWindowAccusations.SecondSeat memory nobody;
        bytes32 stored = digestOf(pageOfBob().contributors, pageOfBob().commitments);
        for (uint256 i = 0; i < 3; ++i) {
            IAccusations.PageProof memory proof = pageOfBob();
            bytes memory refusal = abi.encodeWithSelector(IAccusations.Accusations_LengthMismatch.selector, 3, 4);
            if (i == 0) proof.commitments = new bytes32[](4);
            if (i == 1) proof.commitments[0] = "other";
            if (i == 2) rounds.setPage(TASK, ROUND, 0, 0);
            if (i != 0) {
                bytes32 given = digestOf(proof.contributors, proof.commitments);
                bytes4 wrong = IAccusations.Accusations_WrongPage.selector;
                refusal = abi.encodeWithSelector(wrong, given, i == 1 ? stored : bytes32(0));
            }
            vm.expectRevert(refusal);
            vm.prank(seats[1]);
            windows.requestWindow(TASK, ROUND, bob, proof, said, nobody, 1, 0);
        }
    }

    function test_RevertWhen_AnotherContractOpensACaseAboutAWindow() public {
        ICourt.Facts memory facts = withheldWindow(challenger, bob, ROUND, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IAccusations.Accusations_OnlyWindows.selector, stranger, address(windows))
        );
        vm.prank(stranger);
        accusations.openForWindows(facts, 0);
    }

    function expectNothingWithheld(uint256 seat, uint256 entry, uint256 drawn) private {
        IWindowAccusations.SeatProof memory said = say(seats[seat], entry);
        expectRefused(
            seats[seat],
            said,
            drawn,
            abi.encodeWithSelector(IWindowAccusations.Accusations_NothingWithheld.selector, drawn, seat, entry)
        );
    }

    function expectRefused(
        address who,
        IWindowAccusations.SeatProof memory said,
        uint256 drawn,
        bytes memory refusal
    ) private {
        IWindowAccusations.SecondSeat memory nobody;
        expectRefused(who, said, nobody, drawn, refusal);
    }

    function expectRefused(
        address who,
        IWindowAccusations.SeatProof memory said,
        IWindowAccusations.SecondSeat memory second,
        uint256 drawn,
        bytes memory refusal
    ) private {
        IAccusations.PageProof memory proof = pageOfBob();
        vm.expectRevert(refusal);
        vm.prank(who);
        windows.requestWindow(TASK, ROUND, bob, proof, said, second, drawn, 0);
    }

    function test_RevertWhen_TheSeatSaysNothingOfIt() public {
        // It replayed all that it had.
        expectNothingWithheld(1, entryOf(1, 0), 1);
        expectNothingWithheld(0, entryOf(2, 0), 0);
        // A replay that differs is no window that is missing.
        expectNothingWithheld(1, entryOf(3, 0), 1);
        // Of windows of the seats before it, it says nothing, or that of the other one.
        expectNothingWithheld(2, entryOf(0, 0), 1);
        expectNothingWithheld(2, entryOf(0, 2), 1);
        expectNothingWithheld(3, entryOf(0, 1), 1);
        // It isn't drawn for that window.
        expectNothingWithheld(4, entryOf(0, 3), 1);
        expectNothingWithheld(0, entryOf(0, 3), 1);
    }

    function test_RevertWhen_TheEntryTellsOfNoWindows() public {
        uint256[3] memory qualities = [ScoreWords.NOT_AUDITED, ScoreWords.GATE_FAILED, ScoreWords.TASK_FAULT];
        for (uint256 i = 0; i < 3; ++i) expectNothingWithheld(1, qualities[i], 1);
        // No decision does, and a score of 0, whatever its reason.
        expectNothingWithheld(1, ScoreWords.NO_DECISION | (1 << 28), 1);
        uint256 id = vm.snapshotState();
        assertEq(ask(1, ScoreWords.NO_DECISION, 1), 1);
        vm.revertToState(id);
        assertEq(ask(1, 0, 1), 1);
        assertEq(ask(2, 1 << 14, 2), 2);
    }

    function test_RevertWhen_TheEntryIsAboutAnother() public {
        IWindowAccusations.SeatProof memory said = say(seats[1], entryOf(0, 0));
        said.member = 1;
        uint256 other = Draws.permute(1, CONTRIBUTORS, Sampling.cohortsKey(beaconOf(ROUND)));
        expectRefused(
            seats[1],
            said,
            1,
            abi.encodeWithSelector(IWindowAccusations.Accusations_NotItsEntry.selector, other, submission)
        );
        said.member = 3;
        expectRefused(
            seats[1],
            said,
            1,
            abi.encodeWithSelector(IAccusations.Accusations_OutOfRange.selector, "entry", 3, 3)
        );
    }

    function test_RevertWhen_TheCallerHadNoSeat() public {
        for (uint256 i = 0; i < VALIDATORS; ++i) {
            address outsider = validatorAt(i);
            bool isSeat = false;
            for (uint256 j = 0; j < SEATS; ++j) if (seats[j] == outsider) isSeat = true;
            if (isSeat) continue;
            expectRefused(
                outsider,
                say(outsider, entryOf(0, 0)),
                0,
                abi.encodeWithSelector(IWindowAccusations.Accusations_NoSeat.selector, outsider, 0)
            );
        }
    }

    function test_RevertWhen_TheCallerSaidSomethingElse() public {
        IWindowAccusations.SeatProof memory said = say(seats[1], entryOf(1, 0));
        bytes32 stored = wordOf(said.statement, ROUND, seats[1]);
        said.statement.words[0] ^= 1 << 28;
        expectRefused(
            seats[1],
            said,
            1,
            abi.encodeWithSelector(
                IAccusations.Accusations_WrongStatement.selector,
                wordOf(said.statement, ROUND, seats[1]),
                stored
            )
        );
        // What another seat said.
        said = say(seats[2], entryOf(0, 0));
        expectRefused(
            seats[1],
            said,
            1,
            abi.encodeWithSelector(
                IAccusations.Accusations_WrongStatement.selector,
                wordOf(said.statement, ROUND, seats[1]),
                stored
            )
        );
    }

    function test_RevertWhen_TheRecordIsAnother() public {
        IWindowAccusations.SeatProof memory said = say(seats[1], entryOf(0, 0));
        said.record.weights[0] += 1;
        expectRefused(
            seats[1],
            said,
            1,
            abi.encodeWithSelector(
                IAccusations.Accusations_WrongRecord.selector,
                recordOf(said.record, ROUND),
                recordOf(roundProof(), ROUND)
            )
        );
    }

    function test_RevertWhen_SoManyWindowsAreNotDrawn() public {
        expectRefused(
            seats[1],
            say(seats[1], entryOf(0, 0)),
            DRAWN,
            abi.encodeWithSelector(IAccusations.Accusations_OutOfRange.selector, "window", DRAWN, DRAWN)
        );
    }

    function test_RevertWhen_TheRoundIsFinal() public {
        IWindowAccusations.SeatProof memory said = say(seats[1], entryOf(0, 0));
        uint256 closedAt = block.timestamp - DELAY;
        vm.warp(closedAt + 1_000);
        expectRefused(
            seats[1],
            said,
            1,
            abi.encodeWithSelector(
                IAccusations.Accusations_RoundNotOpenToCases.selector,
                TASK,
                ROUND,
                closedAt,
                closedAt + 1_000
            )
        );
    }

    /// In a task's last round windows of held rounds take turns with its own: only the first one is surely its own.
    function test_InTheLastRoundOnlyTheFirstWindowCanBeAskedFor() public {
        ITasks.TaskParams memory params = taskParams(address(assay));
        params.maxRounds = ROUND;
        vm.mockCall(address(tasks), abi.encodeCall(ITasks.paramsOf, (TASK)), abi.encode(params));
        expectRefused(
            seats[1],
            say(seats[1], entryOf(0, 0)),
            1,
            abi.encodeWithSelector(IWindowAccusations.Accusations_RoundOfWindowUnknown.selector, TASK, ROUND, 1)
        );
        assertEq(ask(0, entryOf(0, 0), 0), 1);
        params.replayWindows = 1;
        vm.mockCall(address(tasks), abi.encodeCall(ITasks.paramsOf, (TASK)), abi.encode(params));
        expectRefused(
            seats[0],
            say(seats[0], entryOf(0, 0)),
            0,
            abi.encodeWithSelector(IWindowAccusations.Accusations_RoundOfWindowUnknown.selector, TASK, ROUND, 0)
        );
    }

    /// Whoever asks first: nobody pays twice for one window.
    function test_RevertWhen_TheWindowWasAskedFor() public {
        (uint256 caseId, ICourt.Facts memory facts) = request(3);
        IWindowAccusations.SeatProof memory said = say(seats[4], entryOf(0, 1));
        bytes32 what = keccak256(abi.encode(facts.subject, facts.accused, facts.context));
        bytes32 charge = keccak256(abi.encode(facts.kind, TASK, ROUND, bob, what));
        bytes memory refusal = abi.encodeWithSelector(ICourt.Court_OffenceDecided.selector, charge);
        expectRefused(seats[4], said, 3, refusal);
        judge(caseId, bytes32(uint256(4)));
        conclude(caseId, facts);
        closeRound(ROUND);
        said = say(seats[4], entryOf(0, 1));
        expectRefused(seats[4], said, 3, refusal);
        // Its own window is another one.
        assertEq(ask(4, entryOf(0, 0), 4), 2);
    }
}
