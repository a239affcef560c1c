// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {IJury} from "../interfaces/IJury.sol";
import {JuryAnswers} from "../libraries/JuryAnswers.sol";
import {Penalties} from "../libraries/Penalties.sol";
import {CaseWord} from "../types/CaseWord.sol";
import {JurorStakes} from "./JurorStakes.sol";
import {Proceedings} from "./Proceedings.sol";
import {ReadingCosts} from "./ReadingCosts.sol";
import {Rewards} from "./Rewards.sol";

/// @title Carrying out verdicts, and paying jurors
/// @notice Penalties, bonds, rewards and fees. Nothing here depends on a party: it calls only our own contracts, and what
/// the court owes is fetched by those it owes it to.
abstract contract Execution is Proceedings, ReadingCosts, Rewards, JurorStakes {
    /// Byte of {ICourt.Facts} `committee` with the number of its seats.
    uint256 private constant SEAT_COUNT_OFFSET = 248;

    // ---- penalties

    /// @inheritdoc ICourt
    function execute(uint256 caseId, Facts calldata facts) external {
        CaseWord case_ = _requireGuilty(caseId, facts);
        _requireDue(caseId, case_);

        if (_wasAdopted(facts)) _ROUNDS.rollBackModel(facts.taskId, facts.round, facts.context);
        Facts memory found = _foundBy(caseId, case_, facts, facts.defendant);
        (uint256 reward, bool isShared) = _punish(caseId, found, facts.defendant, facts.base);
        _settle(caseId, case_, found, reward, isShared);
    }

    /// @dev Whether a case is about a model that a round adopted: more than half of its root committee were proven to have
    /// voted for it. Else a single vote for a model that nobody uses would undo the one that all use.
    function _wasAdopted(Facts calldata facts) private view returns (bool) {
        if (facts.kind != CaseKind.FalseModel) return false;
        uint256 voters = 0;
        for (uint256 left = uint64(_charges[_chargeOf(facts)]); left != 0; left &= left - 1) ++voters;
        return 2 * voters > facts.committee >> SEAT_COUNT_OFFSET;
    }

    /// @inheritdoc ICourt
    function executeFor(uint256 caseId, Facts calldata facts, address defendant) external {
        CaseWord case_ = _requireFacts(caseId, facts);
        _requireClosed(caseId, case_);
        uint256 base = _bases[caseId][defendant];
        if (base == 0) revert Court_NotADefendant(caseId, defendant);

        _bases[caseId][defendant] = 0;
        if (_verdictOf(case_) != Verdict.Guilty) {
            _restore(facts.taskId, defendant);
            return;
        }
        Facts memory found = _foundBy(caseId, case_, facts, defendant);
        (uint256 reward, bool isShared) = _punish(caseId, found, defendant, base);
        _giveReward(caseId, found, defendant, reward, isShared);
    }

    /// @dev Takes a defendant's penalty, unless the offence was punished in another case, and its pay that isn't mature.
    /// Then what is left of the reward is that of the other case, if that still waits.
    function _punish(
        uint256 caseId,
        Facts memory facts,
        address defendant,
        uint256 base
    ) private returns (uint256 reward, bool isShared) {
        uint256 penalty = 0;
        uint256 taken = 0;
        bool wasPunished = _isPunished(facts.kind, facts.taskId, facts.round, defendant);
        if (wasPunished) reward = _leftReward(facts, defendant);
        else {
            penalty = _penaltyFor(facts, defendant, base);
            _notePunished(facts, defendant, base);
            bytes32 reason = Penalties.reasonOf(facts.kind);
            (taken, reward) = _slash(defendant, facts.taskId, penalty, reason, REWARD_BPS);
        }
        (uint256 forfeited, uint256 openCases) = _ROUNDS.forfeit(facts.taskId, defendant);

        emit PenaltyTaken(caseId, defendant, penalty, taken, forfeited);

        isShared = wasPunished || openCases != 0;
    }

    /// @dev Gives back what the case keeps of a defendant's pay.
    function _restore(uint64 taskId, address defendant) private {
        _ROUNDS.restore(taskId, defendant);
    }

    // ---- bonds and fees

    /// @dev See {Proceedings}.
    function _close(uint256 caseId, CaseWord case_, Facts calldata facts) internal override {
        _restore(facts.taskId, facts.defendant);
        _settle(caseId, case_, facts, 0, false);
    }

    /// @dev Shares out lost bonds and the reward: fees first, then the challenger or the defendant's answer, the rest is
    /// burnt.
    function _settle(uint256 caseId, CaseWord case_, Facts memory facts, uint256 reward, bool isShared) private {
        uint256 seats = case_.seats();
        uint256 left = reward;
        Verdict verdict = _verdictOf(case_);
        bool isUndecided =
            verdict == Verdict.Annulled ||
                verdict == Verdict.Unavailable ||
                (verdict == Verdict.Acquitted && !_hasReports(caseId, case_));
        if (isUndecided) _returnBonds(caseId, case_, facts);
        else left += _lostBonds(caseId, case_, facts);
        uint256 fee = _fixFee(caseId, case_, seats == 0 ? 0 : Math.min(_mostFee(facts), left / seats), seats);
        left -= fee * seats;

        uint256 given = 0;
        if (verdict == Verdict.Guilty) {
            uint256 rest = Math.min(reward, left);
            left -= rest;
            given = _giveReward(caseId, facts, facts.defendant, rest, isShared);
        } else if (verdict == Verdict.Answered) {
            uint256 refund = Math.min(_ANSWER_REFUND, left / 2);
            left -= refund;
            _owe(facts.defendant, refund);
        }
        _burn(left);

        emit CaseClosed(caseId, given, fee, left);
    }

    /// @dev Closes the case with what each of its seats earns, if it has any.
    function _fixFee(uint256 caseId, CaseWord case_, uint256 fee, uint256 seats) private returns (uint256) {
        bool isCut = seats != 0 && fee != _fee();
        _cases[caseId] = case_.closed(isCut);
        if (isCut && fee != 0) _cutFees[caseId] = fee;
        return fee;
    }

    /// @dev Gives the bonds of those who were right back, and sums the others. Who appeals against a value is right also
    /// where the verdict stays what it was: another false one punishes honest jurors, and one that was found right decides
    /// the charge for good, even if the last panel reports nothing.
    function _lostBonds(uint256 caseId, CaseWord case_, Facts memory facts) private returns (uint256 lost) {
        Verdict verdict = _verdictOf(case_);
        if (verdict == Verdict.Guilty) _owe(facts.challenger, facts.bond);
        else lost = _loseBond(facts);
        for (uint256 i = 0; i < case_.instance(); ++i) {
            Appeal storage appealed = _appeals[caseId][i];
            bytes32 report = _reportAt(caseId, case_, i);
            bool stands = report == 0 || report == _reportOf(caseId, case_);
            if (stands && appealed.against == verdict) lost += appealed.bond;
            else _owe(appealed.appellant, appealed.bond);
        }
    }

    /// @dev Gives all bonds back: where no juror reported anything, nobody was found wrong.
    function _returnBonds(uint256 caseId, CaseWord case_, Facts memory facts) private {
        _owe(facts.challenger, facts.bond);
        for (uint256 i = 0; i < case_.instance(); ++i) {
            _owe(_appeals[caseId][i].appellant, _appeals[caseId][i].bond);
        }
    }

    /// @dev Whether any juror of a case reported a value.
    function _hasReports(uint256 caseId, CaseWord case_) private view returns (bool has) {
        for (uint256 i = 0; i <= case_.instance() && !has; ++i) has = _JURY.hasReports(_panelOf(caseId, case_, i));
    }

    // ---- jurors

    /// @inheritdoc ICourt
    function settleSeat(uint256 caseId, uint256 instance, uint256 place) external {
        CaseWord case_ = _cases[caseId];
        _requireClosed(caseId, case_);
        (IJury.SeatStatus status, address juror, uint256 weight, bytes32 result) = _JURY.seatOf(
            _panelOf(caseId, case_, instance),
            place
        );
        uint256 settled = _settledSeats[caseId][instance];
        if (status == IJury.SeatStatus.NotDrawn || (settled >> place) & 1 == 1) {
            revert Court_NoSeatToSettle(caseId, instance, place);
        }
        _settledSeats[caseId][instance] = settled | (1 << place);

        (uint256 fee, bytes32 report) = (_feeOf(caseId, case_), _reportOf(caseId, case_));
        uint256 penalty = 0;
        // Of a juror that was released meanwhile nothing can be taken, and nobody is there to be paid.
        bool isPaid = false;
        if (status == IJury.SeatStatus.Silent) penalty = _slashSilent(juror, weight);
        else if (_isWrong(result, report)) penalty = _slashWrong(caseId, juror, weight);
        else isPaid = juror != address(0) && _hasWorked(result, report);
        if (isPaid) _owe(juror, fee);
        else _burn(fee);

        emit SeatSettled(caseId, instance, juror, isPaid ? fee : 0, penalty);
    }

    /// @dev Whether a juror is paid unless it is slashed. Saying that evidence is missing takes no work: it is paid only
    /// where the last panel says so too.
    function _hasWorked(bytes32 result, bytes32 report) private pure returns (bool) {
        if (JuryAnswers.isAbsence(result)) return result == report;
        return result != JuryAnswers.CANNOT_EXECUTE;
    }

    /// @dev Whether a juror reported a value, and the last panel another one. A juror that couldn't compute, or didn't get
    /// the evidence, is never wrong.
    function _isWrong(bytes32 result, bytes32 report) private pure returns (bool) {
        if (report == 0 || JuryAnswers.isAbsence(report) || JuryAnswers.isAbsence(result)) return false;
        return result != report && result != JuryAnswers.CANNOT_EXECUTE;
    }
}
