// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Which places of the next roster are taken or changed, and which candidates wait for one; one bit each.
type RosterWord is uint256;

using RosterWordLibrary for RosterWord global;

/// @title Reads and writes a {RosterWord}
/// @notice Layout, the lowest bits first; twin: ROSTER_WORD in `sdk/protocol/words.ts`. Places are 0…63 in the roster;
/// candidates have the places 64…79 behind them.
library RosterWordLibrary {
    /// Places of the roster.
    uint256 internal constant PLACES = 64;
    /// Candidates that can wait for a place.
    uint256 internal constant CANDIDATES = 16;

    /// Places of the roster and of candidates that are taken.
    uint256 private constant TAKEN_OFFSET = 0;
    uint256 private constant TAKEN_BITS = 80;
    /// Places of the roster that differ from the frozen one.
    uint256 private constant CHANGED_OFFSET = 80;
    uint256 private constant CHANGED_BITS = 64;

    /// @dev Whether every place of the roster is taken.
    function isFull(RosterWord self) internal pure returns (bool) {
        return uint64(RosterWord.unwrap(self) >> TAKEN_OFFSET) == type(uint64).max;
    }

    /// @dev Whether nobody waits for a place.
    function hasNoCandidates(RosterWord self) internal pure returns (bool) {
        return uint16(RosterWord.unwrap(self) >> (TAKEN_OFFSET + PLACES)) == 0;
    }

    /// @dev Whether as many wait for a place as can.
    function areCandidatesFull(RosterWord self) internal pure returns (bool) {
        return uint16(RosterWord.unwrap(self) >> (TAKEN_OFFSET + PLACES)) == type(uint16).max;
    }

    function isTaken(RosterWord self, uint256 place) internal pure returns (bool) {
        return (RosterWord.unwrap(self) >> (TAKEN_OFFSET + place)) & 1 == 1;
    }

    /// @dev The set of places that changed, bit 0 for place 0.
    function changed(RosterWord self) internal pure returns (uint256) {
        return uint64(RosterWord.unwrap(self) >> CHANGED_OFFSET);
    }

    /// @dev The lowest free place from `start` on. There must be one.
    function firstFree(RosterWord self, uint256 start) internal pure returns (uint256 place) {
        place = start;
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

    /// @dev The word with the place marked as changed. A candidate's place isn't part of the roster.
    function withChanged(RosterWord self, uint256 place) internal pure returns (RosterWord) {
        return place >= PLACES ? self : withAllChanged(self, 1 << place);
    }

    /// @dev The word with a set of places of the roster marked as changed.
    function withAllChanged(RosterWord self, uint256 places) internal pure returns (RosterWord) {
        return RosterWord.wrap(RosterWord.unwrap(self) | (uint256(uint64(places)) << CHANGED_OFFSET));
    }

    /// @dev The word without changed places, after the roster was frozen.
    function withoutChanges(RosterWord self) internal pure returns (RosterWord) {
        return RosterWord.wrap(RosterWord.unwrap(self) & ~(uint256(type(uint64).max) << CHANGED_OFFSET));
    }
}
