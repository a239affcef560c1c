// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// A validator.
type ValidatorWord is uint256;

using ValidatorWordLibrary for ValidatorWord global;

/// @title Reads and writes a {ValidatorWord}
/// @notice Layout, the lowest bits first; twin: VALIDATOR_WORD in `sdk/protocol/words.ts`.
library ValidatorWordLibrary {
    using Bits for uint256;

    /// Place in the frozen roster + 1, 0 without one.
    uint256 private constant FROZEN_PLACE_OFFSET = 0;
    uint256 private constant FROZEN_PLACE_BITS = 8;
    /// Place in the next roster + 1, 0 without one.
    uint256 private constant NEXT_PLACE_OFFSET = 8;
    uint256 private constant NEXT_PLACE_BITS = 8;
    /// Decayed duties, in 1/256 of one. A sum is at most 2,048 × the most duties of a round + 7 ({Reputation.decayedSum}): 526,343 < 2²⁴.
    uint256 private constant DUTY_SUM_OFFSET = 16;
    uint256 private constant DUTY_SUM_BITS = 24;
    /// Decayed duties done in time, in 1/256 of one.
    uint256 private constant DONE_SUM_OFFSET = 40;
    uint256 private constant DONE_SUM_BITS = 24;
    /// Duties ever, counted up to 65,535.
    uint256 private constant DUTY_TOTAL_OFFSET = 64;
    uint256 private constant DUTY_TOTAL_BITS = 16;
    /// Last ten rounds with duties, a bit a round, the latest the lowest; 1 = missed.
    uint256 private constant HISTORY_OFFSET = 80;
    uint256 private constant HISTORY_BITS = 16;
    /// Round of the tally, which is the next three. Two draws of 128 cohorts and the root make at most 257 duties and 4,096 entries.
    uint256 private constant TALLY_ROUND_OFFSET = 96;
    uint256 private constant TALLY_ROUND_BITS = 32;
    uint256 private constant DUTIES_OFFSET = 128;
    uint256 private constant DUTIES_BITS = 16;
    uint256 private constant DONE_OFFSET = 144;
    uint256 private constant DONE_BITS = 16;
    /// Accurate entries.
    uint256 private constant ENTRIES_OFFSET = 160;
    uint256 private constant ENTRIES_BITS = 16;
    /// Unix seconds from which it may give up its place in the next roster; 0 when it took the place from nobody.
    uint256 private constant BOUND_UNTIL_OFFSET = 176;
    uint256 private constant BOUND_UNTIL_BITS = 40;
    /// Unix seconds at which the last round is final that drew from a frozen roster with it; of who has dropped out of the frozen roster.
    uint256 private constant RELEASE_AT_OFFSET = 216;
    uint256 private constant RELEASE_AT_BITS = 40;

    /// The tally of a round: 32 + 16 + 16 + 16 bits.
    uint256 private constant TALLY_MASK = uint256(type(uint80).max) << TALLY_ROUND_OFFSET;

    function frozenPlace(ValidatorWord self) internal pure returns (uint256) {
        return uint8(ValidatorWord.unwrap(self) >> FROZEN_PLACE_OFFSET);
    }

    function nextPlace(ValidatorWord self) internal pure returns (uint256) {
        return uint8(ValidatorWord.unwrap(self) >> NEXT_PLACE_OFFSET);
    }

    function dutySum(ValidatorWord self) internal pure returns (uint256) {
        return uint24(ValidatorWord.unwrap(self) >> DUTY_SUM_OFFSET);
    }

    function doneSum(ValidatorWord self) internal pure returns (uint256) {
        return uint24(ValidatorWord.unwrap(self) >> DONE_SUM_OFFSET);
    }

    function dutyTotal(ValidatorWord self) internal pure returns (uint256) {
        return uint16(ValidatorWord.unwrap(self) >> DUTY_TOTAL_OFFSET);
    }

    function history(ValidatorWord self) internal pure returns (uint256) {
        return uint16(ValidatorWord.unwrap(self) >> HISTORY_OFFSET);
    }

    /// @dev The missed rounds of the last ones with duties: the size of the set that `history` is.
    function missedRounds(ValidatorWord self) internal pure returns (uint256 count) {
        for (uint256 set = history(self); set != 0; set &= set - 1) ++count;
    }

    function tallyRound(ValidatorWord self) internal pure returns (uint32) {
        return uint32(ValidatorWord.unwrap(self) >> TALLY_ROUND_OFFSET);
    }

    function duties(ValidatorWord self) internal pure returns (uint256) {
        return uint16(ValidatorWord.unwrap(self) >> DUTIES_OFFSET);
    }

    function done(ValidatorWord self) internal pure returns (uint256) {
        return uint16(ValidatorWord.unwrap(self) >> DONE_OFFSET);
    }

    function entries(ValidatorWord self) internal pure returns (uint256) {
        return uint16(ValidatorWord.unwrap(self) >> ENTRIES_OFFSET);
    }

    function boundUntil(ValidatorWord self) internal pure returns (uint256) {
        return uint40(ValidatorWord.unwrap(self) >> BOUND_UNTIL_OFFSET);
    }

    function releaseAt(ValidatorWord self) internal pure returns (uint256) {
        return uint40(ValidatorWord.unwrap(self) >> RELEASE_AT_OFFSET);
    }

    /// @dev The word of who has a place in the frozen roster; places count from 1.
    function withFrozenPlace(ValidatorWord self, uint256 place) internal pure returns (ValidatorWord) {
        return ValidatorWord.wrap(ValidatorWord.unwrap(self).put(FROZEN_PLACE_OFFSET, FROZEN_PLACE_BITS, place));
    }

    /// @dev The word of who has dropped out of the frozen roster, and when its last round is final, in unix seconds.
    function withoutFrozenPlace(ValidatorWord self, uint256 releaseAt_) internal pure returns (ValidatorWord) {
        uint256 word = ValidatorWord.unwrap(self).put(FROZEN_PLACE_OFFSET, FROZEN_PLACE_BITS, 0);
        return ValidatorWord.wrap(word.put(RELEASE_AT_OFFSET, RELEASE_AT_BITS, releaseAt_));
    }

    /// @dev The word of who has a place in the next roster, and until when it is bound to it, in unix seconds; places count from 1.
    function withNextPlace(
        ValidatorWord self,
        uint256 place,
        uint256 boundUntil_
    ) internal pure returns (ValidatorWord) {
        uint256 word = ValidatorWord.unwrap(self).put(NEXT_PLACE_OFFSET, NEXT_PLACE_BITS, place);
        return ValidatorWord.wrap(word.put(BOUND_UNTIL_OFFSET, BOUND_UNTIL_BITS, boundUntil_));
    }

    /// @dev The word of who has no place in the next roster, and so nothing that binds it.
    function withoutNextPlace(ValidatorWord self) internal pure returns (ValidatorWord) {
        return withNextPlace(self, 0, 0);
    }

    /// @dev One duty more in `round`; a tally of an earlier round starts again. A duty that is done brings `accurate` entries.
    function withDuty(
        ValidatorWord self,
        uint256 round,
        bool isDone,
        uint256 accurate
    ) internal pure returns (ValidatorWord) {
        uint256 word = ValidatorWord.unwrap(self);
        // The fields of the tally are wide enough: see there.
        unchecked {
            if (tallyRound(self) != round) word = (word & ~TALLY_MASK) | (round << TALLY_ROUND_OFFSET);
            uint256 fresh = isDone ? (1 << DONE_OFFSET) + (accurate << ENTRIES_OFFSET) : 0;
            return ValidatorWord.wrap(word + (1 << DUTIES_OFFSET) + fresh);
        }
    }

    /// @dev The word with new sums after a round with duties; `dutyTotal_` is counted up to 65,535, `history_` has ten bits.
    function withSums(
        ValidatorWord self,
        uint256 dutySum_,
        uint256 doneSum_,
        uint256 dutyTotal_,
        uint256 history_
    ) internal pure returns (ValidatorWord) {
        uint256 word = ValidatorWord.unwrap(self).put(DUTY_SUM_OFFSET, DUTY_SUM_BITS, dutySum_);
        word = word.put(DONE_SUM_OFFSET, DONE_SUM_BITS, doneSum_);
        word = word.put(DUTY_TOTAL_OFFSET, DUTY_TOTAL_BITS, dutyTotal_);
        return ValidatorWord.wrap(word.put(HISTORY_OFFSET, HISTORY_BITS, history_));
    }
}
