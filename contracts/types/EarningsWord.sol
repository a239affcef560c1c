// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// Unclaimed earnings of an account.
///
/// Pay credited in an epoch becomes claimable at the start of the second epoch after it. It matures after one to two
/// epochs, never before its round is final ({RoundTermsWordLibrary.epochSeconds}). No state is kept per round.
type EarningsWord is uint256;

using EarningsWordLibrary for EarningsWord global;

/// @title Reads and rolls an {EarningsWord}
/// @notice Layout, the lowest bits first; twin: EARNINGS_WORD in `sdk/protocol/words.ts`.
library EarningsWordLibrary {
    using Bits for uint256;

    /// Matured reward wei. The next two fields are in reward wei too.
    uint256 private constant CLAIMABLE_OFFSET = 0;
    uint256 private constant CLAIMABLE_BITS = 80;
    /// Credited in the epoch of the word.
    uint256 private constant CURRENT_OFFSET = 80;
    uint256 private constant CURRENT_BITS = 80;
    /// Credited in the epoch before that.
    uint256 private constant PREVIOUS_OFFSET = 160;
    uint256 private constant PREVIOUS_BITS = 80;
    /// Number of the epoch since 1970, modulo 2¹⁶.
    uint256 private constant EPOCH_OFFSET = 240;
    uint256 private constant EPOCH_BITS = 16;

    /// Both buckets that have not matured: 80 + 80 bits.
    uint256 private constant PENDING_MASK = uint256(type(uint160).max) << CURRENT_OFFSET;

    function isNone(EarningsWord self) internal pure returns (bool) {
        return EarningsWord.unwrap(self) == 0;
    }

    function claimable(EarningsWord self) internal pure returns (uint256) {
        return uint80(EarningsWord.unwrap(self) >> CLAIMABLE_OFFSET);
    }

    function current(EarningsWord self) internal pure returns (uint256) {
        return uint80(EarningsWord.unwrap(self) >> CURRENT_OFFSET);
    }

    function previous(EarningsWord self) internal pure returns (uint256) {
        return uint80(EarningsWord.unwrap(self) >> PREVIOUS_OFFSET);
    }

    /// @dev The epoch of the word.
    function lastEpoch(EarningsWord self) internal pure returns (uint256) {
        return uint16(EarningsWord.unwrap(self) >> EPOCH_OFFSET);
    }

    /// @dev The word moved on to `epoch`. Epochs count modulo 2¹⁶: buckets left alone for exactly 65,536 or 65,537
    /// epochs mature one or two epochs later. Reverts if the matured sum doesn't fit; it always does, because all
    /// funding of a task is below 2⁸⁰ wei.
    function rolled(EarningsWord self, uint256 epoch) internal pure returns (EarningsWord) {
        uint256 word = EarningsWord.unwrap(self);
        // The difference is meant to wrap; a sum of three 80-bit amounts can't.
        unchecked {
            uint256 passed = uint16(epoch - (word >> EPOCH_OFFSET));
            if (passed == 0) return self;

            uint256 matured = uint256(uint80(word >> CLAIMABLE_OFFSET)) + uint80(word >> PREVIOUS_OFFSET);
            uint256 latest = uint80(word >> CURRENT_OFFSET);
            if (passed != 1) (matured, latest) = (matured + latest, 0);
            if (matured >> CLAIMABLE_BITS != 0) Bits.refuse(matured, CLAIMABLE_BITS);
            return EarningsWord.wrap(matured | (latest << PREVIOUS_OFFSET) | (epoch << EPOCH_OFFSET));
        }
    }

    /// @dev The word moved on to `epoch`, with `amount` wei credited there. Reverts if the amount or the sum doesn't
    /// fit.
    function credited(EarningsWord self, uint256 epoch, uint256 amount) internal pure returns (EarningsWord) {
        uint256 word = EarningsWord.unwrap(rolled(self, epoch));
        // The sum wraps only if the amount alone doesn't fit. A sum that fits carries nothing into the next bucket.
        unchecked {
            uint256 total = amount + uint80(word >> CURRENT_OFFSET);
            if ((amount | total) >> CURRENT_BITS != 0) Bits.refuse(total < amount ? amount : total, CURRENT_BITS);
            return EarningsWord.wrap(word + (amount << CURRENT_OFFSET));
        }
    }

    /// @dev Reward wei of both buckets that have not matured.
    function pending(EarningsWord self) internal pure returns (uint256) {
        return current(self) + previous(self);
    }

    /// @dev The word with only what has not matured.
    function onlyPending(EarningsWord self) internal pure returns (EarningsWord) {
        return EarningsWord.wrap((EarningsWord.unwrap(self) >> CURRENT_OFFSET) << CURRENT_OFFSET);
    }

    /// @dev The word with only what has matured. If nothing has, it is zero, like after a claim.
    function onlyMatured(EarningsWord self) internal pure returns (EarningsWord) {
        return
            claimable(self) == 0 ? EarningsWord.wrap(0) : EarningsWord.wrap(EarningsWord.unwrap(self) & ~PENDING_MASK);
    }

    /// @dev The sum of two words that were moved on to `epoch`, bucket by bucket. Reverts if a sum doesn't fit; it
    /// always does, because all funding of a task is below 2⁸⁰ wei.
    function plus(EarningsWord self, EarningsWord other, uint256 epoch) internal pure returns (EarningsWord) {
        uint256 word = (claimable(self) + claimable(other)).fit(CLAIMABLE_BITS) << CLAIMABLE_OFFSET;
        word |= (current(self) + current(other)).fit(CURRENT_BITS) << CURRENT_OFFSET;
        word |= (previous(self) + previous(other)).fit(PREVIOUS_BITS) << PREVIOUS_OFFSET;
        return EarningsWord.wrap(word | (epoch << EPOCH_OFFSET));
    }

    /// @dev Unix seconds at which the next bucket matures, 0 if both are empty. The word must be moved on to the epoch
    /// of `time`, in unix seconds.
    function nextMaturity(EarningsWord self, uint256 epochSeconds, uint256 time) internal pure returns (uint256) {
        if (previous(self) == 0 && current(self) == 0) return 0;
        return (time / epochSeconds + (previous(self) != 0 ? 1 : 2)) * epochSeconds;
    }

    /// @dev The word after a claim. If nothing is left it is zero, which refunds its storage slot.
    function claimed(EarningsWord self) internal pure returns (EarningsWord) {
        uint256 rest = (EarningsWord.unwrap(self) >> CURRENT_OFFSET) << CURRENT_OFFSET;
        return EarningsWord.wrap(rest & PENDING_MASK == 0 ? 0 : rest);
    }
}
