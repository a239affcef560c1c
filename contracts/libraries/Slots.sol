// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "../interfaces/IRoundsTypes.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {RoundStartWord} from "../types/RoundStartWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {Sampling} from "./Sampling.sol";

/// @title Who may take a slot of a round
/// @notice Every submission takes one. When more are enrolled than there are slots, the previous beacon draws who may submit.
library Slots {
    /// @notice What keeps a contributor from submitting, apart from the draw.
    /// @param round that takes submissions
    /// @param participant the contributor's word
    /// @return isBarred whether anything does
    /// @return reason what, if so
    function obstacle(
        RoundWord round,
        ParticipantWord participant
    ) internal pure returns (bool isBarred, IRoundsTypes.SkipReason reason) {
        if (!participant.isEnrolled()) return (true, IRoundsTypes.SkipReason.NotEnrolled);
        if (round.round() < participant.firstRound()) return (true, IRoundsTypes.SkipReason.EnrolledTooLate);
        if (participant.lastRound() == round.round()) return (true, IRoundsTypes.SkipReason.AlreadySubmitted);
        if (round.submissions() >= round.slots()) return (true, IRoundsTypes.SkipReason.SlotsFull);
        return (false, IRoundsTypes.SkipReason.NotEnrolled);
    }

    /// @notice Whether the previous beacon drew a contributor. The draw's numbers are those of the round's start, so that enrolling later
    /// changes nobody's luck.
    /// @param taskId the task
    /// @param round with more contributors than slots
    /// @param start of that round
    /// @param previousBeacon 32 random bytes
    /// @param contributor who would submit
    /// @param participant its word
    /// @return true with a probability that grows with the reputation
    function isDrawn(
        uint64 taskId,
        RoundWord round,
        RoundStartWord start,
        bytes32 previousBeacon,
        address contributor,
        ParticipantWord participant
    ) internal pure returns (bool) {
        uint256 probabilityBps = Sampling.slotProbabilityBps(
            participant.reputation(),
            start.reputationSum(),
            round.slots(),
            start.enrolled()
        );
        return Sampling.isDrawnToSubmit(previousBeacon, taskId, round.round(), contributor, probabilityBps);
    }
}
