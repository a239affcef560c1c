// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Why stake is slashed
/// @notice The reasons in the event `Slashed`, as left-aligned text. The sdk decodes them:
/// `sdk/protocol/slash-reasons.ts`.
library SlashReasons {
    /// A drawn seat did not reveal, or a root seat did not vote.
    bytes32 internal constant MISSED_DUTY = "missed duty";
}
