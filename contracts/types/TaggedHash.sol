// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The low 224 bits of a hash, tagged with its round: a value that an earlier round left in a storage slot can't pass
/// for this round's.
type TaggedHash is uint256;

using TaggedHashLibrary for TaggedHash global;

/// @title Reads and packs a {TaggedHash}
/// @notice Layout, the lowest bits first; twin: TAGGED_HASH in `sdk/protocol/words.ts`.
library TaggedHashLibrary {
    uint256 private constant HASH_OFFSET = 0;
    uint256 private constant HASH_BITS = 224;
    uint256 private constant ROUND_OFFSET = 224;
    uint256 private constant ROUND_BITS = 32;

    function pack(uint32 round_, bytes32 hash_) internal pure returns (TaggedHash) {
        return TaggedHash.wrap((uint256(uint224(uint256(hash_))) << HASH_OFFSET) | (uint256(round_) << ROUND_OFFSET));
    }

    function round(TaggedHash self) internal pure returns (uint256) {
        return TaggedHash.unwrap(self) >> ROUND_OFFSET;
    }

    function hash(TaggedHash self) internal pure returns (uint224) {
        return uint224(TaggedHash.unwrap(self) >> HASH_OFFSET);
    }

    /// @dev The hash if it belongs to `round_`, else 0.
    function hashOf(TaggedHash self, uint32 round_) internal pure returns (uint224) {
        return round(self) == round_ ? hash(self) : 0;
    }

    /// @dev The word as stored, for errors that show it.
    function raw(TaggedHash self) internal pure returns (bytes32) {
        return bytes32(TaggedHash.unwrap(self));
    }
}
