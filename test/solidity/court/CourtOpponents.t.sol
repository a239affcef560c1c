// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {IStatementAccusations} from "../../../contracts/interfaces/IStatementAccusations.sol";
import {Openings} from "../fixtures/Openings.sol";
import {DeadBeacon, GasBurner, Opponents} from "../fixtures/Opponents.sol";
import {vm} from "../fixtures/Vm.sol";

/// @title The opponents of the court, on real rounds
contract CourtOpponentsTest is Opponents {
    uint256 private constant CONTRIBUTOR_STAKE = 1_000 ether - 1 ether;
    /// Four of nine jurors.
    uint256 private constant CAPTURED = 15;

    uint32 private _round;
    address private _offender;
    address private _accomplice;
    address private _honest;

    function setUp() public override {
        super.setUp();
        _hasLiar = true;
        _round = stage();
        giveBond(liar());
        _offender = contributors[1];
        (_accomplice, _honest) = (payer("accomplice"), payer("honest"));
    }

    function falseStep(address challenger) private view returns (Charge memory) {
        return chargeOf(ICourt.CaseKind.FalseStep, _round, challenger, _offender);
    }

    // ---- those who shield an offender

    /// However the accomplice loses, an honest case convicts, whether it was opened before or after.
    function test_Attack57_AnAccompliceShieldsNobodyOnRealRounds() public {
        for (uint256 i = 0; i < 4; ++i) {
            uint256 state = vm.snapshotState();
            Defeat defeat = Defeat(i);
            uint256 early = accuse(falseStep(_honest));
            judge(early, TRUTH);
            uint256 lost = loseOnPurpose(falseStep(_accomplice), defeat);
            // A report for the offender decides a charge: whoever is honest appeals it, as oracles do.
            if (defeat == Defeat.ByCapture) {
                appeal(lost, _honest);
                judgeCaptured(lost, 1, factsOf(lost).accused, TRUTH);
            }
            conclude(lost);
            court.conclude(early, factsOf(early));
            warpUntil(court.caseOf(early).readyAt);
            (, uint256 taken, uint256 forfeited) = executeNoted(early);
            assertEq(taken, 50 ether);
            assertGt(forfeited, 0);
            vm.revertToStateAndDelete(state);
        }
    }

    /// An offender that never answers a case about a step loses half of its stake, not the tenth of a withheld opening.
    function test_Attack76_SilenceInACaseSavesNothing() public {
        convict(falseStep(_honest));
        assertEq(stakeOf(_offender), CONTRIBUTOR_STAKE - 50 ether);
    }

    // ---- those who frame the honest

    /// All validators of a task are its owner's, and they accuse a contributor of it: none of them is asked, and none could
    /// sit without stake in the court's own roster.
    function test_Attack70_ACaptiveTaskDoesNotJudgeItsContributors() public {
        for (uint256 i = 0; i < validators.length; ++i) {
            address captive = validators[i];
            assay.transfer(captive, 50 ether);
            vm.prank(captive);
            assay.approve(address(court), type(uint256).max);
            Charge memory charge = falseStep(captive);
            charge.window = uint32(i);
            uint256 caseId = accuse(charge);
            draw(caseId);
            uint256[] memory places = placesOf(caseId);
            for (uint256 j = 0; j < places.length; ++j) {
                (, address juror, , ) = jury.seatOf(panelOf(caseId), places[j]);
                assertFalse(contains(validators, juror));
            }
            uint256 panelId = panelOf(caseId);
            vm.expectRevert(abi.encodeWithSelector(IJury.Jury_NoSeat.selector, panelId, places[0], captive));
            vm.prank(captive);
            jury.commitVote(panelId, places[0], LIE);
        }
        assertEq(stakeOf(_offender), CONTRIBUTOR_STAKE);
    }

    /// Evidence that is no leaf of the committed tree opens no case, and a call that reverts costs no bond.
    function test_Attack71_GarbageEvidenceOpensNoCase() public {
        IAccusations.PageProof memory page = pageOf(_offender, _round);
        ICourt.OpeningFields memory fields = fieldsOf(_offender, _round);
        for (uint256 how = 0; how < 5; ++how) {
            IAccusations.StepProof memory proof = garble(Openings.stepOf(_offender, _round, 3), how);
            bool isLater = how == 2 || how == 4;
            bytes32 state = isLater ? proof.afterwards : proof.before;
            vm.expectRevert(
                abi.encodeWithSelector(IAccusations.Accusations_WrongState.selector, isLater ? 4 : 3, state)
            );
            vm.prank(_accomplice);
            accusations.accuseStep(taskId, _round, _offender, page, fields, proof, BLOB, 0);
        }
        assertEq(assay.balanceOf(_accomplice), WALLET);
    }

    /// Shams cost their bonds. Meanwhile pay is kept, and given back.
    function test_Attack18_AShamCostsItsBondAndTakesNothing() public {
        uint256 pending = lens.earningsOf(taskId, _offender).pending;
        uint256 caseId = sham(falseStep(_accomplice));
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertEq(court.owedTo(_accomplice), 0);
        assertEq(lens.earningsOf(taskId, _offender).seized, 0);
        assertEq(lens.earningsOf(taskId, _offender).pending + lens.earningsOf(taskId, _offender).matured, pending);
        assertEq(stakeOf(_offender), CONTRIBUTOR_STAKE);
    }

    /// Whatever an adversary claims of honest parties, and whatever a minority of captured jurors says: nobody honest is
    /// slashed, and nobody's pay stays kept. `npm run test:full` opens ten thousand such cases.
    function testFuzz_NoClaimSlashesAnHonestParty(uint256 luck) public {
        Charge memory charge = chargeBy(luck);
        address accused = charge.defendant;
        (uint256 before, uint256 wealth) = (stakeOf(accused), wealthOf(charge.challenger));
        if (charge.kind == ICourt.CaseKind.TwoStatements) {
            assertEq(bytes32(bytes4(forge(charge))), bytes32(IStatementAccusations.Accusations_OtherSigner.selector));
        } else {
            uint256 caseId = accuse(charge);
            address seat = accuseSeat(caseId, (luck >> 40) % DRAWN);
            closeBy(caseId, luck);
            assertTrue(court.caseOf(caseId).verdict != ICourt.Verdict.Guilty);
            if (seat != address(0)) expectUntouched(caseId, seat);
        }
        assertEq(stakeOf(accused), before);
        assertEq(lens.earningsOf(taskId, accused).cases, 0);
        for (uint256 place = 4; place < 9; ++place) assertEq(stakeOf(jurorAt(place)), JUROR_STAKE);
        assertEq(wealthOf(_honest), WALLET);
        assertLe(wealthOf(charge.challenger), wealth);
    }

    /// @dev Any charge of any kind against somebody honest. Half of those about steps are about a window that was drawn.
    function chargeBy(uint256 luck) private view returns (Charge memory charge) {
        uint256 choice = luck % 7;
        ICourt.CaseKind kind = ICourt.CaseKind(choice < 5 ? 1 + choice : 2 + choice);
        uint256 which = (luck >> 8) % 3;
        address[] memory seats = seatsOf(kind == ICourt.CaseKind.FalseModel ? ROOT : 0);
        bool isReading = kind == ICourt.CaseKind.WindowWithheld;
        address accused = choice < 2 || isReading ? contributors[which] : seats[which];
        charge = Charge(kind, _round, uint32((luck >> 16) % 10), isReading ? liar() : _accomplice, accused);
        if (isReading) charge.window %= uint32(DRAWN);
        if (kind == ICourt.CaseKind.FalseStep && (luck >> 48) % 2 == 0) {
            charge.window = windowAt(_round, accused, (luck >> 40) % DRAWN);
        }
    }

    /// @dev The seat that truly replayed the window of a case about a step is accused of claiming that; nobody where there is
    /// none.
    function accuseSeat(uint256 caseId, uint256 drawn) private returns (address seat) {
        ICourt.Facts memory facts = factsOf(caseId);
        seat = seatsOf(uint32(0))[drawn % 3];
        bool isClaimed = facts.kind == ICourt.CaseKind.FalseStep && seat != liar();
        if (!isClaimed || windowAt(_round, facts.defendant, drawn) != facts.subject) return address(0);
        bytes memory call = passClaim(caseId, seat, drawn);
        vm.prank(_accomplice);
        // solhint-disable-next-line avoid-low-level-calls
        (bool isDone, ) = address(accusations.windows()).call(call);
        assertTrue(isDone, "accused, too");
    }

    function expectUntouched(uint256 caseId, address seat) private {
        executeFor(caseId, seat);
        assertEq(stakeOf(seat), STAKE);
        assertEq(lens.earningsOf(taskId, seat).cases, 0);
    }

    /// @dev Until its verdict, with appeals of whoever is honest, and until all jurors are settled.
    function closeBy(uint256 caseId, uint256 luck) private {
        if (factsOf(caseId).kind == ICourt.CaseKind.OpeningWithheld) return answer(caseId);
        while (reportsLie(caseId, luck)) appeal(caseId, _honest);
        conclude(caseId);
        settleSeats(caseId);
    }

    /// @dev A panel in which captured jurors say anything; whether it convicts.
    function reportsLie(uint256 caseId, uint256 luck) private returns (bool) {
        bool isReading = factsOf(caseId).kind == ICourt.CaseKind.WindowWithheld;
        (bytes32 right, bytes32 lie) = isReading ? (GOOD, MISSING) : (factsOf(caseId).accused, LIE);
        draw(caseId);
        uint256 panelId = panelOf(caseId);
        uint256[] memory places = placesOf(caseId);
        for (uint256 i = 0; i < places.length; ++i) {
            commitVote(panelId, places[i], claimOf(places[i], luck, right, lie));
        }
        vm.warp(jury.revealEndOf(panelId) - 1);
        for (uint256 i = 0; i < places.length; ++i) {
            revealVote(panelId, places[i], claimOf(places[i], luck, right, lie));
        }
        skip(1);
        bytes32 report = jury.reportOf(panelId);
        return isReading ? report == MISSING : report != 0 && report != right && report != MISSING;
    }

    /// @dev Captured jurors share a lie, have one of their own, show nothing or find no evidence.
    function claimOf(uint256 place, uint256 luck, bytes32 right, bytes32 lie) private pure returns (bytes32) {
        if ((CAPTURED >> place) & 1 == 0) return right;
        uint256 choice = (luck >> (32 + 4 * place)) % 5;
        bytes32 own = keccak256(abi.encode(luck, place));
        return [lie, lie, own, SILENT, MISSING][choice];
    }

    /// Captured jurors convict by another false value than the true one, so that who computed the true one was wrong. An
    /// appeal against that costs nothing: the captured lose three tenths, and nobody else anything.
    function test_Attack82_AnotherFalseValuePunishesNoRightJuror() public {
        uint256 caseId = accuse(falseStep(_accomplice));
        judge(caseId, TRUTH, 2, LIE);
        uint256[] memory places = placesOf(caseId);
        assertEq(jury.reportOf(panelOf(caseId)), LIE);
        appeal(caseId, _honest);
        judge(caseId, TRUTH, 0, LIE);
        conclude(caseId);
        warpUntil(court.caseOf(caseId).readyAt);
        execute(caseId);
        settleSeats(caseId);
        assertVerdict(caseId, ICourt.Verdict.Guilty);
        assertEq(stakeOf(_offender), CONTRIBUTOR_STAKE - 50 ether);
        assertEq(wealthOf(_honest), WALLET);
        uint256 captured = (1 << places[1]) | (1 << places[2]);
        for (uint256 i = 0; i < 9; ++i) {
            uint256 penalty = (captured >> i) & 1 == 1 ? (JUROR_STAKE * 3) / 10 : 0;
            assertEq(stakeOf(jurorAt(i)), JUROR_STAKE - penalty);
        }
    }

    // ---- windows and signatures

    /// A seat lies that it got no window, of whomever: it pays readers who get it, and the contributor nothing. A captured
    /// panel is appealed.
    function test_Attack80_ASeatThatLiesAboutAWindowPaysItsReaders() public {
        address seat = liar();
        uint256 wealth = wealthOf(seat) + WALLET;
        uint256 caseId = ask(seat, _offender, 0);
        judge(caseId, MISSING);
        appeal(caseId, _honest);
        judge(caseId, GOOD);
        conclude(caseId);
        settleSeats(caseId);
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertEq(stakeOf(_offender), CONTRIBUTOR_STAKE);
        assertEq(wealthOf(seat), wealth - 3 * FEE);
        assertEq(wealthOf(_honest), WALLET);
    }

    /// An accomplice with a seat asks first, and captured readers say that they got the window: an appeal convicts all the
    /// same.
    function test_Attack80_AnAccompliceWhoAsksFirstShieldsNobody() public {
        playHidden(_offender);
        uint256 caseId = ask(seatsOf(uint32(0))[0], _offender, 0);
        judge(caseId, GOOD);
        appeal(caseId, _honest);
        judge(caseId, MISSING);
        conclude(caseId);
        warpUntil(court.caseOf(caseId).readyAt);
        execute(caseId);
        assertEq(stakeOf(_offender), CONTRIBUTOR_STAKE - 10 ether);
        assertEq(wealthOf(_honest), WALLET);
    }

    /// Who signs two values for a slot loses all of its base, and needs no juror for that. What another key signed opens no
    /// case, and costs nobody a bond.
    function test_TwoStatementsCostTheBaseAndForgedOnesNothing() public {
        Charge memory charge = chargeOf(ICourt.CaseKind.TwoStatements, _round, _accomplice, validators[1]);
        bytes memory said = forge(charge);
        bytes4 otherSigner = IStatementAccusations.Accusations_OtherSigner.selector;
        assertEq(said, abi.encodeWithSelector(otherSigner, validators[1], vm.addr(keyOf("stranger"))));
        assertEq(wealthOf(_accomplice), WALLET);

        uint256 caseId = sayBoth(validators[0], _honest);
        conclude(caseId);
        warpUntil(court.caseOf(caseId).readyAt);
        execute(caseId);
        assertEq(stakeOf(validators[0]), 0);
        assertEq(stakeOf(validators[1]), STAKE);
    }

    // ---- jurors

    /// A builder steers both drawn panels to a captured majority: the appeal to all jurors bounds it, and costs the captured
    /// more than the penalty saved.
    function test_Attack72_ASteeredBeaconIsBoundByTheAppealToAll() public {
        uint256 caseId = accuse(falseStep(_honest));
        bytes32 accused = factsOf(caseId).accused;
        for (uint256 instance = 0; instance < 2; ++instance) {
            assertGt(steer(caseId, CAPTURED, 64), instance + 1, "a captured majority");
            voteDrawn(caseId, accused);
            assertEq(jury.reportOf(panelOf(caseId)), accused);
            appeal(caseId, _honest);
        }
        judgeCaptured(caseId, CAPTURED, accused, TRUTH);
        conclude(caseId);
        assertVerdict(caseId, ICourt.Verdict.Guilty);
        warpUntil(court.caseOf(caseId).readyAt);
        execute(caseId);
        settleSeats(caseId);
        uint256 lost = 0;
        for (uint256 i = 0; i < 4; ++i) lost += JUROR_STAKE - stakeOf(jurorAt(i));
        assertGt(lost, 50 ether, "the captured lose more");
        for (uint256 i = 4; i < 9; ++i) assertEq(stakeOf(jurorAt(i)), JUROR_STAKE);
    }

    function voteDrawn(uint256 caseId, bytes32 lie) private {
        uint256 panelId = panelOf(caseId);
        uint256[] memory places = placesOf(caseId);
        for (uint256 i = 0; i < places.length; ++i) commitVote(panelId, places[i], saysAt(places[i], lie));
        vm.warp(jury.revealEndOf(panelId) - 1);
        for (uint256 i = 0; i < places.length; ++i) revealVote(panelId, places[i], saysAt(places[i], lie));
        skip(1);
    }

    function saysAt(uint256 place, bytes32 lie) private pure returns (bytes32) {
        return (CAPTURED >> place) & 1 == 1 ? lie : TRUTH;
    }

    /// A copied commitment can't be revealed by the copyist, and a vote that comes late is none: both cost what silence
    /// costs.
    function test_Attack73_AJurorThatCopiesOrComesLateIsSilent() public {
        uint256 caseId = accuse(falseStep(_honest));
        draw(caseId);
        uint256 panelId = panelOf(caseId);
        uint256[] memory places = placesOf(caseId);
        commitVote(panelId, places[0], TRUTH);
        copyVote(panelId, places[0], places[1], TRUTH);
        commitVote(panelId, places[2], TRUTH);
        vm.warp(jury.revealEndOf(panelId) - 1);
        revealVote(panelId, places[0], TRUTH);
        (, address copyist, , ) = jury.seatOf(panelId, places[1]);
        vm.expectPartialRevert(IJury.Jury_CommitmentMismatch.selector);
        vm.prank(copyist);
        jury.revealVote(panelId, places[1], TRUTH, 0, 0);
        skip(1);
        (, address late, , ) = jury.seatOf(panelId, places[2]);
        vm.expectRevert(
            abi.encodeWithSelector(
                IJury.Jury_WrongStatus.selector,
                panelId,
                IJury.PanelStatus.Ended,
                IJury.PanelStatus.Revealing
            )
        );
        vm.prank(late);
        jury.revealVote(panelId, places[2], TRUTH, 0, 0);

        conclude(caseId);
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        settleSeats(caseId);
        assertEq(stakeOf(copyist), JUROR_STAKE - JUROR_STAKE / 50);
        assertEq(stakeOf(late), JUROR_STAKE - JUROR_STAKE / 50);
    }

    // ---- the guardian

    /// A captured guardian suspends whatever it can: each case once, and each is carried out all the same.
    function test_Attack74_ACapturedGuardianDelaysEachCaseOnce() public {
        Charge memory withheld = chargeOf(ICourt.CaseKind.OpeningWithheld, _round, _honest, contributors[0]);
        uint256[2] memory cases = [accuse(falseStep(_honest)), accuse(withheld)];
        judge(cases[0], TRUTH);
        conclude(cases[1]);
        conclude(cases[0]);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 readyAt = court.caseOf(cases[i]).readyAt;
            suspend(cases[i]);
            ICourt.Facts memory facts = factsOf(cases[i]);
            vm.expectRevert(abi.encodeWithSelector(ICourt.Court_SuspendedBefore.selector, cases[i]));
            vm.prank(guardian);
            court.suspend(cases[i], facts);
            assertEq(court.caseOf(cases[i]).readyAt, readyAt + SUSPENSION);
        }
        for (uint256 i = 0; i < 2; ++i) {
            warpUntil(court.caseOf(cases[i]).readyAt);
            execute(cases[i]);
        }
        assertEq(stakeOf(_offender), CONTRIBUTOR_STAKE - 50 ether);
        assertEq(stakeOf(contributors[0]), CONTRIBUTOR_STAKE - 10 ether);
    }

    // ---- the chain

    /// After a reorganisation another case has the number: a call that was meant for the first one reverts.
    function test_Attack75_ACallOfAnotherBranchReverts() public {
        uint256 state = vm.snapshotState();
        Charge memory withheld = chargeOf(ICourt.CaseKind.OpeningWithheld, _round, _honest, _offender);
        uint256 caseId = accuse(withheld);
        ICourt.Facts memory facts = factsOf(caseId);
        vm.revertToStateAndDelete(state);
        withheld.challenger = _accomplice;
        assertEq(accuse(withheld), caseId);
        bytes21 other = court.caseOf(caseId).factsHash;
        bytes memory refusal = abi.encodeWithSelector(
            ICourt.Court_WrongFacts.selector,
            caseId,
            bytes21(keccak256(abi.encode(facts))),
            other
        );
        ICourt.OpeningFields memory fields = fieldsOf(_offender, _round);
        vm.expectRevert(refusal);
        court.postOpening(caseId, facts, fields);
        vm.expectRevert(refusal);
        court.conclude(caseId, facts);
        vm.expectRevert(refusal);
        court.appeal(caseId, facts);
        vm.expectRevert(refusal);
        court.execute(caseId, facts);
    }

    /// A beacon that is silent, or fails, ends a panel as empty after six requests; nobody loses anything.
    function test_Attack37_ADeadBeaconConvictsNobody() public {
        for (uint256 fails = 0; fails < 2; ++fails) {
            uint256 state = vm.snapshotState();
            uint256 caseId = accuse(falseStep(_accomplice));
            vm.etch(address(juryBeacon), address(new DeadBeacon()).code);
            DeadBeacon(address(juryBeacon)).setFails(fails == 1);
            uint256 panelId = panelOf(caseId);
            for (uint256 i = 0; i < 6; ++i) {
                skip(DRAW);
                jury.draw(panelId);
            }
            conclude(caseId);
            assertVerdict(caseId, ICourt.Verdict.Acquitted);
            assertEq(court.owedTo(_accomplice), factsOf(caseId).bond);
            assertEq(stakeOf(_offender), CONTRIBUTOR_STAKE);
            vm.revertToStateAndDelete(state);
        }
    }

    // ---- code that is called

    /// Challenger, defendant and juror have code that burns all gas, or refuses: nothing calls it.
    function test_Attack17_NoPartysCodeIsCalled() public {
        GasBurner burner = new GasBurner();
        for (uint256 burns = 0; burns < 2; ++burns) {
            uint256 state = vm.snapshotState();
            putCode(_honest, burner, burns == 1);
            putCode(_offender, burner, burns == 1);
            for (uint256 i = 0; i < 9; ++i) putCode(jurorAt(i), burner, burns == 1);
            uint256 caseId = convict(falseStep(_honest));
            settleSeats(caseId);
            court.withdraw(_honest);
            assertEq(stakeOf(_offender), CONTRIBUTOR_STAKE - 50 ether);
            skip(2 * EPOCH);
            rounds.claim(taskId, contributors[0]);
            vm.revertToStateAndDelete(state);
        }
    }

    function putCode(address account, GasBurner burner, bool burns) private {
        vm.etch(account, address(burner).code);
        GasBurner(account).setBurns(burns);
    }

    /// Whoever copies an accusation, and has its case opened and carried out first, gets no reward: the other one committed
    /// earlier.
    function test_Attack65_ACopiedAccusationEarnsNothing() public {
        (uint256 copied, uint256 caseId) = frontRun(falseStep(_honest), _accomplice);
        judge(copied, TRUTH);
        judge(caseId, TRUTH);
        conclude(caseId);
        court.conclude(copied, factsOf(copied));
        warpUntil(court.caseOf(copied).readyAt);
        execute(copied);
        execute(caseId);
        skip(tasks.timing().verdictSeconds + tasks.timing().executionSeconds);
        ICourt.Facts memory facts = factsOf(caseId);
        uint256 reward = court.heldRewardOf(facts.kind, taskId, _round, _offender).amount;
        assertGt(reward, 0);
        court.payReward(caseId, facts, _offender);
        assertEq(court.owedTo(_honest), facts.bond + reward);
        assertEq(court.owedTo(_accomplice), factsOf(copied).bond);
    }

    // ---- models

    /// A false model is undone, and so are the rounds after it; what was trained meanwhile keeps its pay.
    function test_Attack62_ARollBackTakesNoPayOfRoundsTrainedMeanwhile() public {
        bytes32 before = roundProof(_round).baseModelHash;
        address[] memory seats = seatsOf(ROOT);
        uint256 caseId = accuse(chargeOf(ICourt.CaseKind.FalseModel, _round, _honest, seats[0]));
        for (uint256 i = 1; i < seats.length; ++i) addVoter(caseId, seats[i]);
        judge(caseId, TRUTH);
        uint32 next = playForCases(3);
        assertEq(roundProof(next).baseModelHash, modelOf(seats[0], _round), "trained from the false model");
        uint256 pay = earnedBy(contributors[0]);
        court.conclude(caseId, factsOf(caseId));
        warpUntil(court.caseOf(caseId).readyAt);
        execute(caseId);
        for (uint256 i = 1; i < seats.length; ++i) executeFor(caseId, seats[i]);
        assertEq(view_().baseModelHash, before, "rolled back");
        assertEq(earnedBy(contributors[0]), pay);
    }

    function earnedBy(address account) private view returns (uint256) {
        return lens.earningsOf(taskId, account).pending + lens.earningsOf(taskId, account).matured;
    }
}
