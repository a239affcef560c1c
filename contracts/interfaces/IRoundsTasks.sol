// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "./ITasks.sol";

/// @title What Tasks calls
/// @notice New tasks, and the people whom Tasks lets in and out. See {IRounds}.
interface IRoundsTasks {
    /// @notice Copies what settlement needs of a new task. Only Tasks.
    /// @param taskId the task
    /// @param params checked by Tasks
    function registerTask(uint64 taskId, ITasks.TaskParams calldata params) external;

    /// @notice Lets a contributor in, from the next round on; reputation and record of an earlier enrolment stay. Only Tasks.
    /// @param taskId the task
    /// @param contributor who enrols
    /// @param dataUnits D, capped by the task's limit
    function admitContributor(uint64 taskId, address contributor, uint32 dataUnits) external;

    /// @notice Ends an enrolment; reverts with `Rounds_NotFinal` until the contributor's last round is final. Held pay of who isn't flagged
    /// is released when the task is closed, when it has had no round for 14 days since its last one was final, or after its last round to
    /// whoever was not settled in that although it submitted, or could not have submitted; else it is cancelled. Only Tasks.
    /// @param taskId the task
    /// @param contributor who leaves
    function dismissContributor(uint64 taskId, address contributor) external;

    /// @notice Gives a validator a place in the next roster, by stake when all 64 are taken. Who takes another's place keeps it for as long
    /// as a whole round and its challenge window may last. Only Tasks.
    /// @param taskId the task
    /// @param validator who joins
    /// @param stakeAmount ASSAY wei reserved for the task
    /// @return outbid the validator whose place is taken from the next round on, or zero
    function admitValidator(uint64 taskId, address validator, uint256 stakeAmount) external returns (address outbid);

    /// @notice Takes a validator's place in the next roster away. Only Tasks. Reverts with `Rounds_NotInRoster` or `Rounds_PlaceBound`.
    /// @param taskId the task
    /// @param validator who leaves
    function dismissValidator(uint64 taskId, address validator) external;

    /// @notice Reverts until no draw holds the validator (`Rounds_StillDrawn`) and its last round is final (`Rounds_NotFinal`).
    /// @param taskId the task
    /// @param validator who left
    function requireReleasable(uint64 taskId, address validator) external view;
}
