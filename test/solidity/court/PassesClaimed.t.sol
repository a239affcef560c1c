// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {IWindowAccusations} from "../../../contracts/interfaces/IWindowAccusations.sol";
import {Sampling} from "../../../contracts/libraries/Sampling.sol";
import {ScoreWords} from "../../../contracts/libraries/ScoreWords.sol";
import {SlashReasons} from "../../../contracts/libraries/SlashReasons.sol";
import {Draws} from "../fixtures/reference/Draws.sol";
import {vm} from "../fixtures/Vm.sol";
import {WindowEvidence} from "../fixtures/WindowEvidence.sol";

/// A seat that claims to have replayed a window, and a case about the step at its end.
contract PassesClaimedTest is WindowEvidence {
    /// @dev An open step case about a drawn window.
    function openStep(uint256 drawn) private returns (uint256 caseId, ICourt.Facts memory facts) {
        facts = step(challenger, bob, ROUND, windowOf(drawn));
        caseId = accuse(facts);
    }

    /// @dev The seat claims all windows that it had: the first one has two.
    function accusePass(uint256 caseId, ICourt.Facts memory facts, uint256 seat, uint256 drawn) private {
        IWindowAccusations.SeatProof memory said = say(seats[seat], entryOf(seat == 0 ? 2 : 1, 0));
        IAccusations.PageProof memory proof = pageOfBob();
        vm.prank(stranger);
        windows.accusePass(caseId, facts, seats[seat], proof, said, drawn);
    }

    function lostBy(uint256 seat) private view returns (uint256) {
        return 3 * LEAST_STAKE - stakeOf(seats[seat]);
    }

    // ---- with the step case

    function test_Attack81_WhoClaimsToHaveReplayedAFalseWindowLosesThirtyPercent() public {
        (uint256 caseId, ICourt.Facts memory facts) = openStep(1);
        rounds.setEarnings(TASK, seats[1], 77);
        IWindowAccusations.SeatProof memory said = say(seats[1], entryOf(1, 0));
        IAccusations.PageProof memory proof = pageOfBob();
        vm.expectEmit(address(court));
        emit ICourt.DefendantAdded(caseId, seats[1]);
        windows.accusePass(caseId, facts, seats[1], proof, said, 1);
        assertEq(court.baseOf(caseId, seats[1]), baseOf(seats[1]));
        assertEq(rounds.openCases(TASK, seats[1]), 1);

        judge(caseId, TRUTH);
        conclude(caseId, facts);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotClosed.selector, caseId));
        court.executeFor(caseId, facts, seats[1]);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        uint256 owed = court.owedTo(challenger);

        uint256 penalty = (baseOf(seats[1]) * 3) / 10;
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(seats[1], TASK, penalty, penalty, (penalty * 2) / 5, SlashReasons.FALSE_PASS);
        vm.expectEmit(address(court));
        emit ICourt.PenaltyTaken(caseId, seats[1], penalty, penalty, 77);
        court.executeFor(caseId, facts, seats[1]);
        assertEq(lostBy(1), penalty);
        assertEq(court.owedTo(challenger), owed + (penalty * 2) / 5);
        assertEq(3 * STAKE - stakeOf(bob), STAKE / 2);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotADefendant.selector, caseId, seats[1]));
        court.executeFor(caseId, facts, seats[1]);
    }

    /// A seat that replayed the window loses nothing, however a case about it fails, and gets its pay back.
    function test_Attack81_WhereTheStepIsNotFalseTheSeatLosesNothing() public {
        for (uint256 i = 0; i < 3; ++i) {
            uint256 state = vm.snapshotState();
            (uint256 caseId, ICourt.Facts memory facts) = openStep(1);
            accusePass(caseId, facts, 1, 1);
            bytes32 report = facts.accused;
            if (i == 1) report = MISSING;
            if (i == 2) report = SILENT;
            judge(caseId, report);
            conclude(caseId, facts);
            court.executeFor(caseId, facts, seats[1]);
            assertEq(lostBy(1), 0);
            assertEq(rounds.restores(seats[1]), 1);
            vm.revertToState(state);
        }
    }

    function test_AnAnnulledVerdictCostsTheSeatNothing() public {
        (uint256 caseId, ICourt.Facts memory facts) = openStep(1);
        accusePass(caseId, facts, 1, 1);
        judge(caseId, TRUTH);
        conclude(caseId, facts);
        vm.prank(guardian);
        court.suspend(caseId, facts);
        for (uint256 i = 0; i < 5; ++i) {
            vm.prank(jurorAt(i));
            jury.votePoll(caseId, i, false);
        }
        court.annul(caseId, facts);
        court.executeFor(caseId, facts, seats[1]);
        assertEq(lostBy(1), 0);
        assertEq(rounds.restores(seats[1]), 1);
    }

    /// Two false windows of one round are one offence of the seat that claims both. Its reward waits for the other case.
    function test_OneOffenceASeat() public {
        (uint256 first, ICourt.Facts memory firstFacts) = openStep(0);
        (uint256 second, ICourt.Facts memory secondFacts) = openStep(5);
        accusePass(first, firstFacts, 0, 0);
        accusePass(second, secondFacts, 0, 5);
        judge(first, TRUTH);
        judge(second, TRUTH);
        conclude(first, firstFacts);
        court.conclude(second, secondFacts);
        skip(GUARDIAN);
        court.execute(first, firstFacts);
        court.execute(second, secondFacts);
        uint256 penalty = (baseOf(seats[0]) * 3) / 10;
        court.executeFor(first, firstFacts, seats[0]);
        uint256 until = court.heldRewardOf(ICourt.CaseKind.PassClaimed, TASK, ROUND, seats[0]).until;
        vm.expectEmit(address(court));
        emit ICourt.PenaltyTaken(second, seats[0], 0, 0, 0);
        court.executeFor(second, secondFacts, seats[0]);
        assertEq(lostBy(0), penalty);

        uint256 owed = court.owedTo(challenger);
        vm.warp(until);
        vm.expectEmit(address(court));
        emit ICourt.RewardDecided(first, seats[0], (penalty * 2) / 5);
        court.payReward(first, firstFacts, seats[0]);
        assertEq(court.owedTo(challenger), owed + (penalty * 2) / 5);
    }

    /// Another false window in the next round costs all of the base.
    function test_ARepeatCostsAllOfTheBase() public {
        for (uint32 i = 0; i < 2; ++i) {
            ICourt.Facts memory facts = step(challenger, alice, ROUND + i, 3);
            closeRound(ROUND + i);
            uint256 caseId = accuse(facts);
            vm.prank(address(accusations));
            court.addDefendant(caseId, facts, seats[1], baseOf(seats[1]), 0);
            judge(caseId, TRUTH);
            conclude(caseId, facts);
            skip(GUARDIAN);
            court.execute(caseId, facts);
            court.executeFor(caseId, facts, seats[1]);
        }
        uint256 sum = (baseOf(seats[1]) * 13) / 10;
        assertEq(lostBy(1), sum < 3 * LEAST_STAKE ? sum : 3 * LEAST_STAKE);
    }

    /// A step case may outlast its round's challenge window, and so may who is added to it.
    function test_ASeatIsAddedAsLongAsTheStepCaseIsOpen() public {
        (uint256 caseId, ICourt.Facts memory facts) = openStep(1);
        uint256 state = vm.snapshotState();
        skip(2_000);
        accusePass(caseId, facts, 1, 1);
        vm.revertToState(state);
        judge(caseId, TRUTH);
        conclude(caseId, facts);
        expectRefused(
            caseId,
            facts,
            1,
            1,
            entryOf(1, 0),
            abi.encodeWithSelector(ICourt.Court_HasVerdict.selector, caseId, ICourt.Verdict.Guilty)
        );
    }

    // ---- refusals

    function expectRefused(
        uint256 caseId,
        ICourt.Facts memory facts,
        uint256 seat,
        uint256 drawn,
        uint256 entry,
        bytes memory refusal
    ) private {
        IWindowAccusations.SeatProof memory said = say(seats[seat], entry);
        IAccusations.PageProof memory proof = pageOfBob();
        vm.expectRevert(refusal);
        vm.prank(stranger);
        windows.accusePass(caseId, facts, seats[seat], proof, said, drawn);
    }

    function test_RevertWhen_TheSeatClaimsNoPass() public {
        (uint256 caseId, ICourt.Facts memory facts) = openStep(1);
        uint256[5] memory entries = [
            entryOf(0, 0),
            entryOf(2, 0),
            entryOf(3, 0),
            ScoreWords.GATE_FAILED | (1 << 28),
            ScoreWords.NOT_AUDITED | (1 << 28)
        ];
        for (uint256 i = 0; i < entries.length; ++i) {
            expectRefused(
                caseId,
                facts,
                1,
                1,
                entries[i],
                abi.encodeWithSelector(IWindowAccusations.Accusations_NoPassClaimed.selector, 1, 1, entries[i])
            );
        }
        // Where the task's own files fail, or a seat can't decide, windows are told of, too.
        uint256[2] memory others = [ScoreWords.TASK_FAULT | (1 << 28), ScoreWords.NO_DECISION | (1 << 28)];
        for (uint256 i = 0; i < 2; ++i) {
            uint256 id = vm.snapshotState();
            IWindowAccusations.SeatProof memory said = say(seats[1], others[i]);
            windows.accusePass(caseId, facts, seats[1], pageOfBob(), said, 1);
            assertEq(court.baseOf(caseId, seats[1]), baseOf(seats[1]));
            vm.revertToState(id);
        }
    }

    /// One of two: nobody can tell which.
    function test_RevertWhen_ASeatClaimsOneOfItsTwoWindows() public {
        (uint256 caseId, ICourt.Facts memory facts) = openStep(0);
        expectRefused(
            caseId,
            facts,
            0,
            0,
            entryOf(1, 0),
            abi.encodeWithSelector(IWindowAccusations.Accusations_NoPassClaimed.selector, 0, 0, entryOf(1, 0))
        );
    }

    function test_RevertWhen_TheSeatHadAnotherWindow() public {
        (uint256 caseId, ICourt.Facts memory facts) = openStep(1);
        // It looked at that window, and claims nothing of it.
        expectRefused(
            caseId,
            facts,
            2,
            1,
            entryOf(1, 0),
            abi.encodeWithSelector(IWindowAccusations.Accusations_NoPassClaimed.selector, 1, 2, entryOf(1, 0))
        );
        expectRefused(
            caseId,
            facts,
            2,
            2,
            entryOf(1, 0),
            abi.encodeWithSelector(IWindowAccusations.Accusations_OtherWindow.selector, windowOf(2), windowOf(1))
        );
        expectRefused(
            caseId,
            facts,
            1,
            6,
            entryOf(1, 0),
            abi.encodeWithSelector(IAccusations.Accusations_OutOfRange.selector, "window", 6, 6)
        );
    }

    function test_RevertWhen_ThereIsNoSuchStepCase() public {
        (, ICourt.Facts memory facts) = openStep(1);
        bytes21 given = bytes21(keccak256(abi.encode(facts)));
        bytes memory refusal = abi.encodeWithSelector(ICourt.Court_WrongFacts.selector, 2, given, bytes21(0));
        expectRefused(2, facts, 1, 1, entryOf(1, 0), refusal);

        ICourt.Facts memory other = withholding(challenger, bob, ROUND);
        uint256 caseId = accuse(other);
        expectRefused(
            caseId,
            other,
            1,
            1,
            entryOf(1, 0),
            abi.encodeWithSelector(IWindowAccusations.Accusations_NoStepCase.selector, caseId, other.kind)
        );
    }

    function test_RevertWhen_TheSeatIsADefendantAlreadyOrWasPunished() public {
        (uint256 caseId, ICourt.Facts memory facts) = openStep(1);
        accusePass(caseId, facts, 1, 1);
        expectRefused(
            caseId,
            facts,
            1,
            1,
            entryOf(1, 0),
            abi.encodeWithSelector(ICourt.Court_AlreadyADefendant.selector, caseId, seats[1])
        );
        judge(caseId, TRUTH);
        (uint256 other, ICourt.Facts memory otherFacts) = openStep(1);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        court.executeFor(caseId, facts, seats[1]);
        bytes32 offence = keccak256(abi.encode(ICourt.CaseKind.PassClaimed, TASK, ROUND, seats[1]));
        expectRefused(
            other,
            otherFacts,
            1,
            1,
            entryOf(1, 0),
            abi.encodeWithSelector(ICourt.Court_OffenceDecided.selector, offence)
        );
    }

    /// Pages, sheets and records that are malformed, another's, or of a round that the rings have lost.
    function test_RevertWhen_TheEvidenceIsAnothers() public {
        (uint256 caseId, ICourt.Facts memory facts) = openStep(1);
        for (uint256 i = 0; i < 12; ++i) {
            uint256 state = vm.snapshotState();
            IWindowAccusations.SeatProof memory said = say(seats[1], entryOf(1, 0));
            IAccusations.PageProof memory proof = pageOfBob();
            address who = i == 8 ? stranger : seats[1];
            bytes memory refusal = i < 4 ? spoilPage(proof, i) : spoilProof(said, i);
            vm.expectRevert(refusal);
            windows.accusePass(caseId, facts, who, proof, said, 1);
            vm.revertToStateAndDelete(state);
        }
    }

    /// @dev Makes one thing of a page wrong, 0…3, and tells the error.
    function spoilPage(IAccusations.PageProof memory proof, uint256 how) private returns (bytes memory) {
        bytes4 wrong = IAccusations.Accusations_WrongPage.selector;
        bytes32 stored = digestOf(proof.contributors, proof.commitments);
        if (how == 0) {
            rounds.setPage(TASK, ROUND, 0, 0);
            return abi.encodeWithSelector(wrong, stored, bytes32(0));
        }
        if (how == 1) {
            proof.commitments[0] = "other";
            return abi.encodeWithSelector(wrong, digestOf(proof.contributors, proof.commitments), stored);
        }
        if (how == 2) {
            proof.commitments = new bytes32[](2);
            return abi.encodeWithSelector(IAccusations.Accusations_LengthMismatch.selector, 3, 2);
        }
        proof.index = (submission + 1) % CONTRIBUTORS;
        address given = contributorAt(proof.index);
        return abi.encodeWithSelector(IAccusations.Accusations_NotItsSubmission.selector, proof.index, given, bob);
    }

    /// @dev Makes one thing of what a seat said wrong, 4…11, and tells the error.
    function spoilProof(IWindowAccusations.SeatProof memory said, uint256 how) private returns (bytes memory) {
        bytes4 wrong = IAccusations.Accusations_WrongStatement.selector;
        bytes32 stored = wordOf(said.statement, ROUND, seats[1]);
        bytes4 outOfRange = IAccusations.Accusations_OutOfRange.selector;
        if (how == 4) said.statement.salt = "other";
        if (how == 5) said.statement.words = new uint256[](4);
        if (how == 6) rounds.setSheet(TASK, seats[1], ROUND, 0, 0);
        if (how < 7)
            return
                abi.encodeWithSelector(wrong, wordOf(said.statement, ROUND, seats[1]), how == 6 ? bytes32(0) : stored);
        if (how == 7) {
            said.index = 1;
            return abi.encodeWithSelector(outOfRange, "cohort", 1, 1);
        }
        if (how == 8) return abi.encodeWithSelector(wrong, wordOf(said.statement, ROUND, stranger), bytes32(0));
        if (how == 9) {
            said.member = 3;
            return abi.encodeWithSelector(outOfRange, "entry", 3, 3);
        }
        if (how == 10) {
            said.record.resultsHashes = new bytes32[](2);
            return abi.encodeWithSelector(IAccusations.Accusations_LengthMismatch.selector, 1, 2);
        }
        uint224 record = recordOf(said.record, ROUND);
        said.record.previousBeacon = "other";
        return
            abi.encodeWithSelector(IAccusations.Accusations_WrongRecord.selector, recordOf(said.record, ROUND), record);
    }

    /// The seat is one of the committee that had the update, and its entry is about that update.
    function test_RevertWhen_TheSeatHadNothingToSayOfIt() public {
        (uint256 caseId, ICourt.Facts memory facts) = openStep(1);
        address outsider = outsiderOf(0);
        IWindowAccusations.SeatProof memory said = say(outsider, entryOf(1, 0));
        IAccusations.PageProof memory proof = pageOfBob();
        vm.expectRevert(abi.encodeWithSelector(IWindowAccusations.Accusations_NoSeat.selector, outsider, 0));
        windows.accusePass(caseId, facts, outsider, proof, said, 1);
        said = say(seats[1], entryOf(1, 0));
        said.member = 1;
        uint256 other = Draws.permute(1, CONTRIBUTORS, Sampling.cohortsKey(beaconOf(ROUND)));
        vm.expectRevert(abi.encodeWithSelector(IWindowAccusations.Accusations_NotItsEntry.selector, other, submission));
        windows.accusePass(caseId, facts, seats[1], proof, said, 1);
    }

    function test_RevertWhen_AnotherContractAddsASeat() public {
        (uint256 caseId, ICourt.Facts memory facts) = openStep(1);
        vm.expectRevert(
            abi.encodeWithSelector(IAccusations.Accusations_OnlyWindows.selector, stranger, address(windows))
        );
        vm.prank(stranger);
        accusations.addForWindows(caseId, facts, seats[1], 1);
    }
}
