// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTasks} from "../interfaces/IRoundsTasks.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {RoundWordLibrary} from "../types/RoundWord.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {Collecting} from "./Collecting.sol";
import {HeldPay} from "./HeldPay.sol";
import {Registration} from "./Registration.sol";

/// @title Contributors entering and leaving a task
/// @notice An enrolment counts from the next round on. The record of a contributor stays when it leaves.
abstract contract Membership is Registration, HeldPay, Collecting {
    /// @inheritdoc IRoundsTasks
    function admitContributor(uint64 taskId, address contributor, uint32 dataUnits) external onlyTasks {
        uint256 firstRound = _nextRound(taskId);
        ParticipantWord participant = _participants[taskId][contributor].enrol(dataUnits, firstRound);
        TaskTotalsWord totals = _totals[taskId];

        _participants[taskId][contributor] = participant;
        _prepareHold(taskId, contributor, firstRound);
        _totals[taskId] = totals.withPeople(totals.enrolled() + 1, totals.reputationSum() + participant.reputation());
    }

    /// @inheritdoc IRoundsTasks
    function dismissContributor(uint64 taskId, address contributor) external onlyTasks {
        ParticipantWord participant = _participants[taskId][contributor];
        if (!participant.isEnrolled()) revert Rounds_NotEnrolled(taskId, contributor);
        if (participant.lastRound() != 0) _requireFinal(taskId, _finalAt(taskId, participant.lastRound()));

        TaskTotalsWord totals = _totals[taskId];
        totals = totals.withPeople(totals.enrolled() - 1, totals.reputationSum() - participant.reputation());
        if (participant.hasHeld()) totals = _resolveHeld(taskId, contributor, participant, totals);
        _participants[taskId][contributor] = participant.dismissed().withHeld(false);
        _totals[taskId] = totals;

        // Between rounds no other call settles with the escrow: return what is no longer owed, collect what is.
        if (participant.hasHeld() && _rounds[taskId].status() == RoundWordLibrary.IDLE) {
            _tasks().closeRound(taskId, 0, totals.liability());
            _tryCollect(taskId);
        }
    }
}
