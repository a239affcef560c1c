// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTasks} from "../interfaces/IRoundsTasks.sol";
import {HeldPay} from "./HeldPay.sol";
import {ParticipantWord} from "./PeopleWords.sol";
import {Purse} from "./Purse.sol";
import {Registration} from "./Registration.sol";
import {PopulationWord, RoundStates} from "./TaskWords.sol";

/// @title Which contributors take part
/// @notice An enrolment counts from the next round on. What a task remembers of a contributor outlives it.
abstract contract Membership is Registration, HeldPay, Purse {
    /// @inheritdoc IRoundsTasks
    function admitContributor(uint64 taskId, address contributor, uint32 dataUnits) external onlyTasks {
        uint256 firstRound = _nextRound(taskId);
        ParticipantWord participant = _participants[taskId][contributor].enrol(dataUnits, firstRound);
        PopulationWord population = _populations[taskId];

        _participants[taskId][contributor] = participant;
        _prepareHold(taskId, contributor, firstRound);
        _populations[taskId] = population.withPeople(
            population.enrolled() + 1,
            population.reputationSum() + participant.reputation()
        );
    }

    /// @inheritdoc IRoundsTasks
    function dismissContributor(uint64 taskId, address contributor) external onlyTasks {
        ParticipantWord participant = _participants[taskId][contributor];
        if (!participant.isEnrolled()) revert Rounds_NotEnrolled(taskId, contributor);
        if (participant.lastRound() != 0) _requireFinal(taskId, _finalAt(taskId, participant.lastRound()));

        PopulationWord population = _populations[taskId];
        population = population.withPeople(
            population.enrolled() - 1,
            population.reputationSum() - participant.reputation()
        );
        if (participant.hasHeld()) population = _resolveHeld(taskId, contributor, participant, population);
        _participants[taskId][contributor] = participant.dismissed().withHeld(false);
        _populations[taskId] = population;

        // Between rounds nobody else would tell the escrow what is no longer owed, and collect what is.
        if (participant.hasHeld() && _rounds[taskId].status() == RoundStates.IDLE) {
            _tasks().closeRound(taskId, 0, population.liability());
            _tryCollect(taskId);
        }
    }
}
