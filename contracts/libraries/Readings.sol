// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What readers of a window say
/// @notice Readers are a panel of three. Like jurors they commit to what they say with a witness, here of the evidence
/// that they got. Besides these two values they say {IJury.CANNOT_EXECUTE}, or {IJury.EVIDENCE_MISSING} of a window that
/// is withheld from them; anything else counts as good.
library Readings {
    /// The evidence came in time and ends in the committed state.
    bytes32 internal constant GOOD = bytes32(uint256(4));
    /// The evidence came in time, is proven against the commitment, and ends in another state. What isn't proven counts as
    /// missing: else whoever sends something else would have neither a penalty nor a case about the step.
    bytes32 internal constant DIFFERS = bytes32(uint256(5));
    /// In the context of a case: two of the seats that had to read the window say that it was withheld from them.
    bytes32 internal constant SAID_BY_TWO = bytes32(uint256(1));
    /// The instance of a panel of readers.
    uint256 internal constant INSTANCE = 3;
    /// Seats of a panel of readers.
    uint256 internal constant SEATS = 3;
}
