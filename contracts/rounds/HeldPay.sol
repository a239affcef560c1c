// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EarningsWord} from "../types/EarningsWord.sol";
import {HeldWord, HeldWordLibrary} from "../types/HeldWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {Committees} from "./Committees.sol";

/// @title Pay that waits for a passed audit
/// @notice An update that nobody audited earns by the running scores, and its pay is held. The next passed audit releases what is held, a
/// failed one cancels it. Who leaves before the next audit loses it, unless no audit can come any more.
abstract contract HeldPay is Committees {
    /// A task that has had no round for so long, beyond the last one's challenge window, is over for whoever leaves it.
    uint256 private constant ABANDONED_SECONDS = 14 days;

    // ---- in a settled round

    /// @dev Holds `amount` wei more, and notes it in the contributor's word.
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

    /// @dev Empties what is held, and tells whether it is earned or lost.
    function _endHold(
        uint64 taskId,
        uint32 round,
        address contributor,
        bool isCancelled
    ) internal returns (uint256 amount) {
        amount = _held[taskId][contributor].amount();
        _held[taskId][contributor] = HeldWordLibrary.empty(round);

        if (isCancelled) emit HeldCancelled(taskId, round, contributor, amount);
        else emit HeldReleased(taskId, round, contributor, amount);
    }

    // ---- at the ends of an enrolment

    /// @dev Takes the slot at the newcomer's cost, so that it is not new to whoever first settles a round that holds pay in it.
    function _prepareHold(uint64 taskId, address contributor, uint256 firstRound) internal {
        _held[taskId][contributor] = HeldWordLibrary.pack(_held[taskId][contributor].amount(), firstRound);
    }

    /// @dev What is held when a contributor leaves. Where another audit may come, it leaves before the one that the pay was waiting for
    /// and loses it. Where none comes any more there is nothing to wait for: an owner must not gain by closing a task or starving it.
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

    /// @dev Whether no audit of this contributor is to come. The last round audits everybody, and a passed audit releases what is held:
    /// whoever was settled in it and still has some did not pass, and whoever sat it out must not gain by that. It has nothing to say of
    /// those whom it could not judge: in void cohorts, and without a place.
    function _isOver(uint64 taskId, address contributor, ParticipantWord participant) private view returns (bool) {
        if (_tasks().isClosed(taskId)) return true;
        RoundWord round = _rounds[taskId];
        if (round.status() != RoundWordLibrary.IDLE) return false;
        if (round.round() < _validationTerms[taskId].maxRounds()) {
            return block.timestamp >= _finalAt(taskId, round.round()) + ABANDONED_SECONDS;
        }
        if (participant.lastRound() == round.round()) return participant.settledRound() != round.round();
        if (round.submissions() == round.slots()) return true;
        return round.isOversubscribed() && !_isDrawnToSubmit(taskId, round, contributor, participant);
    }
}
