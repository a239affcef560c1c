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

        if (facts.kind == CaseKind.FalseModel) {
            _ROUNDS.rollBackModel(facts.taskId, facts.round, facts.context);
        }
        uint256 reward = _punish(caseId, facts, facts.defendant);
        _settle(caseId, facts, reward);
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
        uint256 forfeited = _ROUNDS.forfeit(facts.taskId, defendant);
        bytes32 offence = _offenceOf(facts, defendant);
        uint256 penalty = 0;
        uint256 taken = 0;
        if (!_isPunished[offence]) {
            _isPunished[offence] = true;
            penalty = (base * _shareFor(facts, defendant)) / Penalties.BPS;
            bytes32 reason = Penalties.reasonOf(facts.kind);
            (taken, reward) = _REGISTRY.slash(defendant, facts.taskId, penalty, reason, REWARD_BPS);
            if (reward != 0) _REGISTRY.payReward(address(this), reward);
        }

        emit PenaltyTaken(caseId, defendant, penalty, taken, forfeited);
    }

    /// @dev The share that the penalty has of its base. Of two offences within eight rounds the one that is punished later
    /// counts as the repeat, whichever that is.
    function _shareFor(Facts calldata facts, address defendant) private returns (uint256) {
        mapping(CaseKind => uint256) storage punishedIn = _punishedIn[facts.taskId][defendant];
        uint256 last = punishedIn[facts.kind];
        punishedIn[facts.kind] = Math.max(last, facts.round);
        uint256 apart = facts.round < last ? last - facts.round : facts.round - last;
        bool isRepeat = last != 0 && apart < Penalties.REPEAT_ROUNDS;
        return isRepeat ? Penalties.repeatedShareOf(facts.kind) : Penalties.shareOf(facts.kind);
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
        uint256 left = reward + _lostBonds(caseId, case_, facts);
        uint256 fee = _feeFrom(left, case_);
        uint256 seats = _seatCount(case_);
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
        bool isGuilty = case_.verdict == Verdict.Guilty;
        if (isGuilty) _owe(facts.challenger, facts.bond);
        else lost = facts.bond;
        for (uint256 i = 0; i < case_.instance; ++i) {
            Appeal storage appealed = _appeals[caseId][i];
            if (appealed.againstGuilty == isGuilty) lost += appealed.bond;
            else _owe(appealed.appellant, appealed.bond);
        }
    }

    /// @dev What each seat of all panels can be paid.
    function _feeFrom(uint256 amount, Case storage case_) private view returns (uint256) {
        uint256 seats = _seatCount(case_);
        return seats == 0 ? 0 : Math.min(_fee(), amount / seats);
    }

    /// @dev Seats of all panels of a case.
    function _seatCount(Case storage case_) private view returns (uint256 seats) {
        for (uint256 i = 0; i <= case_.instance; ++i) {
            uint256 panelId = case_.panelIds[i];
            if (panelId == 0) continue;
            for (uint256 drawn = _JURY.panelOf(panelId).drawn; drawn != 0; drawn &= drawn - 1) ++seats;
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

        uint256 fee = _closings[caseId].feePerSeat;
        uint256 penalty = 0;
        if (status == IJury.SeatStatus.Silent) {
            penalty = _slashJuror(juror, weight, Penalties.SILENT_JUROR_BPS, SlashReasons.SILENT_JUROR);
        } else if (_isWrong(result, _closings[caseId].report)) penalty = _slashWrong(juror, weight);
        bool isPaid = penalty == 0 && result != _JURY.CANNOT_EXECUTE();
        if (isPaid) _owe(juror, fee);
        else _burn(fee);

        emit SeatSettled(caseId, instance, juror, isPaid ? fee : 0, penalty);
    }

    /// @dev Whether a juror reported a value, and the last panel another one. A juror that couldn't compute, or didn't get
    /// the evidence, is never wrong.
    function _isWrong(bytes32 result, bytes32 report) private view returns (bool) {
        bytes32 missing = _JURY.EVIDENCE_MISSING();
        if (report == 0 || report == missing || result == missing) return false;
        return result != report && result != _JURY.CANNOT_EXECUTE();
    }
}
