// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {SlashReasons} from "../../../contracts/libraries/SlashReasons.sol";
import {WeightLanes} from "../../../contracts/types/WeightLanes.sol";
import {CourtEvidence} from "../fixtures/CourtEvidence.sol";
import {EvidenceDouble} from "../fixtures/EvidenceDouble.sol";
import {vm} from "../fixtures/Vm.sol";

/// Penalties, rewards, bonds, fees and jurors' stakes, to the wei.
contract CourtMoneyTest is CourtEvidence {
    address private defender;

    function setUp() public override {
        super.setUp();
        joinJury(9, 256);
        defender = payer("defender");
    }

    // ---- penalties

    function test_APenaltySplitsIntoRewardFeesAndPot() public {
        rounds.setEarnings(TASK, alice, 77);
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = judged(facts, TRUTH);
        skip(GUARDIAN);

        uint256 reward = ((STAKE / 2) * 2) / 5;
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(alice, TASK, STAKE / 2, STAKE / 2, reward, SlashReasons.FALSE_STEP);
        // After the slash: it gives a validator the weight of what is left.
        vm.expectEmit(address(rounds));
        emit IRoundsEvents.EarningsForfeited(TASK, alice, 77, 0);
        vm.expectEmit(address(court));
        emit ICourt.PenaltyTaken(caseId, alice, STAKE / 2, STAKE / 2, 77);
        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(caseId, reward - 3 * FEE, FEE, 0);
        vm.prank(stranger);
        court.execute(caseId, facts);

        assertEq(stakeOf(alice), 3 * STAKE - STAKE / 2);
        assertEq(court.owedTo(challenger), facts.bond + reward - 3 * FEE);
        assertEq(registry.slashedPot(), STAKE / 2 - reward);
        // It is fetched when somebody is paid.
        assertEq(registry.rewardPot(), reward);
        assertEq(assay.balanceOf(address(court)), facts.bond);
        assertEq(rounds.forfeits(alice), 1);
        assertEq(rounds.rollBacks(), 0);
    }

    function test_EachKindHasItsShareAndReason() public {
        address seat = committeeOf(0, ROUND)[0];
        expectPenalty(withholding(challenger, alice, ROUND), STAKE / 10, SlashReasons.OPENING_WITHHELD);
        expectPenalty(score(challenger, seat, ROUND), (baseOf(seat) * 3) / 10, SlashReasons.FALSE_SCORE);
        ICourt.Facts memory facts = votedFor(challenger, seat, ROUND, false);
        expectPenalty(facts, (baseOf(seat) * 3) / 10, SlashReasons.FALSE_AGGREGATE);
        seat = committeeOf(ROOT, ROUND)[0];
        facts = votedFor(challenger, seat, ROUND, true);
        expectPenalty(facts, (baseOf(seat) * 3) / 10, SlashReasons.FALSE_MODEL);
    }

    function expectPenalty(ICourt.Facts memory facts, uint256 penalty, bytes32 reason) private {
        closeRound(ROUND);
        bool hasPanel = facts.kind != ICourt.CaseKind.OpeningWithheld;
        uint256 caseId = accuse(facts);
        if (hasPanel) judge(caseId, TRUTH);
        skip(hasPanel ? APPEAL : OPENING);
        court.conclude(caseId, facts);
        skip(GUARDIAN);
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(facts.defendant, TASK, penalty, penalty, (penalty * 2) / 5, reason);
        court.execute(caseId, facts);
    }

    function test_APenaltyTakesWhatIsThere() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = judged(facts, TRUTH);
        vm.prank(address(rounds));
        registry.slash(alice, TASK, 3 * STAKE - 10, "drained", 0);
        skip(GUARDIAN);

        vm.expectEmit(address(court));
        emit ICourt.PenaltyTaken(caseId, alice, STAKE / 2, 10, 0);
        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(caseId, 1, 1, 0);
        court.execute(caseId, facts);
        assertEq(court.owedTo(challenger), facts.bond + 1);
    }

    /// A repeat is what has another offence less than eight rounds before it, in whatever order cases end.
    function test_ARepeatCostsTheSameInEveryOrder() public {
        checkRepeats(ROUND);
    }

    /// The court notes the offences of 160 rounds in a word: a repeat can be in the next one.
    function test_ARepeatBeyondTheEdgeOfAWordCostsTheSameInEveryOrder() public {
        closeRound(157);
        checkRepeats(157);
    }

    function checkRepeats(uint32 first) private {
        for (uint32 later = first + 7; later <= first + 8; ++later) {
            closeRound(later);
            uint256 expected = later == first + 7 ? (STAKE * 3) / 2 : STAKE;
            for (uint256 order = 0; order < 2; ++order) {
                uint256 state = vm.snapshotState();
                convict(step(challenger, alice, order == 0 ? first : later, 3));
                convict(step(challenger, alice, order == 0 ? later : first, 3));
                assertEq(3 * STAKE - stakeOf(alice), expected);
                vm.revertToState(state);
            }
        }
    }

    /// A validator's base is that of the round. Here it has half of its weight in the last of three rounds.
    function test_OffencesOfDifferentBasesCostTheSameInEveryOrder() public {
        address seat = validatorAt(0);
        for (uint256 order = 0; order < 6; ++order) {
            uint256 state = vm.snapshotState();
            uint256 first = order % 3;
            uint256 second = (first + 1 + order / 3) % 3;
            convictScore(seat, first);
            convictScore(seat, second);
            convictScore(seat, 3 - first - second);
            assertEq(3 * LEAST_STAKE - stakeOf(seat), (LEAST_STAKE * 3) / 10 + LEAST_STAKE + LEAST_STAKE / 2);
            vm.revertToState(state);
        }
    }

    /// @dev Convicts validator 0 of a false score three rounds after that of the one before.
    function convictScore(address seat, uint256 i) private {
        uint32 round = ROUND + 3 * uint32(i);
        closeRound(round);
        IAccusations.RoundProof memory proof = roundProof();
        ICourt.Facts memory facts = score(challenger, seat, round);
        if (i == 2) {
            WeightLanes.setWeight(proof.weights, 0, 128);
            (facts.base, facts.bond) = (uint96(LEAST_STAKE / 2), 1.5 ether);
            (uint256 openedAt, uint256 closedAt) = rounds.timesOf(TASK, round);
            rounds.setRound(
                TASK,
                round,
                EvidenceDouble.Ended(recordOf(proof, round), CONTRIBUTORS, beaconOf(round), openedAt, closedAt)
            );
        }
        facts.committedAt = uint64(block.number);
        commitTo(facts.kind, challenger, seat, round);
        vm.prank(challenger);
        uint256 caseId = accusations.accuseScore(TASK, round, seat, statement(0), 0, 0, proof, BLOB, lastSalt());
        assertFacts(caseId, facts);
        judge(caseId, TRUTH);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
    }

    function test_ARepeatIsOfTheSameKindAndTask() public {
        convict(withholding(challenger, alice, ROUND));
        convict(step(challenger, alice, ROUND, 3));
        closeRound(ROUND + 1);
        convict(withholding(challenger, alice, ROUND + 1));
        assertEq(3 * STAKE - stakeOf(alice), STAKE / 10 + STAKE / 2 + STAKE / 10);
    }

    /// An offence in the middle, punished last, makes the one after it a repeat.
    function test_AnEarlierOffencePunishedLaterPaysWhatTheNextOneLacks() public {
        closeRound(ROUND + 5);
        closeRound(ROUND + 10);
        convict(step(challenger, alice, ROUND, 3));
        convict(step(challenger, alice, ROUND + 10, 3));
        assertEq(3 * STAKE - stakeOf(alice), STAKE);
        ICourt.Facts memory facts = step(challenger, alice, ROUND + 5, 3);
        uint256 caseId = judged(facts, TRUTH);
        skip(GUARDIAN);
        vm.expectEmit(address(court));
        emit ICourt.PenaltyTaken(caseId, alice, (STAKE * 3) / 2, (STAKE * 3) / 2, 0);
        court.execute(caseId, facts);
    }

    // ---- the same offence in several cases

    function test_OneOffenceInTwoCasesIsPunishedOnce() public {
        (ICourt.Facts memory first, ICourt.Facts memory second) = twoCases();
        rounds.setEarnings(TASK, alice, 5);
        uint256 reward = STAKE / 5 - 3 * FEE;
        uint256 until = block.timestamp + 6_000;

        vm.expectEmit(address(court));
        emit ICourt.RewardHeld(2, alice, reward, until);
        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(2, 0, FEE, 0);
        court.execute(2, second);
        assertEq(court.owedTo(defender), second.bond);

        vm.expectEmit(address(court));
        emit ICourt.PenaltyTaken(1, alice, 0, 0, 0);
        // The jurors of both cases are paid from the one reward.
        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(1, 0, FEE, 0);
        court.execute(1, first);
        assertEq(3 * STAKE - stakeOf(alice), STAKE / 2);
        assertEq(court.owedTo(challenger), first.bond);
        assertEq(rounds.openCases(TASK, alice), 0);
        reward -= 3 * FEE;
        ICourt.HeldReward memory held = court.heldRewardOf(first.kind, TASK, ROUND, alice);
        assertEq(held.amount, reward);
        assertEq(held.caseId, 1);
        assertEq(held.committedAt, first.committedAt);
        assertEq(held.until, until);

        expectNoReward(2, second);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, 1, until));
        court.payReward(1, first, alice);
        skip(1);
        vm.expectEmit(address(court));
        emit ICourt.RewardDecided(1, alice, reward);
        vm.prank(stranger);
        court.payReward(1, first, alice);
        assertEq(court.owedTo(challenger), first.bond + reward);
        expectNoReward(1, first);
        settleAll(1);
        settleAll(2);
        court.withdraw(challenger);
        assertEq(registry.rewardPot(), 0);
        assertEq(assay.balanceOf(address(court)), court.owedTo(defender) + 6 * FEE);
    }

    /// The one that committed first gets the reward, whichever is carried out first; the other one has its bond back.
    function test_TheEarliestCommitmentIsPaidInEveryOrder() public {
        (ICourt.Facts memory first, ICourt.Facts memory second) = twoCases();
        for (uint256 order = 0; order < 2; ++order) {
            uint256 state = vm.snapshotState();
            if (order == 0) court.execute(1, first);
            court.execute(2, second);
            if (order == 1) court.execute(1, first);
            skip(6_000);
            court.payReward(1, first, alice);
            assertEq(court.owedTo(challenger), first.bond + STAKE / 5 - 6 * FEE);
            assertEq(court.owedTo(defender), second.bond);
            vm.revertToState(state);
        }
    }

    /// A case that is lost has no part in the reward, however early its commitment was.
    function test_ALostCaseLeavesTheRewardToTheOther() public {
        ICourt.Facts memory first = step(challenger, alice, ROUND, 3);
        ICourt.Facts memory second = step(defender, alice, ROUND, 4);
        accuse(first);
        accuse(second);
        judge(2, TRUTH);
        conclude(2, second);
        skip(GUARDIAN);
        court.execute(2, second);
        judge(1, MISSING);
        conclude(1, first);
        skip(6_000);
        court.payReward(2, second, alice);
        assertEq(court.owedTo(defender), second.bond + STAKE / 5 - 3 * FEE);
        assertEq(court.owedTo(challenger), 0);
    }

    /// @dev Two cases about one offence that can be carried out, the first one committed to earlier.
    function twoCases() private returns (ICourt.Facts memory first, ICourt.Facts memory second) {
        first = step(challenger, alice, ROUND, 3);
        second = step(defender, alice, ROUND, 4);
        accuse(first);
        judge(1, TRUTH);
        accuse(second);
        judge(2, TRUTH);
        conclude(1, first);
        conclude(2, second);
        skip(GUARDIAN);
    }

    function settleAll(uint256 caseId) private {
        uint256[] memory places = seatsOf(caseId);
        for (uint256 i = 0; i < places.length; ++i) court.settleSeat(caseId, 0, places[i]);
    }

    function expectNoReward(uint256 caseId, ICourt.Facts memory facts) private {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoReward.selector, caseId, alice));
        court.payReward(caseId, facts, alice);
    }

    // ---- bonds and fees

    function test_ALostBondPaysJurorsAndTheRestIsBurnt() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, facts.accused);
        uint256 supply = assay.totalSupply();
        skip(APPEAL);

        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(caseId, 0, FEE, facts.bond - 3 * FEE);
        court.conclude(caseId, facts);
        assertEq(supply - assay.totalSupply(), facts.bond - 3 * FEE);
        assertEq(assay.balanceOf(address(court)), 3 * FEE);
        assertEq(court.owedTo(challenger) + court.owedTo(alice), 0);
    }

    /// Both appeals in every combination of being right: who is wrong pays the jurors. Each panel finds the accused value
    /// right, reports the true one, or another false one.
    function test_AppealsWonAndLostInEveryCombination() public {
        for (uint256 i = 0; i < 27; ++i) {
            uint256 state = vm.snapshotState();
            _playAppeals(i % 3, (i / 3) % 3, i / 9);
            vm.revertToState(state);
        }
    }

    /// @dev Plays three panels with these reports and compares what everyone is owed.
    function _playAppeals(uint256 first, uint256 second, uint256 last) private {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, _valueOf(facts, first));
        vm.prank(defender);
        court.appeal(caseId, facts);
        judge(caseId, _valueOf(facts, second));
        address other = payer("other");
        vm.prank(other);
        court.appeal(caseId, facts);
        judge(caseId, _valueOf(facts, last));
        court.conclude(caseId, facts);
        skip(GUARDIAN);
        if (last != 0) court.execute(caseId, facts);

        uint256 reward = last != 0 ? STAKE / 5 : 0;
        uint256 lost = (last != 0 ? 0 : facts.bond) + (first == last ? 5 ether : 0) + (second == last ? 64 * FEE : 0);
        uint256 seats = 3 + 5 + 9;
        uint256 fee = (reward + lost) / seats < FEE ? (reward + lost) / seats : FEE;
        uint256 left = reward + lost - fee * seats;
        uint256 toChallenger = left < reward ? left : reward;
        assertEq(court.closingOf(caseId).feePerSeat, fee, "fee");
        assertEq(court.owedTo(challenger), (last != 0 ? facts.bond : 0) + toChallenger, "challenger");
        assertEq(court.owedTo(defender), first == last ? 0 : 5 ether, "first appellant");
        assertEq(court.owedTo(other), second == last ? 0 : 64 * FEE, "second appellant");
        assertEq(
            assay.balanceOf(address(court)) + registry.rewardPot(),
            court.owedTo(challenger) + court.owedTo(defender) + court.owedTo(other) + fee * seats,
            "balance"
        );
    }

    function _valueOf(ICourt.Facts memory facts, uint256 choice) private pure returns (bytes32) {
        return [facts.accused, TRUTH, "another false value"][choice];
    }

    /// A captured panel that finds a value right without evidence would decide the charge for good: who appeals that is right,
    /// though all that jurors can say in the end is that evidence is missing.
    function test_AnAppealIsRightWhenTheVerdictChanges() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, facts.accused);
        vm.prank(defender);
        court.appeal(caseId, facts);
        judge(caseId, MISSING);
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Dismissed);
        assertEq(court.owedTo(defender), 5 ether);
        assertEq(court.closingOf(caseId).feePerSeat, FEE);
        assertVerdict(convict(step(defender, alice, ROUND, 3)), ICourt.Verdict.Guilty);
    }

    /// The same where the last panel reports nothing: the case stays acquitted, but the charge isn't decided any more. A panel
    /// without a majority decides nothing that an appeal could undo. Three panels in every combination, to the wei.
    function test_WhoUndoesACapturedAcquittalHasItsBondBack() public {
        for (uint256 i = 0; i < 8; ++i) {
            uint256 state = vm.snapshotState();
            bool isLeftOpen = i & 4 == 4;
            address other = payer("other");
            ICourt.Facts memory facts = _playAcquittals(i & 1 == 1, i & 2 == 2, isLeftOpen);
            bool hasFirst = isLeftOpen && i & 1 == 0;
            bool hasSecond = isLeftOpen && i & 2 == 0;
            uint256 lost = facts.bond + (hasFirst ? 0 : 5 ether) + (hasSecond ? 0 : 64 * FEE);
            uint256 fee = lost / 17 < FEE ? lost / 17 : FEE;
            assertEq(court.owedTo(defender), hasFirst ? 5 ether : 0, "first appellant");
            assertEq(court.owedTo(other), hasSecond ? 64 * FEE : 0, "second appellant");
            assertEq(court.owedTo(challenger) + court.owedTo(alice), 0, "parties");
            assertEq(court.closingOf(1).feePerSeat, fee, "fee");
            uint256 kept = court.owedTo(defender) + court.owedTo(other) + 17 * fee;
            assertEq(assay.balanceOf(address(court)), kept, "balance");
            closeRound(ROUND);
            if (isLeftOpen) assertVerdict(convict(step(defender, alice, ROUND, 3)), ICourt.Verdict.Guilty);
            vm.revertToState(state);
        }
    }

    /// @dev Three panels each of which either finds the value right, or reports nothing because too many are silent.
    function _playAcquittals(bool first, bool second, bool last) private returns (ICourt.Facts memory facts) {
        facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, facts.accused, first ? 2 : 0, SILENT);
        vm.prank(defender);
        court.appeal(caseId, facts);
        judge(caseId, facts.accused, second ? 3 : 0, SILENT);
        address other = payer("other");
        vm.prank(other);
        court.appeal(caseId, facts);
        judge(caseId, facts.accused, last ? 5 : 0, SILENT);
        court.conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Acquitted);
        assertEq(court.closingOf(caseId).report, last ? bytes32(0) : facts.accused);
    }

    // ---- jurors

    function test_ASeatThatReportsTheValueIsPaid() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, facts.accused);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotClosed.selector, caseId));
        court.settleSeat(caseId, 0, 0);
        conclude(caseId, facts);

        uint256 place = seatsOf(caseId)[0];
        vm.expectEmit(address(court));
        emit ICourt.SeatSettled(caseId, 0, jurorAt(place), FEE, 0);
        court.settleSeat(caseId, 0, place);
        assertEq(court.owedTo(jurorAt(place)), FEE);

        expectNoSeat(caseId, 0, place);
        expectNoSeat(caseId, 1, place);
        expectNoSeat(caseId, type(uint256).max, place);
        expectNoSeat(caseId, 0, 64);
        expectNoSeat(caseId, 0, type(uint256).max);
    }

    function expectNoSeat(uint256 caseId, uint256 instance, uint256 place) private {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoSeatToSettle.selector, caseId, instance, place));
        court.settleSeat(caseId, instance, place);
    }

    function test_ASilentSeatLosesTwoPercentAndItsFeeIsBurnt() public {
        (uint256 caseId, address juror) = settledWith(SILENT, "silent juror", 2 ether);
        assertEq(stakeOf(juror), JUROR_STAKE - 2 ether);
        assertEq(registry.reservationOf(juror, court.JURY_ID()), JUROR_STAKE - 2 ether);
        // It keeps its place.
        assertEq(untilOf(juror), type(uint40).max);
        assertEq(court.closingOf(caseId).feePerSeat, FEE);
    }

    function test_AWrongSeatLosesThirtyPercentAndItsPlace() public {
        (, address juror) = settledWith("a wrong value", "wrong juror", 30 ether);
        assertEq(untilOf(juror), block.timestamp + DELAY);
    }

    /// Seats are to be settled while their jurors are bound. Once a juror could go, nothing is taken from it, and its fee is
    /// burnt: a wrong value is never paid, and of a right one nobody knows any more whom to pay.
    function test_ASeatThatIsSettledAfterItsJurorWasReleasedTakesNothingAndPaysNobody() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, TRUTH, 1, "a wrong value");
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        uint256[] memory places = seatsOf(caseId);
        address[2] memory jurors = [jurorAt(places[0]), jurorAt(places[2])];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(jurors[i]);
            court.leaveJury();
        }
        skip(DELAY + jury.terms().bindingSeconds);
        for (uint256 i = 0; i < 2; ++i) {
            court.releaseJuror(jurors[i]);
            settledAfterRelease(caseId, places[2 * i], jurors[i]);
        }
        assertEq(court.owedTo(address(0)), 0);
    }

    function settledAfterRelease(uint256 caseId, uint256 place, address juror) private {
        (uint256 pot, uint256 supply) = (registry.slashedPot(), assay.totalSupply());

        vm.expectEmit(address(court));
        emit ICourt.SeatSettled(caseId, 0, address(0), 0, 0);
        court.settleSeat(caseId, 0, place);
        assertEq(stakeOf(juror), JUROR_STAKE);
        assertEq(court.owedTo(juror), 0);
        assertEq(registry.slashedPot(), pot);
        assertEq(supply - assay.totalSupply(), FEE);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NoSeatToSettle.selector, caseId, 0, place));
        court.settleSeat(caseId, 0, place);
    }

    function untilOf(address juror) private view returns (uint256) {
        (, uint256 place) = jury.placeOfJuror(juror);
        (IJury.Place memory current, ) = jury.placeOf(place);
        assertEq(current.account, juror);
        return current.until;
    }

    function test_WhoCannotComputeIsNeitherPaidNorPunished() public {
        settledWith(CANNOT_EXECUTE, 0, 0);
    }

    function test_WhoMissesEvidenceThatOthersFoundIsNeitherPaidNorPunished() public {
        settledWith(MISSING, 0, 0);
    }

    /// @dev A case in which the last seat votes otherwise, and that seat's settlement.
    function settledWith(
        bytes32 result,
        bytes32 reason,
        uint256 penalty
    ) private returns (uint256 caseId, address juror) {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        caseId = accuse(facts);
        judge(caseId, TRUTH, 1, result);
        conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
        uint256 place = seatsOf(caseId)[2];
        juror = jurorAt(place);
        uint256 supply = assay.totalSupply();
        uint64 id = court.JURY_ID();
        if (penalty != 0) {
            vm.expectEmit(address(registry));
            emit IStakeRegistry.Slashed(juror, id, penalty, penalty, 0, reason);
        }
        vm.expectEmit(address(court));
        emit ICourt.SeatSettled(caseId, 0, juror, 0, penalty);
        court.settleSeat(caseId, 0, place);
        assertEq(court.owedTo(juror), 0);
        assertEq(stakeOf(juror), JUROR_STAKE - penalty);
        assertEq(supply - assay.totalSupply(), FEE);
    }

    /// Where the evidence is missing, who says so is paid, and so is who computed a value all the same.
    function test_MissingEvidencePunishesNobody() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, MISSING, 1, TRUTH);
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Dismissed);

        uint256[] memory places = seatsOf(caseId);
        for (uint256 i = 0; i < 3; ++i) {
            court.settleSeat(caseId, 0, places[i]);
            assertEq(court.owedTo(jurorAt(places[i])), FEE);
            assertEq(stakeOf(jurorAt(places[i])), JUROR_STAKE);
        }
        assertEq(assay.balanceOf(address(court)), 3 * FEE);
    }

    // ---- updates that nobody can get

    /// A seat that scored what nobody can get, and doesn't say where it is, loses a tenth, once a round; no juror is wrong.
    function test_AnUpdateThatNobodyGetsCostsATenth() public {
        address seat = committeeOf(0, ROUND)[0];
        ICourt.Facts memory facts = score(challenger, seat, ROUND);
        uint256 caseId = accuse(facts);
        judge(caseId, UNAVAILABLE, 1, TRUTH);
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Guilty);
        skip(GUARDIAN);
        uint256 penalty = baseOf(seat) / 10;
        uint256 reward = (penalty * 2) / 5;
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(seat, TASK, penalty, penalty, reward, SlashReasons.UPDATE_UNAVAILABLE);
        court.execute(caseId, facts);
        assertEq(court.owedTo(challenger), facts.bond + reward - 3 * FEE);
        settleAll(caseId);
        uint256[] memory places = seatsOf(caseId);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(stakeOf(jurorAt(places[i])), JUROR_STAKE);
            assertEq(court.owedTo(jurorAt(places[i])), FEE);
        }

        // The score itself may still be found false.
        closeRound(ROUND);
        uint256 before = stakeOf(seat);
        convict(score(defender, seat, ROUND));
        assertEq(before - stakeOf(seat), (baseOf(seat) * 3) / 10);
    }

    /// Who says where it is can't be convicted by a store that vanishes; the challenger loses nothing either, and may try again.
    function test_WhoSaysWhereTheUpdateIsLosesNothing() public {
        address seat = committeeOf(0, ROUND)[0];
        ICourt.Facts memory facts = score(challenger, seat, ROUND);
        uint256 caseId = accuse(facts);
        vm.expectEmit(address(accusations));
        emit IAccusations.UpdateDeclared(caseId, "https://store.example");
        vm.prank(seat);
        accusations.declareUpdate(caseId, facts, "https://store.example");
        judge(caseId, UNAVAILABLE);
        conclude(caseId, facts);
        assertVerdict(caseId, ICourt.Verdict.Unavailable);
        assertEq(stakeOf(seat), 3 * LEAST_STAKE);
        assertEq(court.owedTo(challenger), facts.bond);
        assertEq(rounds.openCases(TASK, seat), 0);
        closeRound(ROUND);
        assertVerdict(convict(score(challenger, seat, ROUND)), ICourt.Verdict.Guilty);
    }

    /// In any other case what isn't there is the challenger's to show.
    function test_AnUnavailableUpdateDismissesOtherCases() public {
        uint256 caseId = judged(step(challenger, alice, ROUND, 3), UNAVAILABLE);
        assertVerdict(caseId, ICourt.Verdict.Dismissed);
        assertEq(court.owedTo(challenger), 0);
    }

    function test_RevertWhen_ADeclarationIsNotTheScorersOrLate() public {
        address seat = committeeOf(0, ROUND)[0];
        ICourt.Facts memory facts = score(challenger, seat, ROUND);
        uint256 caseId = accuse(facts);
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_NotTheScorer.selector, caseId, stranger));
        vm.prank(stranger);
        accusations.declareUpdate(caseId, facts, "here");
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_NotTheScorer.selector, caseId + 1, seat));
        vm.prank(seat);
        accusations.declareUpdate(caseId + 1, facts, "here");
        for (uint256 i = 0; i < 2; ++i) {
            string memory location = string(new bytes(i == 0 ? 0 : 257));
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAccusations.Accusations_OutOfRange.selector,
                    "location",
                    bytes(location).length,
                    257
                )
            );
            vm.prank(seat);
            accusations.declareUpdate(caseId, facts, location);
        }
        ICourt.Facts memory other = step(challenger, alice, ROUND, 3);
        uint256 ofStep = accuse(other);
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_NotTheScorer.selector, ofStep, alice));
        vm.prank(alice);
        accusations.declareUpdate(ofStep, other, "here");

        judge(caseId, UNAVAILABLE);
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_TooLateToDeclare.selector, caseId));
        vm.prank(seat);
        accusations.declareUpdate(caseId, facts, "here");
        assertFalse(accusations.isUpdateDeclared(caseId));
        // An appeal gives it another time to say so.
        vm.prank(defender);
        court.appeal(caseId, facts);
        vm.prank(seat);
        accusations.declareUpdate(caseId, facts, string(new bytes(256)));
        assertTrue(accusations.isUpdateDeclared(caseId));
    }

    /// Without a majority nobody is known to be wrong.
    function test_WithoutAMajorityNoValueIsWrong() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, SILENT, 1, "some value");
        conclude(caseId, facts);

        uint256 place = seatsOf(caseId)[2];
        court.settleSeat(caseId, 0, place);
        assertEq(court.owedTo(jurorAt(place)), FEE);
        assertEq(stakeOf(jurorAt(place)), JUROR_STAKE);
    }

    /// Every panel is measured by what the last one reports. A wrong value in two panels of one case is one mistake, for which
    /// each seat pays.
    function test_TwoWrongSeatsInOneCaseAreNoRepeat() public {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, facts.accused);
        uint256[] memory first = seatsOf(caseId);
        vm.prank(defender);
        court.appeal(caseId, facts);
        judge(caseId, facts.accused);
        uint256[] memory second = seatsOf(caseId);
        vm.prank(defender);
        court.appeal(caseId, facts);
        judge(caseId, TRUTH);
        court.conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);

        for (uint256 i = 0; i < 3; ++i) court.settleSeat(caseId, 0, first[i]);
        for (uint256 i = 0; i < 5; ++i) court.settleSeat(caseId, 1, second[i]);
        uint256 twice = 0;
        for (uint256 i = 0; i < 9; ++i) {
            uint256 times = countOf(first, i) + countOf(second, i);
            assertEq(stakeOf(jurorAt(i)), 100 ether - times * 30 ether);
            if (times == 2) ++twice;
        }
        assertGt(twice, 0);
    }

    /// A wrong value in another case within 30 days costs all of the base, a second later it is a first one again.
    function test_AWrongValueInASecondCaseCostsAllOfTheBase() public {
        uint256[] memory first = wrongPanel(1, step(challenger, alice, ROUND, 3));
        uint256[] memory second = wrongPanel(2, step(challenger, contributorAt(0), ROUND, 3));
        // Of nine jurors five sat in each.
        uint256 place = first[0];
        for (uint256 i = 0; i < 5; ++i) if (countOf(second, first[i]) != 0) place = first[i];
        assertEq(countOf(second, place), 1);
        court.settleSeat(1, 1, place);
        assertEq(stakeOf(jurorAt(place)), 70 ether);
        for (uint256 late = 0; late < 2; ++late) {
            uint256 state = vm.snapshotState();
            skip(30 days - 1 + late);
            vm.expectEmit(address(court));
            emit ICourt.SeatSettled(2, 1, jurorAt(place), 0, late == 0 ? 100 ether : 30 ether);
            court.settleSeat(2, 1, place);
            assertEq(stakeOf(jurorAt(place)), late == 0 ? 0 : 40 ether);
            vm.revertToState(state);
        }
    }

    /// @dev A conviction by all jurors of what two panels found right; gives the seats of the second one.
    function wrongPanel(uint256 caseId, ICourt.Facts memory facts) private returns (uint256[] memory places) {
        assertEq(accuse(facts), caseId);
        for (uint256 instance = 0; instance < 2; ++instance) {
            judge(caseId, facts.accused);
            places = seatsOf(caseId);
            vm.prank(defender);
            court.appeal(caseId, facts);
        }
        judge(caseId, TRUTH);
        court.conclude(caseId, facts);
        skip(GUARDIAN);
        court.execute(caseId, facts);
    }

    /// A juror that is silent twice within 30 days loses its place, too.
    function test_ASecondSilenceCostsThePlace() public {
        uint256 first = silentSeat(step(challenger, alice, ROUND, 3));
        uint256 second = silentSeat(step(challenger, contributorAt(0), ROUND, 3));
        court.settleSeat(first, 2, 0);
        assertEq(untilOf(jurorAt(0)), type(uint40).max);
        for (uint256 late = 0; late < 2; ++late) {
            uint256 state = vm.snapshotState();
            skip(30 days - 1 + late);
            court.settleSeat(second, 2, 0);
            assertEq(stakeOf(jurorAt(0)), JUROR_STAKE - 4 ether);
            assertEq(untilOf(jurorAt(0)), late == 0 ? block.timestamp + DELAY : type(uint40).max);
            vm.revertToState(state);
        }
    }

    /// @dev A case in whose last panel, of all jurors, the one at place 0 is silent.
    function silentSeat(ICourt.Facts memory facts) private returns (uint256 caseId) {
        caseId = accuse(facts);
        for (uint256 instance = 0; instance < 2; ++instance) {
            judge(caseId, facts.accused);
            vm.prank(defender);
            court.appeal(caseId, facts);
        }
        draw(caseId);
        uint256 panelId = panelOf(caseId);
        for (uint256 place = 1; place < 9; ++place) commitVote(panelId, place, facts.accused);
        vm.warp(jury.revealEndOf(panelId) - 1);
        for (uint256 place = 1; place < 9; ++place) revealVote(panelId, place, facts.accused);
        skip(1);
        court.conclude(caseId, facts);
    }

    function countOf(uint256[] memory places, uint256 place) private pure returns (uint256 count) {
        for (uint256 i = 0; i < places.length; ++i) if (places[i] == place) ++count;
    }

    // ---- what is owed

    /// Bonds are drawn from what the court holds for the challenger, and only the rest from its wallet.
    function test_ABondIsDrawnFromADepositFirst() public {
        vm.startPrank(challenger);
        vm.expectEmit(address(court));
        emit ICourt.Deposited(challenger, 4 ether);
        court.deposit(4 ether);
        vm.stopPrank();
        accuse(step(challenger, alice, ROUND, 3));
        assertEq(court.owedTo(challenger), 1.5 ether);
        assertEq(assay.balanceOf(challenger), WALLET - 4 ether);
        accuse(step(challenger, alice, ROUND, 4));
        assertEq(court.owedTo(challenger), 0);
        assertEq(assay.balanceOf(challenger), WALLET - 5 ether);
        assertEq(assay.balanceOf(address(court)), 5 ether);
    }

    /// Nobody else empties a deposit shortly before its owner needs it. With it goes the lock.
    function test_OnlyTheDepositorWithdrawsADeposit() public {
        vm.prank(challenger);
        court.deposit(4 ether);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_OnlyDepositor.selector, stranger, challenger));
        vm.prank(stranger);
        court.withdraw(challenger);
        vm.prank(challenger);
        assertEq(court.withdraw(challenger), 4 ether);
        assertEq(assay.balanceOf(challenger), WALLET);

        convict(step(challenger, alice, ROUND, 3));
        vm.prank(stranger);
        court.withdraw(challenger);
        assertEq(court.owedTo(challenger), 0);
    }

    function test_AnyonePaysOutWhatIsOwed() public {
        convict(step(challenger, alice, ROUND, 3));
        uint256 amount = court.owedTo(challenger);
        assertEq(amount, 2.5 ether + STAKE / 5 - 3 * FEE);

        vm.expectEmit(address(court));
        emit ICourt.Withdrawn(challenger, amount);
        vm.prank(stranger);
        assertEq(court.withdraw(challenger), amount);
        assertEq(assay.balanceOf(challenger), WALLET + STAKE / 5 - 3 * FEE);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NothingOwed.selector, challenger));
        court.withdraw(challenger);
    }
}
