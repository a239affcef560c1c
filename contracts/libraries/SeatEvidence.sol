// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../interfaces/IAccusations.sol";
import {IRoundsEvidence} from "../interfaces/IRoundsEvidence.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {IWindowAccusations} from "../interfaces/IWindowAccusations.sol";
import {CourtEvidence} from "./CourtEvidence.sol";
import {Sampling} from "./Sampling.sol";
import {ScoreWords} from "./ScoreWords.sol";

/// @title What a seat said of the windows of an update
/// @notice Which windows were drawn, who had to read them, and what the seat's entry says of them.
library SeatEvidence {
    /// @notice An update, and the seat that said something of it.
    /// @param taskId the task
    /// @param round a sealed round
    /// @param validator who had the seat
    /// @param submission its index in the round
    /// @param seatCount k
    /// @param index of the update's cohort in the sheets
    /// @param member of the cohort, 0…15
    struct Place {
        uint64 taskId;
        uint32 round;
        address validator;
        uint256 submission;
        uint256 seatCount;
        uint256 index;
        uint256 member;
    }

    /// @notice The seat of a validator and its entry about an update, proven from the chain.
    /// @param rounds where it said it
    /// @param place whose entry about which submission
    /// @param said what the validator said
    /// @param record of the round
    /// @return seat its number in the committee
    /// @return entry 32 bits, see {ScoreWords}
    function entryOf(
        IRoundsEvidence rounds,
        Place memory place,
        IAccusations.Statement calldata said,
        IAccusations.RoundProof calldata record
    ) internal view returns (uint256 seat, uint256 entry) {
        CourtEvidence.requireStatement(rounds, place.taskId, place.round, place.validator, said);
        (uint224 stored, uint256 submissions) = rounds.recordOf(place.taskId, place.round);
        CourtEvidence.requireRecord(stored, place.round, record);
        uint32 cohort;
        (cohort, entry) = CourtEvidence.entryOf(said, submissions, place.index, place.member);
        bytes32 beacon = rounds.beaconAt(place.taskId, place.round);
        requireSubmission(beacon, submissions, cohort, place.member, place.submission);
        uint256 committee = CourtEvidence.committeeOf(record, beacon, cohort, said.attempt, place.seatCount);
        seat = _seatOf(committee, record, place, cohort);
    }

    /// @dev The number of a validator's seat: a committee has roster indices by seat, a byte each.
    function _seatOf(
        uint256 committee,
        IAccusations.RoundProof calldata record,
        Place memory place,
        uint32 cohort
    ) private pure returns (uint256 seat) {
        (uint256 index, ) = CourtEvidence.weightOf(record, place.validator);
        while (uint8(committee >> (8 * seat)) != index) {
            if (++seat == place.seatCount) revert IWindowAccusations.Accusations_NoSeat(place.validator, cohort);
        }
    }

    /// @notice Reverts unless a member of a cohort is that submission.
    /// @param beacon of the round
    /// @param submissions of the round
    /// @param cohort its number
    /// @param member of the cohort, below its size
    /// @param needed index of the submission in the round
    function requireSubmission(
        bytes32 beacon,
        uint256 submissions,
        uint32 cohort,
        uint256 member,
        uint256 needed
    ) internal pure {
        (uint256 start, uint256 size) = Sampling.cohortBounds(submissions, cohort);
        if (member >= size) revert IAccusations.Accusations_OutOfRange("entry", member, size);
        (uint256 width, uint256 height) = Sampling.gridOf(submissions);
        uint256 given = Sampling.permuteOn(start + member, submissions, width, height, Sampling.cohortsKey(beacon));
        if (given != needed) revert IWindowAccusations.Accusations_NotItsEntry(given, needed);
    }

    /// @notice A window that the beacon drew for replays.
    /// @param params of the task
    /// @param rounds where the beacon is
    /// @param taskId the task
    /// @param round a sealed round
    /// @param contributor whose update it is
    /// @param drawn which of the drawn windows, from 0
    /// @return its number
    function windowOf(
        ITasks.TaskParams memory params,
        IRoundsEvidence rounds,
        uint64 taskId,
        uint32 round,
        address contributor,
        uint256 drawn
    ) internal view returns (uint32) {
        // Of several windows the first one is of the last round whatever is held; a single one is of any round.
        if (round >= params.maxRounds && (drawn != 0 || params.replayWindows == 1)) {
            revert IWindowAccusations.Accusations_RoundOfWindowUnknown(taskId, round, drawn);
        }
        bytes32 beacon = rounds.beaconAt(taskId, round);
        return uint32(Sampling.replayWindow(beacon, contributor, drawn, params.windowsPerRound));
    }

    /// @notice Reverts unless the seat says that a drawn window was withheld: it had to replay it and replayed fewer than
    /// it had, or it looked at it and says so of the seat that had to.
    /// @param entry from {entryOf}
    /// @param seat from {entryOf}
    /// @param seatCount k
    /// @param windows number of windows drawn
    /// @param drawn which of them, from 0
    function requireWithheld(
        uint256 entry,
        uint256 seat,
        uint256 seatCount,
        uint256 windows,
        uint256 drawn
    ) internal pure {
        uint256 said = entry >> ScoreWords.WINDOWS_OFFSET;
        uint256 replayed = said & 3;
        // How many places the seat comes after the one that replays the window.
        uint256 distance = (seat + seatCount - (drawn % seatCount)) % seatCount;
        bool isWithheld = false;
        if (distance == 0) isWithheld = replayed < Sampling.assignedWindows(windows, seatCount, seat);
        else if (distance < 3) isWithheld = (said >> (1 + distance)) & 1 == 1;
        bool tells = ScoreWords.isFromAudit(entry & 0x3fff);
        if (!tells || !isWithheld) revert IWindowAccusations.Accusations_NothingWithheld(drawn, seat, entry);
    }

    /// @notice Reverts unless the seat had to replay a drawn window, and claims to have replayed all that it had. Of a seat
    /// with two windows that replayed one nobody can tell which.
    /// @param entry from {entryOf}
    /// @param seat from {entryOf}
    /// @param seatCount k
    /// @param windows number of windows drawn
    /// @param drawn which of them, from 0
    function requirePass(uint256 entry, uint256 seat, uint256 seatCount, uint256 windows, uint256 drawn) internal pure {
        uint256 quality = entry & 0x3fff;
        uint256 replayed = (entry >> ScoreWords.WINDOWS_OFFSET) & 3;
        // Entries from an audit and those about the task's own fault tell of windows.
        bool tells = ScoreWords.isFromAudit(quality) || quality == ScoreWords.TASK_FAULT;
        bool isAll = drawn % seatCount == seat && replayed == Sampling.assignedWindows(windows, seatCount, seat);
        if (!tells || !isAll) revert IWindowAccusations.Accusations_NoPassClaimed(drawn, seat, entry);
    }
}
