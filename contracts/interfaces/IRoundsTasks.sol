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
    function admitContributor(uint64 taskId, address contributor, uint32 dataUnits) external;

    /// @notice Ends an enrolment. Reverts with `Rounds_NotFinal` until the first round that counted it and the
    /// contributor's last round are final, and with `Rounds_EnrolmentBound` for as long as a round may still count it:
    /// until a whole round and its challenge window would be over, or the task is closed and no round is open. Held pay
    /// of a contributor that isn't flagged is released in these cases: the task is closed; it has had no round for 14
    /// days since its last one became final; or its last possible round is over, and the contributor submitted but was
    /// not settled in it, or could not submit to it. Otherwise held pay is cancelled. Only Tasks.
    /// @param taskId the task
    /// @param contributor who leaves
    function dismissContributor(uint64 taskId, address contributor) external;

    /// @notice Gives a validator a place in the next roster. If all 64 are taken, a higher stake takes the place with
    /// the smallest one. A place taken from another validator must be kept for as long as a whole round and its
    /// challenge window may last. Only Tasks.
    /// @param taskId the task
    /// @param validator who joins
    /// @param stakeAmount ASSAY wei reserved for the task
    /// @return outbid the validator that loses its place from the next round on, or zero
    function admitValidator(uint64 taskId, address validator, uint256 stakeAmount) external returns (address outbid);

    /// @notice Takes away a validator's place in the next roster. Reverts with `Rounds_NotInRoster` or
    /// `Rounds_PlaceBound`. Only Tasks.
    /// @param taskId the task
    /// @param validator who leaves
    function dismissValidator(uint64 taskId, address validator) external;

    /// @notice Reverts while the validator can still be drawn (`Rounds_StillDrawn`) and until its last round is final
    /// (`Rounds_NotFinal`).
    /// @param taskId the task
    /// @param validator who left
    function requireReleasable(uint64 taskId, address validator) external view;
}
