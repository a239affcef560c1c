// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "../interfaces/IRoundsTypes.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {RoundStartWord} from "../types/RoundStartWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {Sampling} from "./Sampling.sol";

/// @title Who may take a slot of a round
/// @notice Every submission takes one slot. When more contributors are enrolled than there are slots, the previous
/// beacon draws who may submit.
library Slots {
    /// Returned by `obstacle` for no obstacle. For an obstacle it returns 1 + its `SkipReason`: one number costs an
    /// accepted submission less gas than a flag and a reason.
    uint256 internal constant NONE = 0;

    /// @notice What keeps a contributor from submitting, not counting the draw.
    /// @param round that takes submissions
    /// @param participant the contributor's word
    /// @return NONE, or the code of the first obstacle found
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

    /// @notice The reason for a code other than NONE.
    /// @param code as `obstacle` returns it
    /// @return its reason
    function reasonOf(uint256 code) internal pure returns (IRoundsTypes.SkipReason) {
        return IRoundsTypes.SkipReason(code - 1);
    }

    /// @notice Whether the previous beacon drew a contributor to submit. Uses the numbers of the round's start: an
    /// enrolment in its block or later doesn't change anyone's chance.
    /// @param taskId the task
    /// @param round one with more contributors than slots
    /// @param start of that round
    /// @param previousBeacon 32 random bytes
    /// @param contributor who would submit
    /// @param participant its word
    /// @return true with a probability that grows with reputation
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
