// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What validators call
/// @notice Score sheets, committed to and revealed, and votes on aggregates. See {IRounds}.
interface IRoundsValidators {
    /// @notice Commits a validator of the frozen roster to its score sheets of the attempt whose commit window is open, once.
    /// @param taskId the task
    /// @param digest keccak256(abi.encode(chainid, rounds, taskId, round, uint8 attempt, validator, keccak256(abi.encode(cohorts, words)),
    /// salt))
    function commitScores(uint64 taskId, bytes32 digest) external;

    /// @notice Reveals the sheets committed to, all of them at once. The first to touch a cohort draws its committee; in the redraw its
    /// first touch ends the first attempt.
    /// @param taskId the task
    /// @param cohorts in which the caller has a seat in this attempt; another reverts with `Rounds_NotDrawn`
    /// @param words two words a cohort, entries of 32 bits as in ScoreWords; one out of range reverts with `Rounds_BadEntry`
    /// @param salt of the commitment
    function revealScores(uint64 taskId, uint32[] calldata cohorts, uint256[] calldata words, bytes32 salt) external;

    /// @notice Votes for the aggregates of settled cohorts in which the caller has a seat, once all cohorts of the round are done. A vote
    /// is final.
    /// @param taskId the task
    /// @param cohorts from 0, settled
    /// @param hashes of their aggregates, in the same order, not zero
    function voteAggregates(uint64 taskId, uint32[] calldata cohorts, bytes32[] calldata hashes) external;
}
