// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Sampling} from "../libraries/Sampling.sol";
import {Slots} from "../libraries/Slots.sol";
import {CohortWord, CohortWordLibrary} from "../types/CohortWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {RoundsStorage} from "./RoundsStorage.sol";
import {StorageKeys} from "./StorageKeys.sol";

/// @title Draws of committees and of submitters, and the tally of duties
/// @notice A committee depends on the beacon and the frozen roster alone. It is drawn when a call first needs it.
abstract contract Committees is RoundsStorage {
    /// @dev The frozen weights, packed as in {WeightLanes}.
    function _weightsOf(uint64 taskId) internal view returns (uint256[4] memory) {
        return _frozenWeights[taskId];
    }

    /// @dev The beacon of a sealed round, while the ring holds it.
    function _beaconOf(uint64 taskId, RoundWord round) internal view returns (bytes32) {
        return _beacons[taskId][StorageKeys.beacon(round.round())];
    }

    /// @dev Draws the committee of a cohort, or of the root, in a round.
    function _draw(
        uint64 taskId,
        RoundWord round,
        uint32 cohort,
        uint256 attempt,
        uint256 excluded
    ) internal view returns (CohortWord) {
        bytes32 seed = Sampling.committeeSeed(_beaconOf(taskId, round), cohort, attempt);
        uint256 seatCount = _roundTerms[taskId].committeeSize();
        uint256 seats = Sampling.drawCommittee(seed, _weightsOf(taskId), seatCount, excluded);
        return CohortWordLibrary.drawn(round.round(), attempt, seats);
    }

    /// @dev Uses the numbers of the round's start: an enrolment in its block or later doesn't change anyone's chance.
    function _isDrawnToSubmit(
        uint64 taskId,
        RoundWord round,
        address contributor,
        ParticipantWord participant
    ) internal view returns (bool) {
        return Slots.isDrawn(taskId, round, _starts[taskId], _previousBeacons[taskId], contributor, participant);
    }

    /// @dev The committee of a cohort, or of the root, in its latest attempt; the first one is drawn here if it is not
    /// stored yet.
    function _committeeOf(uint64 taskId, RoundWord round, uint32 cohort) internal view returns (CohortWord word) {
        word = _cohorts[taskId][cohort];
        if (word.round() != round.round()) word = _draw(taskId, round, cohort, 0, 0);
    }

    /// @dev The caller's index in the frozen roster.
    function _requireSeated(uint64 taskId) internal view returns (uint256 index) {
        uint256 place = _validators[taskId][msg.sender].frozenPlace();
        if (place == 0) revert Rounds_NotInRoster(taskId, msg.sender);
        return place - 1;
    }

    /// @dev The caller's seat in a committee.
    function _requireSeat(
        uint32 cohort,
        CohortWord word,
        uint256 member,
        uint256 seatCount
    ) internal view returns (uint256 seat) {
        seat = word.seatOf(member, seatCount);
        if (seat == seatCount) revert Rounds_NotDrawn(cohort, msg.sender);
    }

    /// @dev Counts one duty of the validator at a roster index.
    function _tally(uint64 taskId, RoundWord round, uint256 index, bool isDone, uint256 accurate) internal {
        address validator = _frozenRoster[taskId][index];
        mapping(address validator => ValidatorWord) storage validators = _validators[taskId];
        validators[validator] = validators[validator].withDuty(round.round(), isDone, accurate);
    }

    // ---- attempts

    /// @dev Ends the first attempt and draws a second committee from those who had no seat in the first.
    function _redraw(uint64 taskId, RoundWord round, uint32 cohort, CohortWord first) internal returns (CohortWord) {
        _endAttempt(taskId, round, cohort, first);
        uint256 excluded = Sampling.seatMask(first.seats(), _roundTerms[taskId].committeeSize());
        return _draw(taskId, round, cohort, 1, excluded);
    }

    /// @dev Counts the duties of an attempt without a majority. A seat that revealed is paid for every entry; a silent
    /// seat has missed its duty.
    function _endAttempt(uint64 taskId, RoundWord round, uint32 cohort, CohortWord word) internal {
        (, uint256 size) = Sampling.cohortBounds(round.submissions(), cohort);
        uint256 seatCount = _roundTerms[taskId].committeeSize();
        for (uint256 seat = 0; seat < seatCount; ++seat) {
            _tally(taskId, round, word.memberAt(seat), word.hasActed(seat), size);
        }
    }

    /// @dev Starts the votes when every cohort is settled or void.
    function _withDone(RoundWord round) internal view returns (RoundWord) {
        if (round.cohortsDone() < Sampling.cohortCount(round.submissions())) return round;
        return round.withVotesFrom(block.timestamp);
    }
}
