// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EarningsWord} from "../types/EarningsWord.sol";
import {HeldWord, HeldWordLibrary} from "../types/HeldWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {Committees} from "./Committees.sol";
import {Pools} from "./Pools.sol";

/// @title Pay that waits for a passed audit
/// @notice An unaudited update is paid by the running scores, and that pay is held. The next passed audit releases it,
/// a failed audit cancels it. A contributor that leaves before its next audit loses it, unless no audit can come any
/// more.
abstract contract HeldPay is Committees, Pools {
    /// A task counts as over for those who leave it when no round has opened for this long after its last round became
    /// final.
    uint256 private constant ABANDONED_SECONDS = 14 days;

    // ---- in a settled round

    /// @dev Holds `amount` more reward wei and sets the contributor's mark for held pay.
    function _hold(
        uint64 taskId,
        uint32 round,
        address contributor,
        ParticipantWord participant,
        uint256 amount
    ) internal returns (ParticipantWord) {
        if (amount == 0) return participant;

        mapping(address contributor => HeldWord) storage held = _held[taskId];
        uint256 before = participant.hasHeld() ? held[contributor].amount() : 0;
        held[contributor] = HeldWordLibrary.pack(before + amount, round);
        return participant.withHeld(true);
    }

    /// @dev Ends the hold: held pay is released or cancelled.
    function _endHold(
        uint64 taskId,
        uint32 round,
        address contributor,
        bool isCancelled
    ) internal returns (uint256 amount) {
        mapping(address contributor => HeldWord) storage held = _held[taskId];
        amount = held[contributor].amount();
        held[contributor] = HeldWordLibrary.empty(round);

        if (isCancelled) emit HeldCancelled(taskId, round, contributor, amount);
        else emit HeldReleased(taskId, round, contributor, amount);
    }

    // ---- when a contributor enrols or leaves

    /// @dev Writes the storage slot when the contributor enrols. The contributor pays for a fresh slot, not whoever
    /// settles the first round that holds its pay.
    function _prepareHold(uint64 taskId, address contributor, uint256 firstRound) internal {
        _held[taskId][contributor] = HeldWordLibrary.pack(_held[taskId][contributor].amount(), firstRound);
    }

    /// @dev Releases or cancels held pay when a contributor leaves. It is cancelled for a flagged contributor, and
    /// while another audit may still come: the contributor leaves before the audit that the pay was waiting for.
    /// Otherwise it is released: an owner must not gain by closing a task or by no longer funding it.
    function _resolveHeld(
        uint64 taskId,
        address contributor,
        ParticipantWord participant,
        TaskTotalsWord totals
    ) internal returns (TaskTotalsWord) {
        bool isCancelled = participant.isFlagged() || !_isOver(taskId, contributor, participant);
        uint256 amount = _endHold(taskId, participant.settledRound(), contributor, isCancelled);
        totals = totals.withMoney(totals.credited(), totals.held() - amount);
        if (isCancelled) return totals;

        mapping(address account => EarningsWord) storage earnings = _earnings[taskId];
        earnings[contributor] = earnings[contributor].credited(_epochOf(_roundTerms[taskId]), amount);
        return totals.withMoney(totals.credited() + amount, totals.held());
    }

    /// @dev Whether no further audit of this contributor can come, or it leaves because of a new pool. The last round audits every update, and a passed
    /// audit releases held pay. So a contributor settled in that round that still has held pay did not pass, and one
    /// that could have submitted but did not must not gain by it. The last round could not judge contributors in void
    /// cohorts and those it had no slot for: for them no audit can come any more.
    function _isOver(uint64 taskId, address contributor, ParticipantWord participant) private view returns (bool) {
        if (_isLeavingPool(taskId, participant.lastRound()) || _tasks().isClosed(taskId)) return true;
        RoundWord round = _rounds[taskId];
        if (round.status() != RoundWordLibrary.IDLE) return false;
        if (round.round() < _validationTerms[taskId].maxRounds()) {
            return block.timestamp >= _finalAt(taskId, round.round()) + ABANDONED_SECONDS;
        }
        if (participant.lastRound() == round.round()) return participant.settledRound() != round.round();
        if (round.submissions() == round.slots()) return true;
        return round.isSelective() && !_isDrawnToSubmit(taskId, round, contributor, participant);
    }
}
