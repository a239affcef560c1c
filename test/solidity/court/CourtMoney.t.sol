// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {SlashReasons} from "../../../contracts/libraries/SlashReasons.sol";
import {CourtEvidence} from "../fixtures/CourtEvidence.sol";
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
        assertEq(registry.rewardPot(), 0);
        assertEq(assay.balanceOf(address(court)), facts.bond + reward);
        assertEq(rounds.forfeits(alice), 1);
        assertEq(court.baseOf(caseId, alice), 0);
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
        for (uint32 later = ROUND + 7; later <= ROUND + 8; ++later) {
            closeRound(later);
            uint256 expected = later == ROUND + 7 ? (STAKE * 3) / 2 : STAKE;
            for (uint256 order = 0; order < 2; ++order) {
                uint256 state = vm.snapshotState();
                convict(step(challenger, alice, order == 0 ? ROUND : later, 3));
                convict(step(challenger, alice, order == 0 ? later : ROUND, 3));
                assertEq(3 * STAKE - stakeOf(alice), expected);
                vm.revertToState(state);
            }
        }
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
        ICourt.Facts memory first = step(challenger, alice, ROUND, 3);
        ICourt.Facts memory second = step(defender, alice, ROUND, 4);
        accuse(first);
        judge(1, TRUTH);
        accuse(second);
        judge(2, TRUTH);
        conclude(1, first);
        conclude(2, second);
        skip(GUARDIAN);
        court.execute(2, second);
        rounds.setEarnings(TASK, alice, 5);

        vm.expectEmit(address(court));
        emit ICourt.PenaltyTaken(1, alice, 0, 0, 5);
        vm.expectEmit(address(court));
        emit ICourt.CaseClosed(1, 0, 0, 0);
        court.execute(1, first);
        assertEq(3 * STAKE - stakeOf(alice), STAKE / 2);
        // The first challenger has its bond, and nothing else.
        assertEq(court.owedTo(challenger), first.bond);
        assertEq(rounds.openCases(TASK, alice), 0);
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

    /// Both appeals in every combination of being right: who is wrong pays the jurors.
    function test_AppealsWonAndLostInEveryCombination() public {
        for (uint256 i = 0; i < 8; ++i) {
            uint256 state = vm.snapshotState();
            _playAppeals(i & 1 == 1, i & 2 == 2, i & 4 == 4);
            vm.revertToState(state);
        }
    }

    /// @dev Plays three panels with these reports and compares what everyone is owed.
    function _playAppeals(bool first, bool second, bool last) private {
        ICourt.Facts memory facts = step(challenger, alice, ROUND, 3);
        uint256 caseId = accuse(facts);
        judge(caseId, first ? TRUTH : facts.accused);
        vm.prank(defender);
        court.appeal(caseId, facts);
        judge(caseId, second ? TRUTH : facts.accused);
        address other = payer("other");
        vm.prank(other);
        court.appeal(caseId, facts);
        judge(caseId, last ? TRUTH : facts.accused);
        court.conclude(caseId, facts);
        skip(GUARDIAN);
        if (last) court.execute(caseId, facts);

        uint256 reward = last ? STAKE / 5 : 0;
        uint256 lost = (last ? 0 : facts.bond) + (first == last ? 5 ether : 0) + (second == last ? 64 * FEE : 0);
        uint256 seats = 3 + 5 + 9;
        uint256 fee = (reward + lost) / seats < FEE ? (reward + lost) / seats : FEE;
        uint256 left = reward + lost - fee * seats;
        uint256 toChallenger = left < reward ? left : reward;
        assertEq(court.closingOf(caseId).feePerSeat, fee, "fee");
        assertEq(court.owedTo(challenger), (last ? facts.bond : 0) + toChallenger, "challenger");
        assertEq(court.owedTo(defender), first == last ? 0 : 5 ether, "first appellant");
        assertEq(court.owedTo(other), second == last ? 0 : 64 * FEE, "second appellant");
        assertEq(
            assay.balanceOf(address(court)),
            court.owedTo(challenger) + court.owedTo(defender) + court.owedTo(other) + fee * seats,
            "balance"
        );
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

    /// Every panel is measured by what the last one reports. A second wrong value within 30 days costs all of the base.
    function test_ASecondWrongValueCostsAllOfTheBase() public {
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
        uint256 repeats = 0;
        for (uint256 i = 0; i < 9; ++i) {
            uint256 times = countOf(first, i) + countOf(second, i);
            assertEq(
                stakeOf(jurorAt(i)),
                times == 0
                    ? 100 ether
                    : times == 1
                        ? 70 ether
                        : 0
            );
            if (times == 2) ++repeats;
        }
        assertGt(repeats, 0);
    }

    function countOf(uint256[] memory places, uint256 place) private pure returns (uint256 count) {
        for (uint256 i = 0; i < places.length; ++i) if (places[i] == place) ++count;
    }

    // ---- what is owed

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
