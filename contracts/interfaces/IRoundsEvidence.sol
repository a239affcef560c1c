// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What cases are proven with
/// @notice Evidence of the last eight rounds. See {IRounds}.
///
/// A view of a round answers zero unless the round has opened and the rings still hold it: until the round eight later
/// opens. What needs more than a view is proven against its word with the preimages in {RoundRecords}, all of which are
/// in events.
interface IRoundsEvidence {
    /// @notice The record of a round: what it began with, and what was settled so far. See {RoundRecords}.
    /// @param taskId the task
    /// @param round from 1
    /// @return record low 224 bits of the hash chain; 0 if the rings don't hold the round
    /// @return submissions number of the round's submissions; 0 unless it was sealed
    function recordOf(uint64 taskId, uint32 round) external view returns (uint224 record, uint256 submissions);

    /// @notice The beacon that sealed a round.
    /// @param taskId the task
    /// @param round from 1
    /// @return 32 random bytes; 0 unless the round was sealed and the rings hold it
    function beaconAt(uint64 taskId, uint32 round) external view returns (bytes32);

    /// @notice When a round opened and closed.
    /// @param taskId the task
    /// @param round from 1
    /// @return openedAt unix seconds; 0 if the rings don't hold the round. For a round that lasted longer than 194 days
    /// it is a later time
    /// @return closedAt unix seconds, from which the challenge window counts; 0 while the round is open
    function timesOf(uint64 taskId, uint32 round) external view returns (uint256 openedAt, uint256 closedAt);

    /// @notice The digest of a page of a sealed round's submissions.
    /// @param taskId the task
    /// @param round from 1
    /// @param page from 0: submission index / 32
    /// @return keccak256(abi.encode(digest so far, contributor, commitment)), starting from 0, over the submissions of
    /// the page in order; 0 unless the round was sealed with so many submissions and the rings hold it
    function pageOf(uint64 taskId, uint32 round, uint256 page) external view returns (bytes32);

    /// @notice What a validator said in a round. Of the first attempt, its votes are folded in: {RoundRecords.voted}.
    /// @param taskId the task
    /// @param validator who said it
    /// @param round from 1
    /// @param attempt 0, or 1 in the redraw
    /// @return word the round in the high 32 bits, and the low 224 bits of the commitment to the sheets of this attempt,
    /// of the first one with all votes folded in; without a commitment, of the votes alone; 0 if it said nothing
    function sheetOf(
        uint64 taskId,
        address validator,
        uint32 round,
        uint8 attempt
    ) external view returns (bytes32 word);
}
