// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What seats vote on at the end of a round
/// @notice Votes on aggregates and on the next model. A vote is final, and it stays provable for eight rounds:
/// {IRoundsEvidence.sheetOf}. See {IRounds}.
interface IRoundsVotes {
    /// @notice Votes for the aggregates of settled cohorts in which the caller has a seat, once all cohorts of the
    /// round are done.
    /// @param taskId the task
    /// @param cohorts from 0, settled; at least one
    /// @param hashes of their aggregates, in the same order, not zero
    function voteAggregates(uint64 taskId, uint32[] calldata cohorts, bytes32[] calldata hashes) external;

    /// @notice Votes for the next model as a root seat, once all cohorts are done, unless all are void.
    /// @param taskId the task
    /// @param modelHash of the model computed from settled results and aggregates, not zero
    function voteModel(uint64 taskId, bytes32 modelHash) external;
}
