// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What validators call about their places
/// @notice Joining and leaving are in {ITasks}. See {IRounds}.
interface IRoundsMembers {
    /// @notice Says that the caller holds the held-out pool with this root and can verify in time. A validator counts
    /// only from then on: for 2k + 1, in draws, for duties. With the first call a validator that joined takes a free
    /// place. If all 64 are taken, it becomes a candidate: the next openings replace the smallest places, at most four
    /// of them each. A candidate must keep its bid for as long as all rounds before the first one that it counts for may
    /// last with their challenge windows, one at least. A repeated call changes nothing.
    /// @param taskId the task
    /// @param poolRoot root of the task's current or announced pool; another one reverts with `Rounds_UnknownPool`
    function ready(uint64 taskId, bytes32 poolRoot) external;
}
