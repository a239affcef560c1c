// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsHeldPay} from "../interfaces/IRoundsHeldPay.sol";
import {EarningsWord} from "../types/EarningsWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {Collecting} from "./Collecting.sol";
import {HeldPay} from "./HeldPay.sol";
import {Pools} from "./Pools.sol";

/// @title Held pay that no audit decides on
/// @notice Who leaves before its next audit loses what is held, unless it could not have that audit. The same rule
/// applies when anyone asks for it, long after the task's last round.
abstract contract HeldRelease is HeldPay, Collecting, Pools, IRoundsHeldPay {
    /// A task counts as abandoned when no round has opened for this long after its last round became final.
    uint256 private constant ABANDONED_SECONDS = 14 days;
    /// A last round that opens sooner than this after a pause of the task is a surprise to whoever took part in no
    /// round since.
    uint256 private constant NOTICE_SECONDS = 3 days;
    /// From this long after the last round became final on, anyone may have held pay released or cancelled.
    uint256 private constant ANYONE_SECONDS = 28 days;

    /// @inheritdoc IRoundsHeldPay
    function releaseHeld(uint64 taskId, address contributor) external returns (uint256 released) {
        ParticipantWord participant = _participants[taskId][contributor];
        if (!participant.hasHeld()) revert Rounds_NothingHeld(taskId, contributor);
        RoundWord round = _rounds[taskId];
        _requirePhase(taskId, round, Phase.Idle);
        uint256 releaseAt = _finalAt(taskId, round.round()) + ANYONE_SECONDS;
        if (block.timestamp < releaseAt) revert Rounds_NotReleasable(taskId, releaseAt);

        TaskTotalsWord totals = _totals[taskId];
        (released, totals) = _resolveHeld(taskId, contributor, participant, totals);
        _participants[taskId][contributor] = participant.withHeld(false);
        _totals[taskId] = totals;
        _settleWithEscrow(taskId, totals);
    }

    /// @inheritdoc IRoundsHeldPay
    function releasableOf(uint64 taskId, address contributor) external view returns (uint256 released, uint256 held) {
        ParticipantWord participant = _participants[taskId][contributor];
        if (!participant.hasHeld()) return (0, 0);
        held = _held[taskId][contributor].amount();
        released = _releasedOf(taskId, contributor, participant, held);
    }

    /// @dev Ends the hold by the rule and credits what is released; open cases keep it. The caller stores the totals.
    function _resolveHeld(
        uint64 taskId,
        address contributor,
        ParticipantWord participant,
        TaskTotalsWord totals
    ) internal returns (uint256 released, TaskTotalsWord) {
        uint256 amount = _held[taskId][contributor].amount();
        released = _releasedOf(taskId, contributor, participant, amount);
        _endHold(taskId, participant.settledRound(), contributor, amount, released);
        if (released != 0) {
            bool isSeized = participant.cases() != 0;
            mapping(address account => EarningsWord) storage earnings = isSeized ? _seized[taskId] : _earnings[taskId];
            earnings[contributor] = earnings[contributor].credited(_epochOf(_roundTerms[taskId]), released);
        }
        return (released, totals.withMoney(totals.credited() + released, totals.held() - amount));
    }

    /// @dev Between rounds no other call settles with the escrow: returns what is no longer owed, collects what is.
    function _settleWithEscrow(uint64 taskId, TaskTotalsWord totals) internal {
        _tasks().closeRound(taskId, 0, totals.liability());
        _tryCollect(taskId);
    }

    // ---- the rule

    /// @dev What is released of `amount` held reward wei, now and without an audit. Pay of a contributor that was never
    /// judged is held at the highest Q and R. Half of it is what the average Q of ½ and R of 1 would have paid.
    function _releasedOf(
        uint64 taskId,
        address contributor,
        ParticipantWord participant,
        uint256 amount
    ) private view returns (uint256) {
        if (participant.isFlagged() || !_lacksAudit(taskId, contributor, participant)) return 0;
        return participant.isJudged() ? amount : amount / 2;
    }

    /// @dev Whether it is not the contributor's doing that no audit decides on its held pay: the owner closed or
    /// abandoned the task or announced a new pool, or the last round could not judge the contributor.
    function _lacksAudit(uint64 taskId, address contributor, ParticipantWord participant) private view returns (bool) {
        if (_isLeavingPool(taskId, participant.lastRound())) return true;
        RoundWord round = _rounds[taskId];
        if (round.status() != RoundWordLibrary.IDLE) {
            // Opening a round doesn't take away what the contributor could have had the moment before.
            return participant.lastRound() != round.round() && _wasAbandoned(taskId, round);
        }
        if (round.round() >= _validationTerms[taskId].maxRounds()) {
            return _wasNotJudged(taskId, round, contributor, participant);
        }
        return block.timestamp >= _finalAt(taskId, round.round()) + ABANDONED_SECONDS || _tasks().isClosed(taskId);
    }

    /// @dev Whether the task's last round, which is over, could not judge the contributor. It audits everybody, and its
    /// audit ends every hold: whoever submitted to it and has held pay left was in a void cohort, went unaudited, or
    /// could not be judged by the task's fault.
    /// Whoever did not submit had no slot, or could not expect the round.
    function _wasNotJudged(
        uint64 taskId,
        RoundWord round,
        address contributor,
        ParticipantWord participant
    ) private view returns (bool) {
        if (participant.lastRound() == round.round()) return true;
        if (round.submissions() == round.slots()) return true;
        bool isSurprised = round.season() != participant.season();
        if (isSurprised && _openedAt(taskId, round.round()) < _totals[taskId].resumedAt() + NOTICE_SECONDS) return true;
        return round.isSelective() && !_isDrawnToSubmit(taskId, round, contributor, participant);
    }

    /// @dev Whether the task counted as abandoned when this round opened. Not asked of round 1: held pay is of an earlier one.
    function _wasAbandoned(uint64 taskId, RoundWord round) private view returns (bool) {
        uint256 finalAt = _closedAt(taskId, round.round() - 1) + _roundTerms[taskId].challengeSeconds();
        return _openedAt(taskId, round.round()) >= finalAt + ABANDONED_SECONDS;
    }
}
