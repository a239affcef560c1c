// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What validators call
/// @notice Commitments to score sheets, and reveals. See {IRounds}.
interface IRoundsValidators {
    /// @notice Commits the caller, a validator of the frozen roster, to its score sheets of the current attempt. Once
    /// an attempt.
    /// @param taskId the task
    /// @param digest keccak256(abi.encode(chainid, rounds, taskId, round, uint8 attempt, validator,
    /// keccak256(abi.encode(cohorts, words)), salt))
    function commitScores(uint64 taskId, bytes32 digest) external;

    /// @notice Reveals all sheets that the caller committed to. The first reveal for a cohort draws its committee. In
    /// the redraw the first reveal also ends the first attempt.
    /// @param taskId the task
    /// @param cohorts in which the caller has a seat in this attempt; others revert with `Rounds_NotDrawn`
    /// @param words two for each cohort, with entries of 32 bits as in ScoreWords; an entry out of range reverts with
    /// `Rounds_BadEntry`
    /// @param salt of the commitment
    function revealScores(uint64 taskId, uint32[] calldata cohorts, uint256[] calldata words, bytes32 salt) external;
}
