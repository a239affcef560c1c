// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTasks} from "../interfaces/IRoundsTasks.sol";
import {HeldWordLibrary} from "../types/HeldWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {RoundWordLibrary} from "../types/RoundWord.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {HeldRelease} from "./HeldRelease.sol";
import {Registration} from "./Registration.sol";
import {StorageKeys} from "./StorageKeys.sol";

/// @title Contributors entering and leaving a task
/// @notice An enrolment counts from the next round on that opens in a later block, and stays until the first round that
/// counted it is final. The record of a contributor stays when it leaves.
abstract contract Membership is Registration, HeldRelease {
    /// @inheritdoc IRoundsTasks
    function admitContributor(
        uint64 taskId,
        address contributor,
        uint32 dataUnits
    ) external onlyTasks returns (uint32 firstRound) {
        firstRound = _nextRound(taskId);
        ParticipantWord participant = _participants[taskId][contributor].enrol(dataUnits, firstRound);
        TaskTotalsWord totals = _totals[taskId];

        _participants[taskId][contributor] = participant;
        // The contributor pays for a fresh slot, not whoever settles the first round that holds its pay.
        _held[taskId][contributor] = HeldWordLibrary.empty(firstRound);
        _enrolledAt[taskId][contributor] = block.timestamp;
        _newcomers[taskId] = _newcomers[taskId].withOne(block.timestamp, participant.reputation());
        _totals[taskId] = totals.withPeople(totals.enrolled() + 1, totals.reputationSum() + participant.reputation());
    }

    /// @inheritdoc IRoundsTasks
    function dismissContributor(uint64 taskId, address contributor, uint256 minReleased) external onlyTasks {
        ParticipantWord participant = _participants[taskId][contributor];
        if (!participant.isEnrolled()) revert Rounds_NotEnrolled(taskId, contributor);
        _requireCounted(taskId, contributor, participant);
        if (participant.lastRound() != 0) _requireFinal(taskId, _finalAt(taskId, participant.lastRound()));

        TaskTotalsWord totals = _totals[taskId];
        totals = totals.withPeople(totals.enrolled() - 1, totals.reputationSum() - participant.reputation());
        uint256 released = 0;
        if (participant.hasHeld()) (released, totals) = _resolveHeld(taskId, contributor, participant, totals);
        if (released < minReleased) revert Rounds_ReleaseTooLow(released, minReleased);
        _participants[taskId][contributor] = participant.dismissed().withHeld(false);
        _totals[taskId] = totals;

        if (participant.hasHeld() && _rounds[taskId].status() == RoundWordLibrary.IDLE) {
            _settleWithEscrow(taskId, totals);
        }
    }

    /// @dev Requires that the first round that counted the enrolment is final. Otherwise an enrolment of one block could
    /// fill a round. If no round counts it, the contributor may leave once a whole round would have been over, and at
    /// once when the task is closed.
    function _requireCounted(uint64 taskId, address contributor, ParticipantWord participant) private view {
        uint256 enrolledAt = _enrolledAt[taskId][contributor];
        uint256 first = _firstCounted(taskId, participant.firstRound(), enrolledAt);
        if (first <= _rounds[taskId].round()) {
            _requireFinal(taskId, _finalAt(taskId, first));
            return;
        }

        uint256 boundUntil = enrolledAt + _roundTerms[taskId].wholeRoundSeconds();
        if (block.timestamp >= boundUntil || _isOverForAll(taskId)) return;
        revert Rounds_EnrolmentBound(taskId, boundUntil);
    }

    /// @dev The first round that counted an enrolment, or will count it: not one that opened in its block. Of a round
    /// that has left the ring it isn't known any more whether it did; the one after it counted the enrolment.
    function _firstCounted(uint64 taskId, uint256 firstRound, uint256 enrolledAt) private view returns (uint256) {
        uint256 latest = _rounds[taskId].round();
        if (firstRound > latest) return firstRound;
        bool isKnown = latest - firstRound < StorageKeys.RING;
        return isKnown && _openedAt(taskId, firstRound) != enrolledAt ? firstRound : firstRound + 1;
    }

    /// @dev Whether no round is open, and none can open any more.
    function _isOverForAll(uint64 taskId) private view returns (bool) {
        return _rounds[taskId].status() == RoundWordLibrary.IDLE && _tasks().isClosed(taskId);
    }
}
