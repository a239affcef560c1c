// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Fields of a packed word
/// @notice The words of Rounds are packed by hand: the compiler's structs read and write field by field, which costs a settled update
/// a quarter more.
library Bits {
    /// @notice `word` with `value` in its `width` bits from `offset` on. Bits of `value` beyond `width` are cut off, so that a field can
    /// never spill into its neighbour.
    /// @param word to change
    /// @param offset lowest bit of the field
    /// @param width bits of the field, 1…255
    /// @param value of the field
    /// @return the new word
    function put(uint256 word, uint256 offset, uint256 width, uint256 value) internal pure returns (uint256) {
        // width < 256 in every use.
        unchecked {
            uint256 mask = ((1 << width) - 1) << offset;
            return (word & ~mask) | ((value << offset) & mask);
        }
    }
}
