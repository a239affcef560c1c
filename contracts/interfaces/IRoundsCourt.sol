// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsEvidence} from "./IRoundsEvidence.sol";

/// @title What the court reads and calls
/// @notice What cases do to earnings and models; {IRoundsEvidence} is what they are proven with. See {IRounds}.
///
/// What only the court may call never reverts but for too little gas, for a task that exists: what can't be done any
/// more does nothing and emits so. Only `seize` refuses, more than 65,535 open cases against one account in a task.
interface IRoundsCourt is IRoundsEvidence {
    // ---- earnings: only the court

    /// @notice Opens a case against an account: its pay in this task that hasn't matured moves to a bucket, and what is
    /// held or will be released from held pay stays there until the last open case ends. Matured pay is never touched,
    /// and neither is other pay credited later, unless another case is opened.
    /// @param taskId the task
    /// @param account contributor or validator
    function seize(uint64 taskId, address account) external;

    /// @notice Ends a case without a penalty. With the last open case the account gets all back, as if it had never been
    /// seized: each part matures when it would have, and at once if that time has passed.
    /// @param taskId the task
    /// @param account contributor or validator
    function restore(uint64 taskId, address account) external;

    /// @notice Ends a case with a penalty: what is in the bucket, and all held pay, goes back to the task. Later
    /// penalties find only what was seized since. {returnForfeited} moves the tokens to the escrow. Called after the slash:
    /// a validator's weight in the next roster becomes that of the stake which is left.
    /// @param taskId the task
    /// @param account contributor or validator
    /// @return amount reward wei forfeited
    /// @return cases that are still open against the account in this task
    function forfeit(uint64 taskId, address account) external returns (uint256 amount, uint256 cases);

    // ---- the model: only the court

    /// @notice Undoes a round and all that followed from it: the next round that opens trains from the model that
    /// `round` trained from. Does nothing if an earlier roll-back undoes or undid that round. Of several roll-backs
    /// before an opening the one of the earliest round counts. Pay isn't touched.
    /// @param taskId the task
    /// @param round the round with the false model
    /// @param baseModelHash model that `round` trained from; the court has checked it against the record
    function rollBackModel(uint64 taskId, uint32 round, bytes32 baseModelHash) external;

    // ---- anyone

    /// @notice Moves forfeited pay to the escrow, as funds of the task. Anyone. Reverts with
    /// `Rounds_NothingForfeited`, and with the token's error if it refuses.
    /// @param taskId the task
    /// @return amount reward wei moved
    function returnForfeited(uint64 taskId) external returns (uint256 amount);
}
