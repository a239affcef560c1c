// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What root seats call
/// @notice Votes on the next model. See {IRounds}.
interface IRoundsRootSeats {
    /// @notice Votes for the next model as a root seat, once all cohorts are done, unless all are void. A vote is
    /// final.
    /// @param taskId the task
    /// @param modelHash of the model computed from settled results and aggregates, not zero
    function voteModel(uint64 taskId, bytes32 modelHash) external;
}
