// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// Held pay of a contributor, and the rounds that it was held in.
///
/// The word never returns to zero, so that a contributor's later holds don't pay for a fresh storage slot again.
type HeldWord is uint256;

using HeldWordLibrary for HeldWord global;

/// @title Reads and changes a {HeldWord}
/// @notice Layout, the lowest bits first; twin: HELD_WORD in `sdk/protocol/words.ts`.
library HeldWordLibrary {
    /// Held reward wei.
    uint256 private constant AMOUNT_OFFSET = 0;
    uint256 private constant AMOUNT_BITS = 80;
    /// Round in which it last changed.
    uint256 private constant ROUND_OFFSET = 80;
    uint256 private constant ROUND_BITS = 32;
    /// Set of the rounds that pay is held of: bit i for the round i before that one. Pay of still earlier rounds stays
    /// held, but the final audit doesn't draw them.
    uint256 private constant ROUNDS_OFFSET = 112;
    uint256 private constant ROUNDS_BITS = 128;

    /// @dev The word with nothing held. A round has 32 bits.
    function empty(uint256 round_) internal pure returns (HeldWord) {
        return HeldWord.wrap(round_ << ROUND_OFFSET);
    }

    function amount(HeldWord self) internal pure returns (uint256) {
        return uint80(HeldWord.unwrap(self) >> AMOUNT_OFFSET);
    }

    function round(HeldWord self) internal pure returns (uint256) {
        return uint32(HeldWord.unwrap(self) >> ROUND_OFFSET);
    }

    function rounds(HeldWord self) internal pure returns (uint256) {
        return uint128(HeldWord.unwrap(self) >> ROUNDS_OFFSET);
    }

    /// @dev The word with `added` wei more, held of `round_`, which comes after the word's round. Reverts if the sum
    /// doesn't fit.
    function withMore(HeldWord self, uint256 added, uint256 round_) internal pure returns (HeldWord) {
        uint256 total = amount(self) + added;
        if (total >> AMOUNT_BITS != 0) Bits.refuse(total, AMOUNT_BITS);
        // A shift by 256 or more gives 0.
        uint256 set = uint128(rounds(self) << (round_ - round(self))) | 1;
        return HeldWord.wrap((total << AMOUNT_OFFSET) | (round_ << ROUND_OFFSET) | (set << ROUNDS_OFFSET));
    }

    /// @dev Number of rounds in the set, 0…128.
    function roundCount(HeldWord self) internal pure returns (uint256 count) {
        // Each step clears the lowest bit that is set.
        unchecked {
            for (uint256 set = rounds(self); set != 0; set &= set - 1) ++count;
        }
    }
}
