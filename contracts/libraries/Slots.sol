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
    /// What `obstacle` returns when there is none; of an obstacle it returns 1 + its `SkipReason`, which costs an accepted submission less than
    /// a flag beside a reason.
    uint256 internal constant NONE = 0;

    /// @notice What keeps a contributor from submitting, apart from the draw.
    /// @param round that takes submissions
    /// @param participant the contributor's word
    /// @return NONE, or the code of the first reason found
    function obstacle(RoundWord round, ParticipantWord participant) internal pure returns (uint256) {
        if (!participant.isEnrolled()) return codeOf(IRoundsTypes.SkipReason.NotEnrolled);
        if (round.round() < participant.firstRound()) return codeOf(IRoundsTypes.SkipReason.EnrolledTooLate);
        if (participant.lastRound() == round.round()) return codeOf(IRoundsTypes.SkipReason.AlreadySubmitted);
        if (round.submissions() >= round.slots()) return codeOf(IRoundsTypes.SkipReason.SlotsFull);
        return NONE;
    }

    /// @notice The code of a reason.
    /// @param reason any
    /// @return 1 or more
    function codeOf(IRoundsTypes.SkipReason reason) internal pure returns (uint256) {
        return uint256(reason) + 1;
    }

    /// @notice The reason of a code that isn't NONE.
    /// @param code as `obstacle` returns it
    /// @return its reason
    function reasonOf(uint256 code) internal pure returns (IRoundsTypes.SkipReason) {
        return IRoundsTypes.SkipReason(code - 1);
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
