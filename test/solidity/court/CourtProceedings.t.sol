// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {CourtEvidence} from "../fixtures/CourtEvidence.sol";
import {EvidenceDouble} from "../fixtures/EvidenceDouble.sol";
import {vm} from "../fixtures/Vm.sol";

/// From the opening of a case to its verdict, and what the guardian may do.
contract CourtProceedingsTest is CourtEvidence {
    // ---- opening

    function test_ACaseTakesTheBondAndKeepsThePay() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        commitTo(facts.kind, challenger, alice, ROUND);

        vm.expectEmit(address(court));
        emit ICourt.PanelAsked(1, 0, 1);
        vm.expectEmit(address(court));
        emit ICourt.CaseOpened(1, TASK, alice, facts);
        assertEq(accuseCommitted(facts), 1);

        ICourt.Case memory case_ = court.caseOf(1);
        assertVerdict(1, ICourt.Verdict.None);
        assertFalse(case_.isClosed || case_.wasSuspended);
        assertEq(uint256(case_.instance) + case_.readyAt, 0);
        assertEq(case_.panelIds[0], 1);
        assertEq(court.caseCount(), 1);
        assertEq(assay.balanceOf(address(court)), 2.5 ether);
        assertEq(assay.balanceOf(challenger), WALLET - 2.5 ether);
        assertEq(rounds.openCases(TASK, alice), 1);
    }

    function test_ACaseAboutAnOpeningWaitsForItWithoutAPanel() public {
        uint256 caseId = accuse(withholding(challenger, alice, ROUND));

        assertEq(court.caseOf(caseId).readyAt, block.timestamp + OPENING);
        assertEq(court.caseOf(caseId).panelIds[0], 0);
        assertEq(beacon.requests(), 0);
    }

    /// The largest of three: the least bond, 5 % of the penalty, and half more than the fees of the first panel.
    function test_TheBondCoversPenaltyAndFees() public {
        assertEq(withholding(challenger, alice, ROUND).bond, MIN_BOND);
        assertEq(step(challenger, alice, ROUND, 0).bond, (STAKE / 2) / 20);
        accuse(withholding(challenger, alice, ROUND));
        accuse(step(challenger, alice, ROUND, 0));
        accuse(score(challenger, validatorAt(6), ROUND));
        assertEq(assay.balanceOf(address(court)), MIN_BOND + 2.5 ether + (baseOf(6) * 15) / 1_000);
    }

    function test_RevertWhen_TheChallengerCannotPay() public {
        ICourt.Facts memory facts = step(stranger, alice, ROUND, 3);
        vm.prank(stranger);
        assay.approve(address(court), 2.5 ether);
        assay.transfer(stranger, 2.5 ether - 1);
        commitTo(facts.kind, stranger, alice, ROUND);

        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientBalance(address,uint256,uint256)",
                stranger,
                2.5 ether - 1,
                2.5 ether
            )
        );
        vm.prank(stranger);
        accusations.accuseStep(
            TASK,
            ROUND,
            alice,
            page(ROUND),
            fieldsOf(alice, ROUND),
            stepOf(alice, ROUND, 3),
            facts.evidence,
            lastSalt()
        );
    }

    function test_RevertWhen_SomebodyElseOpensACase() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        bytes memory refusal = abi.encodeWithSelector(
            ICourt.Court_OnlyAccusations.selector,
            stranger,
            address(accusations)
        );
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_OnlyAccusations.selector, stranger, address(accusations)));
        court.open(facts, partiesOf(facts), 0);
        vm.expectRevert(refusal);
        court.addDefendant(1, facts, alice, 1, 0);
        vm.stopPrank();
    }

    function test_RevertWhen_TheFactsAreOthers() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        bytes21 stored = bytes21(keccak256(abi.encode(facts)));
        facts.base += 1;
        bytes21 given = bytes21(keccak256(abi.encode(facts)));
        bytes memory refusal = abi.encodeWithSelector(ICourt.Court_WrongFacts.selector, caseId, given, stored);

        vm.expectRevert(refusal);
        court.conclude(caseId, facts);
        vm.expectRevert(refusal);
        court.appeal(caseId, facts);
        vm.expectRevert(refusal);
        court.execute(caseId, facts);
        vm.expectRevert(refusal);
        court.executeFor(caseId, facts, alice);
        vm.expectRevert(refusal);
        court.suspend(caseId, facts);
        vm.expectRevert(refusal);
        court.postOpening(caseId, facts, fieldsOf(alice, ROUND));
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongFacts.selector, 2, given, bytes21(0)));
        court.conclude(2, facts);
    }

    // ---- answers

    function test_APostedOpeningAnswersACaseUntilItsLastSecond() public {
        ICourt.Facts memory facts = withholding(challenger, alice, ROUND);
        uint256 caseId = accuse(facts);
        skip(OPENING - 1);

        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, caseId, court.caseOf(caseId).readyAt));
        court.conclude(caseId, facts);

        vm.expectEmit(address(court));
        emit ICourt.OpeningPosted(caseId, fieldsOf(alice, ROUND));
        vm.expectEmit(address(court));
        emit ICourt.VerdictReached(caseId, ICourt.Verdict.Answered, 0, block.timestamp);
        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(caseId, 0, 0, MIN_BOND - ANSWER_REFUND);
        vm.prank(stranger);
        court.postOpening(caseId, facts, fieldsOf(alice, ROUND));

        assertVerdict(caseId, ICourt.Verdict.Answered);
        assertTrue(court.caseOf(caseId).isClosed);
        assertEq(court.owedTo(alice), ANSWER_REFUND);
        assertEq(court.owedTo(challenger), 0);
        assertEq(rounds.restores(alice), 1);
        assertEq(stakeOf(alice), 3 * STAKE);
    }

    function test_RevertWhen_TheOpeningComesTooLate() public {
        ICourt.Facts memory facts = withholding(challenger, alice, ROUND);
        uint256 caseId = accuse(facts);
        uint256 deadline = block.timestamp + OPENING;
        skip(OPENING);

        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooLate.selector, caseId, deadline));
        court.postOpening(caseId, facts, fieldsOf(alice, ROUND));

        vm.expectEmit(address(court));
        emit ICourt.VerdictReached(caseId, ICourt.Verdict.Guilty, 0, deadline + GUARDIAN);
        court.conclude(caseId, facts);
    }

    /// A case keeps what it cites: answers, verdicts and penalties need nothing of the rings, which may have lost its round.
    function test_ACaseNeedsNothingThatTheRingsHaveLost() public {
        joinJury(4, 256);
        ICourt.Facts memory withheld = withholding(challenger, alice, ROUND);
        uint256 answered = accuse(withheld);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        rounds.setPage(TASK, ROUND, 0, 0);
        EvidenceDouble.Ended memory lost;
        rounds.setRound(TASK, ROUND, lost);

        court.postOpening(answered, withheld, fieldsOf(alice, ROUND));
        assertVerdict(answered, ICourt.Verdict.Answered);
        judge(caseId, TRUTH);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        assertEq(stakeOf(alice), 3 * STAKE - STAKE / 2);
    }

    function test_RevertWhen_TheFieldsAreNotThoseOfTheCommitment() public {
        ICourt.Facts memory facts = withholding(challenger, alice, ROUND);
        uint256 caseId = accuse(facts);
        for (uint256 i = 0; i < 6; ++i) {
            ICourt.OpeningFields memory fields = fieldsOf(alice, ROUND);
            if (i == 0) fields.baseModelHash = "other";
            if (i == 1) fields.updateHash = "other";
            if (i == 2) fields.stateRoot = "other";
            if (i == 3) fields.steps += 1;
            if (i == 4) fields.dataRoot = "other";
            if (i == 5) fields.salt = "other";
            bytes32 given = keccak256(abi.encode(block.chainid, address(rounds), TASK, ROUND, alice, fields));
            vm.expectRevert(
                abi.encodeWithSelector(ICourt.Court_WrongOpening.selector, given, commitmentOf(alice, ROUND))
            );
            court.postOpening(caseId, facts, fields);
        }
    }

    function test_RevertWhen_ACallIsForAnotherKind() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = withholding(challenger, alice, ROUND);
        accuse(facts);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongKind.selector, 1, ICourt.CaseKind.OpeningWithheld));
        court.appeal(1, facts);

        facts = step(challenger, alice, ROUND, 3);
        accuse(facts);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongKind.selector, 2, ICourt.CaseKind.FalseStep));
        court.postOpening(2, facts, fieldsOf(alice, ROUND));
    }

    // ---- panels

    function test_AReportDecidesOnceNobodyAppeals() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);

        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, caseId, 0));
        court.conclude(caseId, facts);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, caseId, 0));
        court.appeal(caseId, facts);
        uint256 endsAt = block.timestamp + COMMIT + REVEAL;
        judge(caseId, TRUTH, 1, SILENT);
        assertEq(block.timestamp, endsAt);

        skip(APPEAL - 1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, caseId, endsAt + APPEAL));
        court.conclude(caseId, facts);
        skip(1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooLate.selector, caseId, endsAt + APPEAL));
        court.appeal(caseId, facts);
        vm.expectEmit(address(court));
        emit ICourt.VerdictReached(caseId, ICourt.Verdict.Guilty, TRUTH, block.timestamp + GUARDIAN);
        court.conclude(caseId, facts);

        assertEq(court.closingOf(caseId).report, TRUTH);
        assertFalse(court.caseOf(caseId).isClosed);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_HasVerdict.selector, caseId, ICourt.Verdict.Guilty));
        court.conclude(caseId, facts);
    }

    function test_RevertWhen_APanelStillVotes() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        draw(caseId);
        uint256 endsAt = block.timestamp + COMMIT + REVEAL;
        vm.warp(endsAt - 1);

        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, caseId, endsAt));
        court.appeal(caseId, facts);
    }

    function test_TheDefendantsValueAcquitsAndDecidesForGood() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = judged(facts, facts.accused);
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertTrue(court.caseOf(caseId).isClosed);

        address other = payer("other");
        expectDecided(other, 3, chargeOf(facts));
        accuse(step(other, alice, ROUND, 4));
    }

    /// Nobody has a majority: the case is lost, but others may try.
    function test_WithoutAMajorityOnlyTheChallengerIsBarred() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, TRUTH, 2, SILENT);
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertEq(court.closingOf(caseId).report, 0);

        expectBarred(chargeOf(facts));
        assertVerdict(convict(step(payer("other"), alice, ROUND, 3)), ICourt.Verdict.Guilty);
    }

    function test_MissingEvidenceDismissesAndBarsOnlyTheChallenger() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = judged(facts, MISSING);
        assertVerdict(caseId, ICourt.Verdict.Dismissed);

        expectBarred(chargeOf(facts));
        assertVerdict(convict(step(payer("other"), alice, ROUND, 3)), ICourt.Verdict.Guilty);
    }

    function test_RevertWhen_TheOffenceWasPunished() public {
        joinJury(4, 256);
        convict(step(challenger, alice, ROUND, 3));

        bytes32 offence = keccak256(abi.encode(ICourt.CaseKind.FalseStep, TASK, ROUND, alice));
        expectDecided(challenger, 4, offence);
    }

    function chargeOf(ICourt.Facts memory facts) private pure returns (bytes32) {
        bytes32 what = keccak256(abi.encode(facts.subject, facts.accused, facts.context));
        return keccak256(abi.encode(facts.kind, facts.taskId, facts.round, facts.defendant, what));
    }

    function expectBarred(bytes32 charge) private {
        commitTo(ICourt.CaseKind.FalseStep, challenger, alice, ROUND);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_ChallengerBarred.selector, challenger, charge));
        accuseWindow(challenger, 3);
    }

    function expectDecided(address who, uint32 window, bytes32 key) private {
        commitTo(ICourt.CaseKind.FalseStep, who, alice, ROUND);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_OffenceDecided.selector, key));
        accuseWindow(who, window);
    }

    function accuseWindow(address who, uint32 window) private {
        vm.prank(who);
        accusations.accuseStep(
            TASK,
            ROUND,
            alice,
            page(ROUND),
            fieldsOf(alice, ROUND),
            stepOf(alice, ROUND, window),
            BLOB,
            lastSalt()
        );
    }

    // ---- appeals

    function test_AppealsClimbToAllJurors() public {
        joinJury(9, 256);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        address defender = payer("defender");

        judge(caseId, TRUTH);
        assertEq(seatsOf(caseId).length, 3);
        skip(APPEAL - 1);
        vm.expectEmit(address(court));
        emit ICourt.Appealed(caseId, defender, 5 ether);
        vm.expectEmit(address(court));
        emit ICourt.PanelAsked(caseId, 1, 2);
        vm.prank(defender);
        court.appeal(caseId, facts);

        judge(caseId, facts.accused);
        assertEq(seatsOf(caseId).length, 5);
        vm.prank(challenger);
        court.appeal(caseId, facts);
        // 64 seats need more than four times the bond.
        assertEq(court.appealOf(caseId, 1).bond, 64 * FEE);
        assertEq(court.appealOf(caseId, 1).appellant, challenger);
        assertEq(uint256(court.appealOf(caseId, 0).against), uint256(ICourt.Verdict.Guilty));
        assertEq(uint256(court.appealOf(caseId, 1).against), uint256(ICourt.Verdict.Acquitted));

        judge(caseId, TRUTH);
        assertEq(seatsOf(caseId).length, 9);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_LastInstance.selector, caseId));
        court.appeal(caseId, facts);
        // Nothing to wait for: nobody can appeal.
        court.conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Guilty);
        assertEq(court.caseOf(caseId).instance, 2);
    }

    function test_AnAppealBondCoversTheFeesOfItsPanel() public view {
        assertEq(court.appealBond(0.1 ether, 0), 5 * FEE);
        assertEq(court.appealBond(10 ether, 0), 20 ether);
        assertEq(court.appealBond(0.1 ether, 1), 64 * FEE);
        assertEq(court.appealBond(10 ether, 1), 40 ether);
    }

    function test_RevertWhen_TheAppellantCannotPay() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, TRUTH);

        vm.expectRevert(
            abi.encodeWithSignature("ERC20InsufficientAllowance(address,uint256,uint256)", address(court), 0, 5 ether)
        );
        vm.prank(stranger);
        court.appeal(caseId, facts);
        assertEq(court.caseOf(caseId).instance, 0);
    }

    // ---- a panel of nobody

    function test_WithoutJurorsACaseEndsAndItsBondGoesBack() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        draw(caseId);
        assertEq(uint256(jury.statusOf(1)), uint256(IJury.PanelStatus.Empty));

        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertEq(court.owedTo(challenger), facts.bond);
        assertEq(assay.balanceOf(address(court)), facts.bond);
        assertEq(rounds.restores(alice), 1);
    }

    /// Silent jurors are fined, but their silence costs the challenger and the appellant nothing.
    function test_WhereNoJurorReportsAnythingAllBondsGoBack() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, SILENT);
        address other = payer("other");
        vm.prank(other);
        court.appeal(caseId, facts);
        judge(caseId, CANNOT_EXECUTE, 1, SILENT);
        conclude(caseId, facts);

        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertEq(court.owedTo(challenger), facts.bond);
        assertEq(court.owedTo(other), 5 ether);
        assertEq(assay.balanceOf(address(court)), facts.bond + 5 ether);
        assertEq(court.closingOf(caseId).feePerSeat, 0);
    }

    // ---- the guardian

    function test_TheGuardianSuspendsOnceAndNothingElse() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = judged(facts, TRUTH);
        uint256 readyAt = court.caseOf(caseId).readyAt;
        assertEq(readyAt, block.timestamp + GUARDIAN);

        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_OnlyGuardian.selector, stranger, guardian));
        vm.prank(stranger);
        court.suspend(caseId, facts);

        skip(GUARDIAN - 1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, caseId, readyAt));
        court.execute(caseId, facts);
        vm.expectEmit(address(court));
        emit ICourt.VerdictSuspended(caseId, readyAt + SUSPENSION);
        vm.prank(guardian);
        court.suspend(caseId, facts);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_SuspendedBefore.selector, caseId));
        vm.prank(guardian);
        court.suspend(caseId, facts);

        skip(SUSPENSION);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, caseId, readyAt + SUSPENSION));
        court.execute(caseId, facts);
        skip(1);
        court.execute(caseId, facts);
        assertEq(stakeOf(alice), 3 * STAKE - STAKE / 2);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_IsClosed.selector, caseId));
        vm.prank(guardian);
        court.suspend(caseId, facts);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_IsClosed.selector, caseId));
        court.execute(caseId, facts);
    }

    /// More than half of all jurors' weight ends a suspension at once; half of it doesn't.
    function test_AllJurorsEndASuspension() public {
        joinJury(4, 256);
        (uint256 caseId, ICourt.Facts memory facts) = suspended();
        for (uint256 place = 0; place < 2; ++place) vote(caseId, place, true);
        uint256 readyAt = court.caseOf(caseId).readyAt;
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, caseId, readyAt));
        court.execute(caseId, facts);
        vote(caseId, 3, false);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotAnnulled.selector, caseId));
        court.annul(caseId, facts);
        vote(caseId, 2, true);
        vm.prank(stranger);
        court.execute(caseId, facts);
        assertEq(stakeOf(alice), 3 * STAKE - STAKE / 2);
    }

    /// They can annul the verdict instead: nobody loses anything, and the charge is decided for good.
    function test_AllJurorsAnnulASuspendedVerdict() public {
        joinJury(4, 256);
        (uint256 caseId, ICourt.Facts memory facts) = suspended();
        for (uint256 place = 1; place < 4; ++place) vote(caseId, place, false);
        skip(GUARDIAN + SUSPENSION);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_Annulled.selector, caseId));
        court.execute(caseId, facts);

        vm.expectEmit(address(court));
        emit ICourt.VerdictReached(caseId, ICourt.Verdict.Annulled, 0, block.timestamp);
        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(caseId, 0, 0, 0);
        vm.prank(stranger);
        court.annul(caseId, facts);

        assertVerdict(caseId, ICourt.Verdict.Annulled);
        assertEq(stakeOf(alice), 3 * STAKE);
        assertEq(court.owedTo(challenger), facts.bond);
        assertEq(rounds.restores(alice), 1);
        assertEq(court.closingOf(caseId).report, 0);
        uint256 place_ = seatsOf(caseId)[0];
        court.settleSeat(caseId, 0, place_);
        assertEq(stakeOf(jurorAt(place_)), JUROR_STAKE);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoVerdict.selector, caseId));
        court.annul(caseId, facts);
        closeRound(ROUND);
        expectDecided(payer("other"), 3, chargeOf(facts));
    }

    function test_OnlyWhoWasAJurorAtTheSuspensionVotesAboutIt() public {
        joinJury(4, 256);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_NoPoll.selector, 1));
        vote(1, 0, true);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_OnlyCourt.selector, address(this), address(court)));
        jury.openPoll(1);
        giveStake(stranger, JUROR_STAKE);
        vm.prank(stranger);
        court.joinJury(JUROR_STAKE, new bytes(32));
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = judged(facts, TRUTH);
        vm.expectEmit(address(jury));
        emit IJury.PollOpened(caseId, 5 * 256);
        vm.prank(guardian);
        court.suspend(caseId, facts);
        address late = accountOf("late");
        giveStake(late, JUROR_STAKE);
        vm.startPrank(late);
        court.joinJury(JUROR_STAKE, new bytes(32));
        uint256[3] memory places = [uint256(5), 0, 64];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJury.Jury_NotInPoll.selector, caseId, places[i], late));
            jury.votePoll(caseId, places[i], true);
        }
        vm.stopPrank();

        vm.expectEmit(address(jury));
        emit IJury.PollVoted(caseId, jurorAt(1), false, 256);
        vote(caseId, 1, false);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_PollVoted.selector, caseId, jurorAt(1)));
        vote(caseId, 1, true);
        vote(caseId, 2, true);
        IJury.Poll memory poll = jury.pollOf(caseId);
        assertEq(poll.openedAt, block.timestamp);
        assertEq(poll.voted, 6);
        assertEq(poll.totalWeight, 5 * 256);
        assertEq(poll.weightFor, 256);
        assertEq(poll.weightAgainst, 256);
        assertEq(uint256(jury.decisionOf(caseId)), uint256(IJury.PollDecision.None));
    }

    /// @dev A conviction that the guardian has suspended.
    function suspended() private returns (uint256 caseId, ICourt.Facts memory facts) {
        facts = step(challenger, alice, ROUND, 3);
        caseId = judged(facts, TRUTH);
        vm.prank(guardian);
        court.suspend(caseId, facts);
    }

    function vote(uint256 caseId, uint256 place, bool isForExecution) private {
        vm.prank(jurorAt(place));
        jury.votePoll(caseId, place, isForExecution);
    }

    function test_RevertWhen_TheGuardianComesTooLateOrThereIsNoVerdict() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoVerdict.selector, caseId));
        vm.prank(guardian);
        court.suspend(caseId, facts);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoVerdict.selector, caseId));
        court.execute(caseId, facts);

        judge(caseId, TRUTH);
        conclude(caseId, facts);
        uint256 readyAt = block.timestamp + GUARDIAN;
        skip(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooLate.selector, caseId, readyAt));
        vm.prank(guardian);
        court.suspend(caseId, facts);
    }
}
