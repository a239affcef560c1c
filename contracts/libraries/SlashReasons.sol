// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Why stake is slashed
/// @notice The reasons in the event `Slashed`, as left-aligned text. The sdk decodes them:
/// `sdk/protocol/slash-reasons.ts`.
library SlashReasons {
    /// A drawn seat did not reveal, or a root seat did not vote.
    bytes32 internal constant MISSED_DUTY = "missed duty";
    /// A contributor did not post the fields of its commitment in time.
    bytes32 internal constant OPENING_WITHHELD = "opening withheld";
    /// A contributor committed to a state that training doesn't give.
    bytes32 internal constant FALSE_STEP = "false step";
    /// A contributor did not give a drawn window to those who were drawn to read it.
    bytes32 internal constant WINDOW_WITHHELD = "window withheld";
    /// Not a fault: a contributor's half of what it cost to read a window of its own that it says it had given.
    bytes32 internal constant READING_FEE = "reading fee";
    /// A validator's quality or rarity isn't what its draws give.
    bytes32 internal constant FALSE_SCORE = "false score";
    /// A validator claimed to have replayed a window that is false.
    bytes32 internal constant FALSE_PASS = "false pass";
    /// A validator voted for an aggregate that the rule doesn't give.
    bytes32 internal constant FALSE_AGGREGATE = "false aggregate";
    /// A validator voted for a model that the rule doesn't give.
    bytes32 internal constant FALSE_MODEL = "false model";
    /// A validator scored an update that nobody can get, and did not say where it is.
    bytes32 internal constant UPDATE_UNAVAILABLE = "update unavailable";
    /// A validator signed two values for one slot.
    bytes32 internal constant TWO_STATEMENTS = "two statements";
    /// A juror did not reveal its vote.
    bytes32 internal constant SILENT_JUROR = "silent juror";
    /// A juror reported another value than the last panel.
    bytes32 internal constant WRONG_JUROR = "wrong juror";
}
