// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// Held pay of a contributor.
///
/// The word never returns to zero, so that a contributor's later holds don't pay for a fresh storage slot again.
type HeldWord is uint256;

using HeldWordLibrary for HeldWord global;

/// @title Reads and packs a {HeldWord}
/// @notice Layout, the lowest bits first; twin: HELD_WORD in `sdk/protocol/words.ts`.
library HeldWordLibrary {
    /// Held reward wei.
    uint256 private constant AMOUNT_OFFSET = 0;
    uint256 private constant AMOUNT_BITS = 80;
    /// Round in which it last changed.
    uint256 private constant ROUND_OFFSET = 80;
    uint256 private constant ROUND_BITS = 32;

    /// @dev Reverts if the amount doesn't fit. A round has 32 bits.
    function pack(uint256 amount_, uint256 round_) internal pure returns (HeldWord) {
        if (amount_ >> AMOUNT_BITS != 0) Bits.refuse(amount_, AMOUNT_BITS);
        return HeldWord.wrap((amount_ << AMOUNT_OFFSET) | (round_ << ROUND_OFFSET));
    }

    /// @dev The word with nothing held.
    function empty(uint256 round_) internal pure returns (HeldWord) {
        return HeldWord.wrap(round_ << ROUND_OFFSET);
    }

    function amount(HeldWord self) internal pure returns (uint256) {
        return uint80(HeldWord.unwrap(self) >> AMOUNT_OFFSET);
    }
}
