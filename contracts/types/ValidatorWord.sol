// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// What a task records of a validator.
type ValidatorWord is uint256;

using ValidatorWordLibrary for ValidatorWord global;

/// @title Reads and writes a {ValidatorWord}
/// @notice Layout, the lowest bits first; twin: VALIDATOR_WORD in `sdk/protocol/words.ts`.
library ValidatorWordLibrary {
    using Bits for uint256;

    /// Place in the frozen roster + 1, 0 for none.
    uint256 private constant FROZEN_PLACE_OFFSET = 0;
    uint256 private constant FROZEN_PLACE_BITS = 8;
    /// Place in the next roster + 1, 0 for none; from 65 on it is a candidate's.
    uint256 private constant NEXT_PLACE_OFFSET = 8;
    uint256 private constant NEXT_PLACE_BITS = 8;
    /// Decayed sum of duties, in 1/256 of a duty. It is at most 2,048 × the most duties of a round + 7
    /// ({Reputation.decayedSum}): 526,343 < 2²⁴.
    uint256 private constant DUTY_SUM_OFFSET = 16;
    uint256 private constant DUTY_SUM_BITS = 24;
    /// Decayed sum of duties done in time, in 1/256 of a duty.
    uint256 private constant DONE_SUM_OFFSET = 40;
    uint256 private constant DONE_SUM_BITS = 24;
    /// Duties ever, counted up to 65,535.
    uint256 private constant DUTY_TOTAL_OFFSET = 64;
    uint256 private constant DUTY_TOTAL_BITS = 16;
    /// The last ten rounds with duties, one bit a round, the latest in the lowest bit; 1 = missed.
    uint256 private constant HISTORY_OFFSET = 80;
    uint256 private constant HISTORY_BITS = 16;
    /// Round of the tally, which has the next three fields: duties, those done in time, and accurate entries. Two draws
    /// of 128 cohorts and the root make at most 257 duties and 4,096 entries.
    uint256 private constant TALLY_ROUND_OFFSET = 96;
    uint256 private constant TALLY_ROUND_BITS = 32;
    uint256 private constant DUTIES_OFFSET = 128;
    uint256 private constant DUTIES_BITS = 16;
    uint256 private constant DONE_OFFSET = 144;
    uint256 private constant DONE_BITS = 16;
    /// Accurate entries.
    uint256 private constant ENTRIES_OFFSET = 160;
    uint256 private constant ENTRIES_BITS = 16;
    /// Unix seconds until which the validator must keep its place in the next roster; 0 if it took the place from
    /// nobody and wants nobody's.
    uint256 private constant BOUND_UNTIL_OFFSET = 176;
    uint256 private constant BOUND_UNTIL_BITS = 40;
    /// Unix seconds at which the last round is final that could draw the validator. Set when it drops out of the frozen
    /// roster.
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

    /// @dev Number of missed rounds among the last ten with duties: the number of bits set in `history`.
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

    /// @dev The word with a place in the frozen roster, counted from 1.
    function withFrozenPlace(ValidatorWord self, uint256 place) internal pure returns (ValidatorWord) {
        return ValidatorWord.wrap(ValidatorWord.unwrap(self).put(FROZEN_PLACE_OFFSET, FROZEN_PLACE_BITS, place));
    }

    /// @dev The word without a place in the frozen roster, and the time at which its last round is final, in unix
    /// seconds.
    function withoutFrozenPlace(ValidatorWord self, uint256 releaseAt_) internal pure returns (ValidatorWord) {
        uint256 word = ValidatorWord.unwrap(self).put(FROZEN_PLACE_OFFSET, FROZEN_PLACE_BITS, 0);
        return ValidatorWord.wrap(word.put(RELEASE_AT_OFFSET, RELEASE_AT_BITS, releaseAt_));
    }

    /// @dev The word with a place in the next roster, counted from 1, and the time until which it must keep it, in unix
    /// seconds.
    function withNextPlace(
        ValidatorWord self,
        uint256 place,
        uint256 boundUntil_
    ) internal pure returns (ValidatorWord) {
        uint256 word = ValidatorWord.unwrap(self).put(NEXT_PLACE_OFFSET, NEXT_PLACE_BITS, place);
        return ValidatorWord.wrap(word.put(BOUND_UNTIL_OFFSET, BOUND_UNTIL_BITS, boundUntil_));
    }

    /// @dev The word without a place in the next roster, and without a time until which it must be kept.
    function withoutNextPlace(ValidatorWord self) internal pure returns (ValidatorWord) {
        return withNextPlace(self, 0, 0);
    }

    /// @dev The word with one more duty in `round`; a tally of an earlier round is cleared first. A duty that was done
    /// adds `accurate` entries.
    function withDuty(
        ValidatorWord self,
        uint256 round,
        bool isDone,
        uint256 accurate
    ) internal pure returns (ValidatorWord) {
        uint256 word = ValidatorWord.unwrap(self);
        // The fields are wide enough for any tally: see the layout.
        unchecked {
            if (tallyRound(self) != round) word = (word & ~TALLY_MASK) | (round << TALLY_ROUND_OFFSET);
            uint256 fresh = isDone ? (1 << DONE_OFFSET) + (accurate << ENTRIES_OFFSET) : 0;
            return ValidatorWord.wrap(word + (1 << DUTIES_OFFSET) + fresh);
        }
    }

    /// @dev The word with new sums after a round with duties. `dutyTotal_` is capped at 65,535, `history_` has ten
    /// bits.
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
