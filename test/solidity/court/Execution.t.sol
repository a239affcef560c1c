// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {SlashReasons} from "../../../contracts/libraries/SlashReasons.sol";
import {CourtNeighbours} from "../fixtures/CourtNeighbours.sol";
import {OpenCourt} from "../fixtures/OpenCourt.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice What a verdict takes and gives, to the wei, for panels and appeals of any kind. A seat's fee is 2,001 wei.
contract ExecutionTest is Test {
    uint256 private constant FEE = 2_001;
    uint256 private constant REFUND = 500;
    uint256 private constant HELD = 1_000_000_000;
    uint96 private constant BASE = 1_000_000;
    address private constant CHALLENGER = address(0xc);
    address private constant DEFENDANT = address(0xd);
    address private constant ADDED = address(0xe);
    address[2] private _appellants = [address(0xa), address(0xb)];

    /// A case that has its verdict, after appeals.
    struct Play {
        ICourt.Verdict verdict;
        uint256 instance;
        bool hasPanel;
        uint256[3] seats;
        bool[3] hasReports;
        bytes32[3] reports;
        ICourt.Verdict[2] against;
        uint96[2] bonds;
        uint96 bond;
        uint256 reward;
    }

    /// Who is to be owed what.
    struct Shares {
        uint256 challenger;
        uint256 defendant;
        uint256[2] appellants;
        uint256 lost;
        uint256 seats;
        uint256 fee;
        uint256 given;
        uint256 burnt;
    }

    CourtNeighbours private _all = new CourtNeighbours();
    OpenCourt private _court = new OpenCourt(_all, 1_000_500, 1_000);

    function setUp() public {
        _all.give(address(_court), HELD);
    }

    // ---- bonds, fees and rewards

    function testFuzz_EveryWeiGoesWhereTheRuleSays(uint256 seed) public {
        // Of small numbers most bits are the same.
        Play memory play = drawPlay(uint256(keccak256(abi.encode(seed))));
        Shares memory shares = sharesOf(play);
        ICourt.Facts memory facts = factsOf(ICourt.CaseKind.FalseStep, play.bond);
        _court.putEnded(1, facts, play.verdict, play.instance, play.hasPanel ? 1 : 0, shares.seats);
        for (uint256 i = 0; i <= play.instance; ++i) {
            _all.setPanel(i + 1, play.hasReports[i], play.reports[i]);
            if (i == play.instance) break;
            ICourt.Appeal memory appealed = ICourt.Appeal(
                _appellants[i],
                play.bonds[i],
                play.against[i],
                uint32(i + 2)
            );
            _court.putAppeal(1, i, appealed);
        }
        _all.pay(play.reward);

        vm.expectEmit(address(_court));
        emit ICourt.CaseClosed(1, shares.given, shares.fee, shares.burnt);
        if (play.verdict == ICourt.Verdict.Guilty) _court.execute(1, facts);
        else _court.close(1, facts);
        assertShares(play, shares);
    }

    function assertShares(Play memory play, Shares memory shares) private view {
        assertEq(_court.owedTo(CHALLENGER), shares.challenger, "challenger");
        assertEq(_court.owedTo(DEFENDANT), shares.defendant, "defendant");
        assertEq(_court.owedTo(_appellants[0]), shares.appellants[0], "first appellant");
        assertEq(_court.owedTo(_appellants[1]), shares.appellants[1], "second appellant");
        assertEq(_all.burnt(), shares.burnt, "burnt");
        assertTrue(_court.caseOf(1).isClosed);
        uint256 expected = shares.seats == 0 ? FEE : shares.fee;
        assertEq(_court.closingOf(1).feePerSeat, play.hasPanel ? expected : 0, "fee");
        bool isGuilty = play.verdict == ICourt.Verdict.Guilty;
        assertEq(_all.restores(DEFENDANT), isGuilty ? 0 : 1, "restored");
        assertEq(_all.forfeits(DEFENDANT), isGuilty ? 1 : 0, "forfeited");
    }

    /// @dev Often few seats, small bonds and small rewards, so that fees are cut; otherwise enough for all.
    function drawPlay(uint256 seed) private pure returns (Play memory play) {
        uint256 verdict = seed % 12;
        // Half of all are Guilty or Acquitted, beside their share of the others.
        ICourt.Verdict likely = verdict < 8 ? ICourt.Verdict.Guilty : ICourt.Verdict.Acquitted;
        play.verdict = verdict < 6 ? ICourt.Verdict(verdict + 1) : likely;
        play.hasPanel = (seed >> 8) & 3 != 0;
        play.instance = play.hasPanel ? (seed >> 16) % 3 : 0;
        play.bond = drawAmount(seed >> 24);
        play.reward = play.verdict == ICourt.Verdict.Guilty ? drawAmount(seed >> 40) : 0;
        for (uint256 i = 0; i < 3; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            if (play.hasPanel) play.seats[i] = word % 6;
            play.hasReports[i] = play.hasPanel && (word >> 8) & 1 == 1;
            play.reports[i] = bytes32((word >> 16) % 3);
            if (i == 2) break;
            play.bonds[i] = drawAmount(word >> 24);
            // Every other one appealed against what the verdict is now.
            play.against[i] = (word >> 40) & 1 == 0 ? play.verdict : ICourt.Verdict((word >> 48) % 4);
        }
    }

    function drawAmount(uint256 word) private pure returns (uint96) {
        return uint96((word >> 4) % [uint256(12), 1_200, 10_000, 100_000][word & 3]);
    }

    function sharesOf(Play memory play) private pure returns (Shares memory shares) {
        bool hasReports = false;
        for (uint256 i = 0; i <= play.instance; ++i) {
            shares.seats += play.seats[i];
            if (play.hasReports[i]) hasReports = true;
        }
        bool isUndecided =
            play.verdict == ICourt.Verdict.Annulled ||
                play.verdict == ICourt.Verdict.Unavailable ||
                (play.verdict == ICourt.Verdict.Acquitted && !hasReports);
        shareBonds(play, shares, isUndecided);
        uint256 left = play.reward + shares.lost;
        if (shares.seats != 0) shares.fee = left < FEE * shares.seats ? left / shares.seats : FEE;
        left -= shares.fee * shares.seats;
        if (play.verdict == ICourt.Verdict.Guilty) shares.given = left < play.reward ? left : play.reward;
        else if (play.verdict == ICourt.Verdict.Answered) shares.defendant = left < 2 * REFUND ? left / 2 : REFUND;
        shares.challenger += shares.given;
        shares.burnt = left - shares.given - shares.defendant;
    }

    /// @dev A lost bond is of who said what the verdict denies, or appealed against a value that the last panel reports, too.
    function shareBonds(Play memory play, Shares memory shares, bool isUndecided) private pure {
        bool isRight = isUndecided || play.verdict == ICourt.Verdict.Guilty;
        if (isRight) shares.challenger = play.bond;
        else shares.lost = play.bond;
        for (uint256 i = 0; i < play.instance; ++i) {
            bool isUndone = play.reports[i] != 0 && play.reports[i] != play.reports[play.instance];
            bool isLost = !isUndecided && play.against[i] == play.verdict && !isUndone;
            if (isLost) shares.lost += play.bonds[i];
            else shares.appellants[i] = play.bonds[i];
        }
    }

    /// Only a fee that is cut, and isn't zero, has a slot of its own.
    function test_OnlyACutFeeIsWritten() public {
        uint96[3] memory bonds = [uint96(3 * FEE), 3, 0];
        uint256[3] memory writes;
        for (uint256 i = 0; i < 3; ++i) {
            ICourt.Facts memory facts = factsOf(ICourt.CaseKind.FalseStep, bonds[i]);
            _all.setPanel(1, true, bytes32(uint256(9)));
            _court.putEnded(i + 1, facts, ICourt.Verdict.Acquitted, 0, 1, 3);
            vm.record();
            _court.close(i + 1, facts);
            (, writes[i]) = accessesOf(address(_court));
            assertEq(_court.closingOf(i + 1).feePerSeat, bonds[i] / 3);
        }
        assertEq(writes[1], writes[0] + 1);
        assertEq(writes[2], writes[0]);
    }

    // ---- penalties

    /// The second case about an offence takes no stake: its jurors and its challenger have what is left of the first one's reward.
    function test_TheSecondCaseAboutAnOffenceSharesTheReward() public {
        ICourt.Facts memory facts = factsOf(ICourt.CaseKind.FalseStep, 0);
        _all.setPanel(1, true, bytes32(uint256(9)));
        _all.pay(20_000);
        _all.keep(77, 1);
        _court.putEnded(1, facts, ICourt.Verdict.Guilty, 0, 1, 3);
        vm.expectEmit(address(_court));
        emit ICourt.PenaltyTaken(1, DEFENDANT, BASE / 2, BASE / 2, 77);
        _court.execute(1, facts);
        CourtNeighbours.Slash memory slashed = _all.slashed();
        assertEq(slashed.account, DEFENDANT);
        assertEq(slashed.taskId, 3);
        assertEq(slashed.amount, BASE / 2);
        assertEq(slashed.reason, SlashReasons.FALSE_STEP);
        assertEq(slashed.rewardBps, 4_000);
        assertEq(held(), 20_000 - 3 * FEE);

        _court.putEnded(2, facts, ICourt.Verdict.Guilty, 0, 1, 3);
        vm.expectEmit(address(_court));
        emit ICourt.PenaltyTaken(2, DEFENDANT, 0, 0, 77);
        vm.expectEmit(address(_court));
        emit ICourt.CaseClosed(2, 0, FEE, 0);
        _court.execute(2, facts);
        assertEq(held(), 20_000 - 6 * FEE);
        assertEq(_court.owedTo(CHALLENGER), 0);
        assertEq(_all.slashed().amount, BASE / 2);

        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_IsClosed.selector, 2));
        _court.execute(2, facts);
    }

    function test_RevertWhen_AVerdictIsNotDue() public {
        ICourt.Facts memory facts = factsOf(ICourt.CaseKind.FalseStep, 0);
        vm.warp(100);
        _court.putEnded(1, facts, ICourt.Verdict.Guilty, 0, 0, 0);
        vm.warp(99);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_TooEarly.selector, 1, 100));
        _court.execute(1, facts);
    }

    function held() private view returns (uint256) {
        return _court.heldRewardOf(ICourt.CaseKind.FalseStep, 3, 5, DEFENDANT).amount;
    }

    /// More than half of the root committee's seats voted for it.
    function test_OnlyAnAdoptedModelIsRolledBack() public {
        ICourt.Facts memory facts = factsOf(ICourt.CaseKind.FalseModel, 0);
        (facts.committee, facts.context) = (5 << 248, "the model before");
        executeWith(1, facts, 0);
        executeWith(2, facts, (1 << 63) | 1 | (1 << 255));
        assertEq(_all.rollBacks(), 0);
        executeWith(3, facts, (1 << 63) | 5);
        assertEq(_all.rollBacks(), 1);
        assertEq(_all.rolledBackTo(), "the model before");
        executeWith(4, facts, type(uint64).max);
        assertEq(_all.rollBacks(), 2);

        facts.kind = ICourt.CaseKind.FalseAggregate;
        executeWith(5, facts, 7);
        assertEq(_all.rollBacks(), 2);
    }

    function executeWith(uint256 caseId, ICourt.Facts memory facts, uint256 charge) private {
        _court.putCharge(facts, charge);
        _court.putEnded(caseId, facts, ICourt.Verdict.Guilty, 0, 0, 0);
        _court.execute(caseId, facts);
    }

    // ---- those that were added to a case

    /// Who is added to a case about a step claimed a pass. It answers once, with its own base.
    function test_AnAddedDefendantAnswersOnceWithItsBase() public {
        ICourt.Facts memory facts = factsOf(ICourt.CaseKind.FalseStep, 0);
        _court.putBase(1, ADDED, 300_000);
        _court.putEnded(1, facts, ICourt.Verdict.Guilty, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotClosed.selector, 1));
        _court.executeFor(1, facts, ADDED);
        _court.execute(1, facts);
        expectNoDefendant(facts, DEFENDANT);

        _all.pay(40_000);
        _all.keep(5, 0);
        vm.expectEmit(address(_court));
        emit ICourt.PenaltyTaken(1, ADDED, 90_000, 90_000, 5);
        _court.executeFor(1, facts, ADDED);
        CourtNeighbours.Slash memory slashed = _all.slashed();
        assertEq(slashed.account, ADDED);
        assertEq(slashed.amount, 90_000);
        assertEq(slashed.reason, SlashReasons.FALSE_PASS);
        assertEq(_court.owedTo(CHALLENGER), 40_000);
        assertEq(_all.restores(ADDED), 0);
        expectNoDefendant(facts, ADDED);
    }

    function test_AnAddedDefendantGoesFreeWithTheFirstOne() public {
        ICourt.Facts memory facts = factsOf(ICourt.CaseKind.FalseAggregate, 0);
        _court.putBase(1, ADDED, 1);
        _court.putEnded(1, facts, ICourt.Verdict.Acquitted, 0, 0, 0);
        _court.close(1, facts);
        _court.executeFor(1, facts, ADDED);
        assertEq(_all.restores(ADDED), 1);
        assertEq(_all.forfeits(ADDED), 0);
        assertEq(_all.slashed().amount, 0);
        expectNoDefendant(facts, ADDED);
    }

    function expectNoDefendant(ICourt.Facts memory facts, address account) private {
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_NotADefendant.selector, 1, account));
        _court.executeFor(1, facts, account);
    }

    function factsOf(ICourt.CaseKind kind, uint96 bond) private pure returns (ICourt.Facts memory facts) {
        (facts.kind, facts.taskId, facts.round, facts.bond) = (kind, 3, 5, bond);
        (facts.challenger, facts.defendant, facts.base) = (CHALLENGER, DEFENDANT, BASE);
    }
}
