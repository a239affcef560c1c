// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// The current or last round of a task.
type RoundWord is uint256;

using RoundWordLibrary for RoundWord global;

/// @title Reads and writes a {RoundWord}
/// @notice Layout, the lowest bits first; twin: ROUND_WORD in `sdk/protocol/words.ts`.
library RoundWordLibrary {
    using Bits for uint256;

    // ---- states of a round

    uint256 internal constant IDLE = 0;
    uint256 internal constant SUBMIT = 1;
    uint256 internal constant SEALING = 2;
    uint256 internal constant SCORING = 3;
    uint256 internal constant AGGREGATING = 4;
    /// Every root seat has voted, so the round can end before the clock.
    uint256 internal constant VOTED = 5;

    // ---- layout

    uint256 private constant ROUND_OFFSET = 0;
    uint256 private constant ROUND_BITS = 32;
    uint256 private constant STATUS_OFFSET = 32;
    uint256 private constant STATUS_BITS = 8;
    uint256 private constant SUBMISSIONS_OFFSET = 40;
    uint256 private constant SUBMISSIONS_BITS = 16;
    uint256 private constant SLOTS_OFFSET = 56;
    uint256 private constant SLOTS_BITS = 16;
    /// Unix seconds, like the next two fields.
    uint256 private constant SUBMIT_END_OFFSET = 72;
    uint256 private constant SUBMIT_END_BITS = 40;
    uint256 private constant SEALED_AT_OFFSET = 112;
    uint256 private constant SEALED_AT_BITS = 40;
    uint256 private constant DONE_AT_OFFSET = 152;
    uint256 private constant DONE_AT_BITS = 40;
    /// Cohorts settled or void, at most 128.
    uint256 private constant COHORTS_DONE_OFFSET = 192;
    uint256 private constant COHORTS_DONE_BITS = 8;
    uint256 private constant COHORTS_VOID_OFFSET = 200;
    uint256 private constant COHORTS_VOID_BITS = 8;
    /// Whether not everyone who is enrolled may submit: at the opening more were enrolled than there are slots, or some
    /// had enrolled in its block.
    uint256 private constant SELECTIVE_OFFSET = 208;
    uint256 private constant SELECTIVE_BITS = 1;
    /// Number of pauses before it, modulo 128: the rounds between two pauses are a season.
    uint256 private constant SEASON_OFFSET = 209;
    uint256 private constant SEASON_BITS = 7;
    /// Unix seconds at which submissions were closed and the beacon was requested.
    uint256 private constant REQUESTED_AT_OFFSET = 216;
    uint256 private constant REQUESTED_AT_BITS = 40;

    uint256 private constant SEASON_MASK = 2 ** SEASON_BITS - 1;

    /// @dev The word of a round that opens after the round of `last`, in the same season; `submitEnd_` is in unix
    /// seconds. A task has at most 1,000,000 rounds and 2,048 slots.
    function opened(
        RoundWord last,
        uint256 round_,
        uint256 slots_,
        uint256 submitEnd_,
        bool selective_
    ) internal pure returns (RoundWord) {
        return
            RoundWord.wrap(
                (season(last) << SEASON_OFFSET) |
                    (round_ << ROUND_OFFSET) |
                    (SUBMIT << STATUS_OFFSET) |
                    (slots_ << SLOTS_OFFSET) |
                    (submitEnd_ << SUBMIT_END_OFFSET) |
                    (selective_ ? 1 << SELECTIVE_OFFSET : 0)
            );
    }

    function round(RoundWord self) internal pure returns (uint32) {
        return uint32(RoundWord.unwrap(self) >> ROUND_OFFSET);
    }

    function status(RoundWord self) internal pure returns (uint256) {
        return uint8(RoundWord.unwrap(self) >> STATUS_OFFSET);
    }

    function submissions(RoundWord self) internal pure returns (uint256) {
        return uint16(RoundWord.unwrap(self) >> SUBMISSIONS_OFFSET);
    }

    function slots(RoundWord self) internal pure returns (uint256) {
        return uint16(RoundWord.unwrap(self) >> SLOTS_OFFSET);
    }

    function submitEnd(RoundWord self) internal pure returns (uint256) {
        return uint40(RoundWord.unwrap(self) >> SUBMIT_END_OFFSET);
    }

    function sealedAt(RoundWord self) internal pure returns (uint256) {
        return uint40(RoundWord.unwrap(self) >> SEALED_AT_OFFSET);
    }

    function doneAt(RoundWord self) internal pure returns (uint256) {
        return uint40(RoundWord.unwrap(self) >> DONE_AT_OFFSET);
    }

    function cohortsDone(RoundWord self) internal pure returns (uint256) {
        return uint8(RoundWord.unwrap(self) >> COHORTS_DONE_OFFSET);
    }

    function cohortsVoid(RoundWord self) internal pure returns (uint256) {
        return uint8(RoundWord.unwrap(self) >> COHORTS_VOID_OFFSET);
    }

    function isSelective(RoundWord self) internal pure returns (bool) {
        return (RoundWord.unwrap(self) >> SELECTIVE_OFFSET) & 1 == 1;
    }

    function requestedAt(RoundWord self) internal pure returns (uint256) {
        return uint40(RoundWord.unwrap(self) >> REQUESTED_AT_OFFSET);
    }

    function season(RoundWord self) internal pure returns (uint256) {
        return (RoundWord.unwrap(self) >> SEASON_OFFSET) & SEASON_MASK;
    }

    /// @dev The word of the first round after a pause.
    function withNextSeason(RoundWord self) internal pure returns (RoundWord) {
        return RoundWord.wrap(RoundWord.unwrap(self).put(SEASON_OFFSET, SEASON_BITS, season(self) + 1));
    }

    function withStatus(RoundWord self, uint256 status_) internal pure returns (RoundWord) {
        return RoundWord.wrap(RoundWord.unwrap(self).put(STATUS_OFFSET, STATUS_BITS, status_));
    }

    /// @dev The word with one more submission.
    function withSubmission(RoundWord self) internal pure returns (RoundWord) {
        // submissions < slots ≤ 2,048.
        unchecked {
            return RoundWord.wrap(RoundWord.unwrap(self) + (1 << SUBMISSIONS_OFFSET));
        }
    }

    /// @dev The word after submissions are closed. The wait for the beacon counts from `requestedAt_`, in unix seconds.
    function withRequest(RoundWord self, uint256 requestedAt_) internal pure returns (RoundWord) {
        uint256 word = RoundWord.unwrap(self).put(STATUS_OFFSET, STATUS_BITS, SEALING);
        return RoundWord.wrap(word.put(REQUESTED_AT_OFFSET, REQUESTED_AT_BITS, requestedAt_));
    }

    /// @dev The word after the seal. The phases count from `sealedAt_`, in unix seconds.
    function withSeal(RoundWord self, uint256 sealedAt_) internal pure returns (RoundWord) {
        uint256 word = RoundWord.unwrap(self).put(STATUS_OFFSET, STATUS_BITS, SCORING);
        return RoundWord.wrap(word.put(SEALED_AT_OFFSET, SEALED_AT_BITS, sealedAt_));
    }

    /// @dev The word with new numbers of cohorts done (settled or void) and of void cohorts. There are at most 128.
    function withCohorts(RoundWord self, uint256 done, uint256 void_) internal pure returns (RoundWord) {
        uint256 word = RoundWord.unwrap(self).put(COHORTS_DONE_OFFSET, COHORTS_DONE_BITS, done);
        return RoundWord.wrap(word.put(COHORTS_VOID_OFFSET, COHORTS_VOID_BITS, void_));
    }

    /// @dev The word after all cohorts are done. Votes start at `doneAt_`, in unix seconds.
    function withVotesFrom(RoundWord self, uint256 doneAt_) internal pure returns (RoundWord) {
        uint256 word = RoundWord.unwrap(self).put(STATUS_OFFSET, STATUS_BITS, AGGREGATING);
        return RoundWord.wrap(word.put(DONE_AT_OFFSET, DONE_AT_BITS, doneAt_));
    }
}
