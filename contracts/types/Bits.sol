// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Fields of a packed word
/// @notice The words of Rounds are packed by hand: the compiler's structs read and write one field at a time, which
/// costs a settled update a quarter more gas.
///
/// An amount of wei that doesn't fit its field reverts: it is never truncated and never spills into the next field.
/// Other numbers have bounds that fit their fields; each word states them.
library Bits {
    /// @notice An amount doesn't fit its field. This is a bug: every amount that a task can be funded with fits.
    /// @param value to be written
    /// @param bits width of its field
    error Bits_DoesNotFit(uint256 value, uint256 bits);

    /// @notice Reverts with `Bits_DoesNotFit` unless the value fits.
    /// @param value to be written
    /// @param width bits of its field, 1…255
    /// @return the value
    function fit(uint256 value, uint256 width) internal pure returns (uint256) {
        if (value >> width != 0) refuse(value, width);
        return value;
    }

    /// @notice Reverts with `Bits_DoesNotFit`. Code that runs for every update compares in place, for a third of the
    /// gas of {fit}, and calls this.
    /// @param value that doesn't fit
    /// @param width bits of its field
    function refuse(uint256 value, uint256 width) internal pure {
        revert Bits_DoesNotFit(value, width);
    }

    /// @notice `word` with `value` in the `width` bits from `offset` on. Higher bits of `value` are cut off, so they
    /// can't spill into the next field.
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
