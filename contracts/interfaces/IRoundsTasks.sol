// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "./ITasks.sol";

/// @title What Tasks calls
/// @notice New tasks, and accounts that enter or leave a task. See {IRounds}.
interface IRoundsTasks {
    /// @notice Copies the terms of a new task. Only Tasks.
    /// @param taskId the task
    /// @param params checked by Tasks
    function registerTask(uint64 taskId, ITasks.TaskParams calldata params) external;

    /// @notice Enrols a contributor from the next round on that opens in a later block. The record of an earlier
    /// enrolment stays. Only Tasks.
    /// @param taskId the task
    /// @param contributor who enrols
    /// @param dataUnits D, capped by the task's limit
    /// @return firstRound the next round, which is the first that what it commits to in Tasks counts for
    function admitContributor(
        uint64 taskId,
        address contributor,
        uint32 dataUnits
    ) external returns (uint32 firstRound);

    /// @notice Ends an enrolment. Reverts with `Rounds_NotFinal` until the first round that counted it and the
    /// contributor's last round are final, and with `Rounds_EnrolmentBound` for as long as a round may still count it:
    /// until a whole round and its challenge window would be over, or the task is closed and no round is open. Held pay
    /// is released or cancelled by the rule of {IRoundsHeldPay.releasableOf}; if less than `minReleased` would be
    /// released, the call reverts with `Rounds_ReleaseTooLow`. Only Tasks.
    /// @param taskId the task
    /// @param contributor who leaves
    /// @param minReleased the least reward wei of its held pay that the contributor accepts
    function dismissContributor(uint64 taskId, address contributor, uint256 minReleased) external;

    /// @notice Takes a validator's bid for a place. It counts from the round after the next one on, before the task's
    /// first round from that one on if it opens in a later block, and only once the validator is ready. Reverts with
    /// `Rounds_RosterFull` if all 64 places are taken and none by a smaller weight. Only Tasks.
    /// @param taskId the task
    /// @param validator who joins
    /// @param stakeAmount ASSAY wei reserved for the task
    /// @return firstRound the next round, which is the first that what it commits to in Tasks counts for
    function admitValidator(uint64 taskId, address validator, uint256 stakeAmount) external returns (uint32 firstRound);

    /// @notice Updates the bid of a validator that reserved more stake. With a place in the roster it counts at the next
    /// opening; without one it is a new bid. Reverts with `Rounds_NotInRoster` if the validator has left. Only Tasks.
    /// @param taskId the task
    /// @param validator who raised its stake
    /// @param stakeAmount ASSAY wei reserved for the task now
    function raiseStake(uint64 taskId, address validator, uint256 stakeAmount) external;

    /// @notice Takes away a validator's bid, or its place in the next roster. Reverts with `Rounds_NotInRoster` or
    /// `Rounds_PlaceBound`. Only Tasks.
    /// @param taskId the task
    /// @param validator who leaves
    /// @return isReleasable whether nothing can draw it any more and its last round is final
    function dismissValidator(uint64 taskId, address validator) external returns (bool isReleasable);

    /// @notice Reverts while the validator bids for a place or can still be drawn (`Rounds_StillDrawn`) and until its
    /// last round is final (`Rounds_NotFinal`).
    /// @param taskId the task
    /// @param validator who left
    function requireReleasable(uint64 taskId, address validator) external view;

    /// @notice Announces the root of a new pool. It takes the place of an announced one of which the first round comes
    /// next, and for which nobody is ready any more; before that it reverts with `Rounds_PoolPending`. Reverts with
    /// `Rounds_SamePool` if it is the current one, and with `Rounds_AllRoundsDone` if no round is left for it. Only
    /// Tasks.
    /// @param taskId the task
    /// @param poolRoot its Merkle root, not zero
    /// @return firstRound the round after the next one, for which it is the current pool
    function announcePool(uint64 taskId, bytes32 poolRoot) external returns (uint32 firstRound);
}
