// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {IWindowAccusations} from "../../../contracts/interfaces/IWindowAccusations.sol";
import {SlashReasons} from "../../../contracts/libraries/SlashReasons.sol";
import {vm} from "../fixtures/Vm.sol";
import {WindowEvidence} from "../fixtures/WindowEvidence.sol";

/// What readers say of a window, what it costs whom, and what a reader may do then. A reader earns at most 0.14 ASSAY where
/// both sides pay, and 0.2 where whoever asks pays.
contract WindowReadingsTest is WindowEvidence {
    bytes32 private constant GOOD = bytes32(uint256(4));
    bytes32 private constant DIFFERS = bytes32(uint256(5));
    /// Half of three fees.
    uint256 private constant SHARE = 0.3 ether;
    uint256 private constant READERS_FEE = 0.14 ether;
    uint256 private constant WHOLE_FEE = 0.2 ether;

    // ---- outcomes

    function test_AWithheldWindowCostsATenthAndWhatTheAuditReleased() public {
        (uint256 caseId, ICourt.Facts memory facts) = requestTogether(1);
        rounds.setEarnings(TASK, bob, 77);
        judge(caseId, MISSING);
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Guilty);
        skip(GUARDIAN);

        uint256 reward = STAKE / 25;
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(bob, TASK, STAKE / 10, STAKE / 10, reward, SlashReasons.WINDOW_WITHHELD);
        vm.expectEmit(address(court));
        emit ICourt.PenaltyTaken(caseId, bob, STAKE / 10, STAKE / 10, 77);
        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(caseId, reward - 3 * READERS_FEE, READERS_FEE, 0);
        court.execute(caseId, facts);
        assertEq(court.owedTo(seats[1]), MIN_BOND + reward - 3 * READERS_FEE);
        assertEq(rounds.forfeits(bob), 1);

        uint256 place = seatsOf(caseId)[2];
        court.settleSeat(caseId, 0, place);
        assertEq(court.owedTo(jurorAt(place)), READERS_FEE);
    }

    function test_OfAGoodWindowThatTwoSeatsMissBothSidesPayHalf() public {
        expectShared(GOOD, ICourt.Verdict.Acquitted, GOOD);
    }

    /// What differs isn't withheld; who may accuse then follows below.
    function test_OfAWindowThatDiffersAndTwoSeatsMissBothSidesPayHalf() public {
        expectShared(DIFFERS, ICourt.Verdict.Dismissed, DIFFERS);
    }

    /// A value that means nothing counts as good.
    function test_AnyOtherValueIsGood() public {
        expectShared("junk", ICourt.Verdict.Acquitted, "junk");
    }

    function expectShared(bytes32 said, ICourt.Verdict verdict, bytes32 report) private {
        (uint256 caseId, ICourt.Facts memory facts) = requestTogether(1);
        judge(caseId, said);
        skip(APPEAL);
        vm.expectEmit(address(court));
        emit ICourt.VerdictReached(caseId, verdict, report, block.timestamp);
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(bob, TASK, SHARE, SHARE, (SHARE * 2) / 5, SlashReasons.READING_FEE);
        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(caseId, 0, READERS_FEE, 0);
        court.conclude(caseId, facts);

        assertEq(court.owedTo(seats[1]), MIN_BOND - SHARE);
        assertEq(stakeOf(bob), 3 * STAKE - SHARE);
        assertEq(rounds.restores(bob), 1);
        uint256[] memory places = seatsOf(caseId);
        for (uint256 i = 0; i < 3; ++i) court.settleSeat(caseId, 0, places[i]);
        assertEq(court.owedTo(jurorAt(places[0])), READERS_FEE);
        court.withdraw(seats[1]);
        assertEq(assay.balanceOf(address(court)) + registry.rewardPot(), 3 * READERS_FEE);
    }

    /// What a single seat says costs a contributor that gives the window nothing.
    function test_WhoAsksAlonePaysTheReaders() public {
        bytes32[3] memory reports = [GOOD, DIFFERS, bytes32("junk")];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 state = vm.snapshotState();
            (uint256 caseId, ICourt.Facts memory facts) = request(1);
            judge(caseId, reports[i]);
            skip(APPEAL);
            vm.expectEmit(address(court));
            emit ICourt.CaseClosed(caseId, 0, WHOLE_FEE, 0);
            court.conclude(caseId, facts);
            assertVerdict(caseId, i == 1 ? ICourt.Verdict.Dismissed : ICourt.Verdict.Acquitted);
            assertEq(court.owedTo(seats[1]), MIN_BOND - 3 * WHOLE_FEE);
            assertEq(stakeOf(bob), 3 * STAKE);
            uint256[] memory places = seatsOf(caseId);
            for (uint256 j = 0; j < 3; ++j) {
                court.settleSeat(caseId, 0, places[j]);
                assertEq(court.owedTo(jurorAt(places[j])), WHOLE_FEE);
            }
            court.withdraw(seats[1]);
            assertEq(assay.balanceOf(address(court)) + registry.rewardPot(), 3 * WHOLE_FEE);
            vm.revertToState(state);
        }
    }

    /// Readers earn the same whatever they say.
    function test_AWindowThatOneSeatMissesAndReadersTooIsWithheld() public {
        (uint256 caseId, ICourt.Facts memory facts) = request(1);
        judge(caseId, MISSING);
        conclude(caseId, facts);
        skip(GUARDIAN);
        uint256 reward = STAKE / 25;
        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(caseId, reward - 3 * WHOLE_FEE, WHOLE_FEE, 0);
        court.execute(caseId, facts);
        assertEq(court.owedTo(seats[1]), MIN_BOND + reward - 3 * WHOLE_FEE);
        assertEq(stakeOf(bob), 3 * STAKE - STAKE / 10);
    }

    /// A contributor keeps a window from two seats and has an accomplice in the third one ask first, alone: the others can't
    /// ask any more, and it pays nothing. But the accomplice pays what both sides would have, and readers get the window.
    function test_Attack80_AnAccompliceThatAsksFirstAlonePaysForBothSides() public {
        uint256 state = vm.snapshotState();
        (uint256 caseId, ICourt.Facts memory facts) = requestTogether(1);
        judge(caseId, GOOD);
        conclude(caseId, facts);
        uint256 honest = 3 * STAKE - stakeOf(bob);
        assertEq(honest, SHARE);
        vm.revertToState(state);

        (caseId, facts) = request(1);
        judge(caseId, GOOD);
        conclude(caseId, facts);
        assertEq(3 * STAKE - stakeOf(bob), 0);
        assertEq(MIN_BOND - court.owedTo(seats[1]), 2 * honest);
    }

    /// The defendant of a small stake pays less: what it gives must never cost more than what it keeps back.
    function test_ASmallStakePaysATwentiethAtMost() public {
        ICourt.Facts memory facts = withheldWindow(challenger, alice, ROUND, 3);
        (facts.base, facts.context) = (1 ether, SAID_BY_TWO);
        uint256 caseId = openReading(facts);
        facts.bond = uint96(MIN_BOND);
        judge(caseId, GOOD);
        conclude(caseId, facts);
        assertEq(3 * STAKE - stakeOf(alice), 0.05 ether);
        assertEq(court.closingOf(caseId).feePerSeat, (SHARE + 0.02 ether) / 3);
        assertEq(court.owedTo(challenger), MIN_BOND - SHARE);
    }

    /// Two of three decide; without a majority the window counts as good.
    function test_WithoutAMajorityTheWindowIsGood() public {
        (uint256 caseId, ICourt.Facts memory facts) = requestTogether(1);
        judge(caseId, MISSING, 2, SILENT);
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertEq(court.closingOf(caseId).report, 0);
        assertEq(stakeOf(bob), 3 * STAKE - SHARE);
        assertEq(court.owedTo(seats[1]), MIN_BOND - SHARE);

        (caseId, facts) = requestTogether(2);
        judge(caseId, MISSING, 1, GOOD);
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Guilty);
    }

    /// Nobody read anything: nobody pays.
    function test_WhereNobodyReadAllIsFree() public {
        (uint256 caseId, ICourt.Facts memory facts) = requestTogether(1);
        judge(caseId, CANNOT_EXECUTE, 1, SILENT);
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertEq(stakeOf(bob), 3 * STAKE);
        assertEq(court.owedTo(seats[1]), MIN_BOND);
    }

    // ---- readers

    /// A reader that didn't get what others got is never slashed; one that computed another result is, like a juror.
    function test_OnlyWhoReadOtherwiseIsWrong() public {
        bytes32[3] memory others = [MISSING, CANNOT_EXECUTE, DIFFERS];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 state = vm.snapshotState();
            (uint256 caseId, ICourt.Facts memory facts) = requestTogether(1);
            judge(caseId, GOOD, 1, others[i]);
            conclude(caseId, facts);
            uint256 place = seatsOf(caseId)[2];
            court.settleSeat(caseId, 0, place);
            assertEq(stakeOf(jurorAt(place)), JUROR_STAKE - (i == 2 ? 30 ether : 0));
            assertEq(court.owedTo(jurorAt(place)), 0);
            vm.revertToState(state);
        }
    }

    function test_WhoSaysWithheldIsPaidWhereItWas() public {
        (uint256 caseId, ICourt.Facts memory facts) = requestTogether(1);
        judge(caseId, MISSING, 1, GOOD);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        uint256[] memory places = seatsOf(caseId);
        for (uint256 i = 0; i < 3; ++i) {
            court.settleSeat(caseId, 0, places[i]);
            assertEq(court.owedTo(jurorAt(places[i])), READERS_FEE);
            assertEq(stakeOf(jurorAt(places[i])), JUROR_STAKE);
        }
    }

    // ---- appeals

    /// Five read again, then all; a captured first panel costs whoever appeals nothing.
    function test_AReadingClimbsToAllJurors() public {
        (uint256 caseId, ICourt.Facts memory facts) = requestTogether(1);
        judge(caseId, MISSING);
        address defender = payer("defender");
        vm.prank(defender);
        court.appeal(caseId, facts);
        judge(caseId, GOOD);
        assertEq(seatsOf(caseId).length, 5);
        vm.prank(challenger);
        court.appeal(caseId, facts);
        judge(caseId, GOOD);
        assertEq(seatsOf(caseId).length, 9);
        court.conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertEq(court.owedTo(defender), 2 * MIN_BOND);
        assertEq(court.owedTo(challenger), 0);
        assertEq(court.closingOf(caseId).feePerSeat, READERS_FEE);
        assertEq(stakeOf(bob), 3 * STAKE - SHARE);
    }

    // ---- several windows

    /// Offences of three rounds that count each other, in all orders: a tenth, then two, then four.
    function test_EachFurtherRoundCostsTwiceAsMuchInEveryOrder() public {
        for (uint256 order = 0; order < 6; ++order) {
            uint256 state = vm.snapshotState();
            uint32[3] memory left = [ROUND, ROUND + 3, ROUND + 7];
            uint256 rest = order;
            for (uint256 count = 3; count > 0; --count) {
                withhold(left[rest % count]);
                left[rest % count] = left[count - 1];
                rest /= count;
            }
            assertEq(3 * STAKE - stakeOf(alice), (7 * STAKE) / 10);
            vm.revertToState(state);
        }
    }

    /// The third one doesn't count the first one any more: it is eight rounds before it.
    function test_EightRoundsLaterAnOffenceCountsNoMore() public {
        withhold(ROUND);
        withhold(ROUND + 3);
        withhold(ROUND + 8);
        assertEq(3 * STAKE - stakeOf(alice), STAKE / 2);
    }

    /// However many: one offence costs at most its base. Five cost 1 + 2 + 4 + 8 + 10 tenths.
    function test_AnOffenceNeverCostsMoreThanItsBase() public {
        giveStake(alice, 3 * STAKE);
        for (uint32 i = 0; i < 5; ++i) withhold(ROUND + i);
        assertEq(6 * STAKE - stakeOf(alice), (25 * STAKE) / 10);
    }

    function test_TwoWindowsOfARoundAreOneOffence() public {
        ICourt.Facts memory first = withheldWindow(challenger, alice, ROUND, 3);
        ICourt.Facts memory second = withheldWindow(challenger, alice, ROUND, 4);
        openReading(first);
        openReading(second);
        judge(1, MISSING);
        judge(2, MISSING);
        conclude(1, first);
        court.conclude(2, second);
        skip(GUARDIAN);
        court.execute(1, first);
        court.execute(2, second);
        assertEq(3 * STAKE - stakeOf(alice), STAKE / 10);
    }

    function withhold(uint32 round) private {
        ICourt.Facts memory facts = withheldWindow(challenger, alice, round, 3);
        uint256 caseId = openReading(facts);
        judge(caseId, MISSING);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
    }

    // ---- a step case of a reader

    function test_AReaderAccusesTheStepThoughTheRoundIsFinal() public {
        (uint256 readingId, ICourt.Facts memory reading, uint256 place) = different();
        skip(1_000);
        // The rings may have lost the round by now.
        rounds.setPage(TASK, ROUND, 0, 0);
        ICourt.Facts memory facts = step(jurorAt(place), bob, ROUND, windowOf(1));
        vm.warp(court.caseOf(readingId).readyAt + APPEAL - 1);
        uint256 caseId = accuseRead(readingId, reading, place, 0);
        facts.committedAt = uint64(block.number - 1);
        assertFacts(caseId, facts);
        judge(caseId, TRUTH);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        assertEq(stakeOf(bob), 3 * STAKE - SHARE - STAKE / 2);
    }

    /// @dev A reading that found a difference, and the place of a reader that can pay a bond.
    function different() private returns (uint256 caseId, ICourt.Facts memory facts, uint256 place) {
        (caseId, facts) = requestTogether(1);
        judge(caseId, DIFFERS);
        conclude(caseId, facts);
        place = seatsOf(caseId)[1];
        assay.transfer(jurorAt(place), WALLET);
        vm.prank(jurorAt(place));
        assay.approve(address(court), type(uint256).max);
    }

    function accuseRead(
        uint256 readingId,
        ICourt.Facts memory reading,
        uint256 place,
        uint256 instance
    ) private returns (uint256) {
        IAccusations.StepProof memory proof = stepOf(bob, ROUND, reading.subject);
        ICourt.OpeningFields memory fields = fieldsOf(bob, ROUND);
        commitTo(ICourt.CaseKind.FalseStep, jurorAt(place), bob, ROUND);
        bytes32 salt = lastSalt();
        vm.prank(jurorAt(place));
        return windows.accuseReadStep(readingId, reading, instance, place, fields, proof, BLOB, salt);
    }

    function expectRefused(
        address who,
        uint256 readingId,
        ICourt.Facts memory reading,
        uint256 instance,
        uint256 place,
        uint32 window,
        bytes memory refusal
    ) private {
        IAccusations.StepProof memory proof = stepOf(bob, ROUND, window);
        ICourt.OpeningFields memory fields = fieldsOf(bob, ROUND);
        vm.expectRevert(refusal);
        vm.prank(who);
        windows.accuseReadStep(readingId, reading, instance, place, fields, proof, BLOB, 0);
    }

    function test_RevertWhen_TheReaderComesTooLate() public {
        (uint256 readingId, ICourt.Facts memory reading, uint256 place) = different();
        uint256 deadline = block.timestamp + APPEAL;
        vm.warp(deadline);
        expectRefused(
            jurorAt(place),
            readingId,
            reading,
            0,
            place,
            reading.subject,
            abi.encodeWithSelector(IWindowAccusations.Accusations_TooLate.selector, readingId, deadline)
        );
    }

    function test_RevertWhen_TheCallerIsNoReader() public {
        (uint256 readingId, ICourt.Facts memory reading, uint256 place) = different();
        for (uint256 i = 0; i < 5; ++i) {
            address who = i == 0 ? stranger : jurorAt(place);
            // Panels that there weren't, and can't be; places without a seat.
            uint256 instance = i == 1 ? 1 : 0;
            if (i == 4) instance = 3;
            uint256 where = place;
            if (i == 2) where = 64;
            if (i == 3) where = seatsOf(readingId)[0] == 0 ? seatsOf(readingId)[2] : 0;
            expectRefused(
                who,
                readingId,
                reading,
                instance,
                where,
                reading.subject,
                abi.encodeWithSelector(
                    IWindowAccusations.Accusations_NotAReader.selector,
                    readingId,
                    instance,
                    where,
                    who
                )
            );
        }
    }

    function test_RevertWhen_TheStepIsOfAnotherWindow() public {
        (uint256 readingId, ICourt.Facts memory reading, uint256 place) = different();
        uint32 other = (reading.subject + 1) % uint32(WINDOWS);
        expectRefused(
            jurorAt(place),
            readingId,
            reading,
            0,
            place,
            other,
            abi.encodeWithSelector(IWindowAccusations.Accusations_OtherWindow.selector, other, reading.subject)
        );
    }

    /// The reading keeps the commitment: another opening, and proofs with too few or too many nodes, prove no step.
    function test_RevertWhen_TheReadersStepIsNotProven() public {
        (uint256 readingId, ICourt.Facts memory reading, uint256 place) = different();
        for (uint256 i = 0; i < 4; ++i) {
            ICourt.OpeningFields memory fields = fieldsOf(bob, ROUND);
            IAccusations.StepProof memory proof = stepOf(bob, ROUND, reading.subject);
            bytes32[] memory nodes = proof.proofBefore;
            bytes memory refusal;
            if (i == 0) {
                fields.salt = "other";
                bytes32 given = keccak256(abi.encode(block.chainid, address(rounds), TASK, ROUND, bob, fields));
                refusal = abi.encodeWithSelector(ICourt.Court_WrongOpening.selector, given, reading.accused);
            } else {
                proof.proofBefore = new bytes32[](i == 1 ? 0 : nodes.length + (i == 2 ? 1 : 0));
                for (uint256 j = 0; j < nodes.length && i > 1; ++j) proof.proofBefore[j] = nodes[j];
                if (i == 3) proof.before = "other";
                bytes4 wrong = IAccusations.Accusations_WrongState.selector;
                refusal = abi.encodeWithSelector(wrong, reading.subject, proof.before);
            }
            vm.expectRevert(refusal);
            vm.prank(jurorAt(place));
            windows.accuseReadStep(readingId, reading, 0, place, fields, proof, BLOB, 0);
        }
    }

    function test_RevertWhen_TheReadersFoundNoDifference() public {
        (uint256 readingId, ICourt.Facts memory reading) = requestTogether(1);
        judge(readingId, GOOD);
        uint256 place = seatsOf(readingId)[0];
        expectNoMismatch(place, readingId, reading, ICourt.Verdict.None);
        conclude(readingId, reading);
        expectNoMismatch(place, readingId, reading, ICourt.Verdict.Acquitted);

        // A dismissed case of another kind.
        closeRound(ROUND);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, MISSING);
        conclude(caseId, facts);
        expectNoMismatch(seatsOf(caseId)[0], caseId, facts, ICourt.Verdict.Dismissed);

        // Facts that aren't those of the case.
        bytes21 stored = bytes21(keccak256(abi.encode(reading)));
        reading.subject += 1;
        expectRefused(
            jurorAt(place),
            readingId,
            reading,
            0,
            place,
            reading.subject,
            abi.encodeWithSelector(
                ICourt.Court_WrongFacts.selector,
                readingId,
                bytes21(keccak256(abi.encode(reading))),
                stored
            )
        );
    }

    function expectNoMismatch(
        uint256 place,
        uint256 caseId,
        ICourt.Facts memory facts,
        ICourt.Verdict verdict
    ) private {
        expectRefused(
            jurorAt(place),
            caseId,
            facts,
            0,
            place,
            facts.subject,
            abi.encodeWithSelector(IWindowAccusations.Accusations_NoMismatch.selector, caseId, facts.kind, verdict)
        );
    }

    // ---- time

    /// A reading with all its appeals, then a step case with all of its own, each as late as it may be.
    function test_Attack10_AReadingAndItsStepCaseEndBeforeTheStakeLeaves() public {
        vm.prank(bob);
        registry.requestUnstake(3 * STAKE);
        uint256 availableAt = block.timestamp + UNBONDING_SECONDS;
        closeRound(ROUND);
        skip(999);
        uint256 openedAt = block.timestamp;
        (uint256 readingId, ICourt.Facts memory reading) = requestTogether(1);
        climb(readingId, reading, DIFFERS);
        uint256 place = seatsOf(readingId)[0];
        assay.transfer(jurorAt(place), WALLET);
        vm.prank(jurorAt(place));
        assay.approve(address(court), type(uint256).max);
        skip(APPEAL - 1);
        ICourt.Facts memory facts = step(jurorAt(place), bob, ROUND, reading.subject);
        uint256 caseId = accuseRead(readingId, reading, place, 2);
        climb(caseId, facts, TRUTH);
        assertLe(block.timestamp - openedAt, court.verdictSeconds());
        skip(GUARDIAN - 1);
        vm.prank(guardian);
        court.suspend(caseId, facts);
        skip(SUSPENSION + 1);
        court.execute(caseId, facts);
        assertLt(block.timestamp, availableAt);
        assertEq(stakeOf(bob), 3 * STAKE - SHARE - STAKE / 2);
    }

    function climb(uint256 caseId, ICourt.Facts memory facts, bytes32 report) private {
        for (uint256 instance = 0; instance < 3; ++instance) {
            skip(DRAW - 1);
            judge(caseId, report);
            if (instance == 2) break;
            skip(APPEAL - 1);
            vm.prank(challenger);
            court.appeal(caseId, facts);
        }
        court.conclude(caseId, facts);
    }
}
