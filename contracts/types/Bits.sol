// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Fields of a packed word
/// @notice The words of Rounds are packed by hand: the compiler's structs read and write field by field, which costs a settled update
/// a quarter more.
///
/// An amount of wei that its field has no room for is refused: none is ever cut or spills into its neighbour. Other numbers have a bound that keeps them in their field, which the word says.
library Bits {
    /// @notice An amount is larger than its field: a bug, since what a task can be funded with fits.
    /// @param value that was to be written
    /// @param bits of the field
    error Bits_DoesNotFit(uint256 value, uint256 bits);

    /// @notice Refuses what doesn't fit.
    /// @param value to be written
    /// @param width bits of its field, 1…255
    /// @return the value
    function fit(uint256 value, uint256 width) internal pure returns (uint256) {
        if (value >> width != 0) refuse(value, width);
        return value;
    }

    /// @notice Reverts. What is written for every update of a round compares in place, which is a third of {fit}'s gas, and calls this.
    /// @param value that doesn't fit
    /// @param width bits of its field
    function refuse(uint256 value, uint256 width) internal pure {
        revert Bits_DoesNotFit(value, width);
    }

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
