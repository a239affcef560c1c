// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {IJury} from "../interfaces/IJury.sol";
import {Penalties} from "../libraries/Penalties.sol";
import {SlashReasons} from "../libraries/SlashReasons.sol";
import {JurorStakes} from "./JurorStakes.sol";
import {Proceedings} from "./Proceedings.sol";

/// @title Carrying out verdicts, and paying jurors
/// @notice Penalties, bonds, rewards and fees. Nothing here depends on a party: it calls only our own contracts, and what
/// the court owes is fetched by those it owes it to.
abstract contract Execution is Proceedings, JurorStakes {
    /// Most of what is taken that a challenger gets, in bps; the registry has the same limit.
    uint256 private constant REWARD_BPS = 4_000;

    // ---- penalties

    /// @inheritdoc ICourt
    function execute(uint256 caseId, Facts calldata facts) external {
        Case storage case_ = _requireFacts(caseId, facts);
        if (case_.verdict != Verdict.Guilty) revert Court_NoVerdict(caseId);
        if (case_.isClosed) revert Court_IsClosed(caseId);
        if (block.timestamp < case_.readyAt) revert Court_TooEarly(caseId, case_.readyAt);

        if (_wasAdopted(facts)) _ROUNDS.rollBackModel(facts.taskId, facts.round, facts.context);
        uint256 reward = _punish(caseId, facts, facts.defendant);
        _settle(caseId, facts, reward);
    }

    /// @dev Whether a case is about a model that a round adopted: more than half of its root committee were proven to have
    /// voted for it. Else a single vote for a model that nobody uses would undo the one that all use. The parties are the
    /// committee and the challenger.
    function _wasAdopted(Facts calldata facts) private view returns (bool) {
        if (facts.kind != CaseKind.FalseModel) return false;
        return 2 * _voterCounts[_chargeOf(facts)] > facts.parties.length - 1;
    }

    /// @inheritdoc ICourt
    function executeFor(uint256 caseId, Facts calldata facts, address defendant) external {
        Case storage case_ = _requireFacts(caseId, facts);
        if (!case_.isClosed) revert Court_NotClosed(caseId);
        if (_bases[caseId][defendant] == 0) revert Court_NotADefendant(caseId, defendant);

        if (case_.verdict == Verdict.Guilty) _owe(facts.challenger, _punish(caseId, facts, defendant));
        else _letGo(caseId, facts, defendant);
    }

    /// @dev Takes a defendant's penalty, unless the offence was punished in another case, and its pay that isn't mature.
    function _punish(uint256 caseId, Facts calldata facts, address defendant) private returns (uint256 reward) {
        uint256 base = _bases[caseId][defendant];
        _bases[caseId][defendant] = 0;
        bytes32 offence = _offenceOf(facts.kind, facts.taskId, facts.round, defendant);
        uint256 penalty = 0;
        uint256 taken = 0;
        if (_punishedBases[offence] == 0) {
            _punishedBases[offence] = base;
            penalty = _penaltyFor(facts, defendant, base);
            bytes32 reason = Penalties.reasonOf(facts.kind);
            (taken, reward) = _REGISTRY.slash(defendant, facts.taskId, penalty, reason, REWARD_BPS);
            if (reward != 0) _REGISTRY.payReward(address(this), reward);
        }
        uint256 forfeited = _ROUNDS.forfeit(facts.taskId, defendant);

        emit PenaltyTaken(caseId, defendant, penalty, taken, forfeited);
    }

    /// @dev What one more offence adds to an account's penalties. Of all its offences of a kind those count as repeats that
    /// have another one less than eight rounds before them. An offence that is punished before an earlier one thus becomes
    /// a repeat by that one, and so the sum is the same in every order.
    function _penaltyFor(Facts calldata facts, address defendant, uint256 base) private view returns (uint256) {
        (uint256 before, ) = _neighbour(facts, defendant, false);
        (uint256 next, uint256 nextBase) = _neighbour(facts, defendant, true);
        uint256 penalty = Penalties.amountOf(facts.kind, base, before != 0);
        bool wasRepeat = before != 0 && before + next < Penalties.REPEAT_ROUNDS;
        if (next == 0 || wasRepeat) return penalty;
        uint256 asRepeat = Penalties.amountOf(facts.kind, nextBase, true);
        return penalty + asRepeat - Penalties.amountOf(facts.kind, nextBase, false);
    }

    /// @dev The nearest punished offence of this kind before or after that of a case: how many rounds it is away, 0 if there
    /// is none less than eight rounds away, and its base.
    function _neighbour(
        Facts calldata facts,
        address defendant,
        bool isAfter
    ) private view returns (uint256 distance, uint256 base) {
        for (distance = 1; distance < Penalties.REPEAT_ROUNDS; ++distance) {
            if (!isAfter && distance >= facts.round) break;
            uint256 round = isAfter ? facts.round + distance : facts.round - distance;
            base = _punishedBases[_offenceOf(facts.kind, facts.taskId, round, defendant)];
            if (base != 0) return (distance, base);
        }
        return (0, 0);
    }

    function _letGo(uint256 caseId, Facts calldata facts, address defendant) private {
        _bases[caseId][defendant] = 0;
        _ROUNDS.restore(facts.taskId, defendant);
    }

    // ---- bonds and fees

    /// @dev See {Proceedings}.
    function _close(uint256 caseId, Facts calldata facts) internal override {
        _letGo(caseId, facts, facts.defendant);
        _settle(caseId, facts, 0);
    }

    /// @dev Shares out lost bonds and the reward: fees first, then the challenger or the defendant's answer, the rest is
    /// burnt.
    function _settle(uint256 caseId, Facts calldata facts, uint256 reward) private {
        Case storage case_ = _cases[caseId];
        case_.isClosed = true;
        (uint256 seats, bool hasReports) = _votesOf(case_);
        uint256 left = reward;
        if (case_.verdict == Verdict.Acquitted && !hasReports) _returnBonds(caseId, case_, facts);
        else left += _lostBonds(caseId, case_, facts);
        uint256 fee = seats == 0 ? 0 : Math.min(_fee(), left / seats);
        left -= fee * seats;
        if (fee != 0) _closings[caseId].feePerSeat = fee;

        uint256 toChallenger = Math.min(reward, left);
        left -= toChallenger;
        _owe(facts.challenger, toChallenger);
        if (case_.verdict == Verdict.Answered) {
            uint256 refund = Math.min(_ANSWER_REFUND, left / 2);
            left -= refund;
            _owe(facts.defendant, refund);
        }
        _burn(left);

        emit CaseClosed(caseId, toChallenger, fee, left);
    }

    /// @dev Gives the bonds of those who were right back, and sums the others.
    function _lostBonds(uint256 caseId, Case storage case_, Facts calldata facts) private returns (uint256 lost) {
        Verdict verdict = case_.verdict;
        if (verdict == Verdict.Guilty) _owe(facts.challenger, facts.bond);
        else lost = facts.bond;
        for (uint256 i = 0; i < case_.instance; ++i) {
            Appeal storage appealed = _appeals[caseId][i];
            if (appealed.against == verdict) lost += appealed.bond;
            else _owe(appealed.appellant, appealed.bond);
        }
    }

    /// @dev Gives all bonds back: where no juror reported anything, nobody was found wrong.
    function _returnBonds(uint256 caseId, Case storage case_, Facts calldata facts) private {
        _owe(facts.challenger, facts.bond);
        for (uint256 i = 0; i < case_.instance; ++i) _owe(_appeals[caseId][i].appellant, _appeals[caseId][i].bond);
    }

    /// @dev Seats of all panels of a case, and whether any of them reported a value.
    function _votesOf(Case storage case_) private view returns (uint256 seats, bool hasReports) {
        for (uint256 i = 0; i <= case_.instance; ++i) {
            uint256 panelId = case_.panelIds[i];
            if (panelId == 0) continue;
            IJury.Panel memory panel = _JURY.panelOf(panelId);
            for (uint256 drawn = panel.drawn; drawn != 0; drawn &= drawn - 1) ++seats;
            if (panel.leadingWeight != 0) hasReports = true;
        }
    }

    // ---- jurors

    /// @inheritdoc ICourt
    function settleSeat(uint256 caseId, uint256 instance, uint256 place) external {
        Case storage case_ = _cases[caseId];
        if (!case_.isClosed) revert Court_NotClosed(caseId);
        uint256 panelId = instance <= case_.instance ? case_.panelIds[instance] : 0;
        (IJury.SeatStatus status, address juror, uint256 weight, bytes32 result) = _JURY.seatOf(panelId, place);
        bool wasSettled = (_settledSeats[caseId][instance] >> place) & 1 == 1;
        if (status == IJury.SeatStatus.NotDrawn || wasSettled) revert Court_NoSeatToSettle(caseId, instance, place);
        _settledSeats[caseId][instance] |= 1 << place;

        Closing memory closing = _closings[caseId];
        uint256 fee = closing.feePerSeat;
        uint256 penalty = 0;
        if (status == IJury.SeatStatus.Silent) {
            penalty = _slashJuror(juror, weight, Penalties.SILENT_JUROR_BPS, SlashReasons.SILENT_JUROR);
        } else if (_isWrong(result, closing.report)) penalty = _slashWrong(juror, weight);
        bool isPaid = penalty == 0 && _hasWorked(result, closing.report);
        if (isPaid) _owe(juror, fee);
        else _burn(fee);

        emit SeatSettled(caseId, instance, juror, isPaid ? fee : 0, penalty);
    }

    /// @dev Whether a juror is paid unless it is slashed. Saying that evidence is missing takes no work: it is paid only
    /// where the last panel says so too.
    function _hasWorked(bytes32 result, bytes32 report) private view returns (bool) {
        if (result == _JURY.EVIDENCE_MISSING()) return result == report;
        return result != _JURY.CANNOT_EXECUTE();
    }

    /// @dev Whether a juror reported a value, and the last panel another one. A juror that couldn't compute, or didn't get
    /// the evidence, is never wrong.
    function _isWrong(bytes32 result, bytes32 report) private view returns (bool) {
        bytes32 missing = _JURY.EVIDENCE_MISSING();
        if (report == 0 || report == missing || result == missing) return false;
        return result != report && result != _JURY.CANNOT_EXECUTE();
    }
}
