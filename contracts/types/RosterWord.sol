// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Two sets of places of the next roster, one bit a place.
type RosterWord is uint256;

using RosterWordLibrary for RosterWord global;

/// @title Reads and writes a {RosterWord}
/// @notice Layout, the lowest bits first; twin: ROSTER_WORD in `sdk/protocol/words.ts`. A place is below 64.
library RosterWordLibrary {
    /// Places that are taken.
    uint256 private constant TAKEN_OFFSET = 0;
    uint256 private constant TAKEN_BITS = 64;
    /// Places that differ from the frozen roster.
    uint256 private constant CHANGED_OFFSET = 64;
    uint256 private constant CHANGED_BITS = 64;

    /// @dev Whether every place is taken.
    function isFull(RosterWord self) internal pure returns (bool) {
        return uint64(RosterWord.unwrap(self) >> TAKEN_OFFSET) == type(uint64).max;
    }

    function isTaken(RosterWord self, uint256 place) internal pure returns (bool) {
        return (RosterWord.unwrap(self) >> (TAKEN_OFFSET + place)) & 1 == 1;
    }

    /// @dev The set of places that changed, bit 0 for place 0.
    function changed(RosterWord self) internal pure returns (uint256) {
        return uint64(RosterWord.unwrap(self) >> CHANGED_OFFSET);
    }

    /// @dev The lowest free place. There must be one.
    function firstFree(RosterWord self) internal pure returns (uint256 place) {
        while (isTaken(self, place)) ++place;
    }

    /// @dev The word with the place taken.
    function withTaken(RosterWord self, uint256 place) internal pure returns (RosterWord) {
        return withChanged(RosterWord.wrap(RosterWord.unwrap(self) | (1 << (TAKEN_OFFSET + place))), place);
    }

    /// @dev The word with the place free.
    function withFree(RosterWord self, uint256 place) internal pure returns (RosterWord) {
        return withChanged(RosterWord.wrap(RosterWord.unwrap(self) & ~(1 << (TAKEN_OFFSET + place))), place);
    }

    /// @dev The word with the place marked as changed.
    function withChanged(RosterWord self, uint256 place) internal pure returns (RosterWord) {
        return RosterWord.wrap(RosterWord.unwrap(self) | (1 << (CHANGED_OFFSET + place)));
    }

    /// @dev The word without changed places, after the roster was frozen.
    function withoutChanges(RosterWord self) internal pure returns (RosterWord) {
        return RosterWord.wrap(RosterWord.unwrap(self) & (uint256(type(uint64).max) << TAKEN_OFFSET));
    }
}
