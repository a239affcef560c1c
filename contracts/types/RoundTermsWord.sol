// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "../interfaces/ITasks.sol";

/// The terms of a task for its rounds: phase lengths and sizes.
type RoundTermsWord is uint256;

using RoundTermsWordLibrary for RoundTermsWord global;

/// @title Reads and packs a {RoundTermsWord}
/// @notice Layout, the lowest bits first; twin: ROUND_TERMS_WORD in `sdk/protocol/words.ts`.
library RoundTermsWordLibrary {
    uint256 private constant SUBMIT_SECONDS_OFFSET = 0;
    uint256 private constant SUBMIT_SECONDS_BITS = 32;
    uint256 private constant OPEN_SECONDS_OFFSET = 32;
    uint256 private constant OPEN_SECONDS_BITS = 32;
    uint256 private constant COMMIT_SECONDS_OFFSET = 64;
    uint256 private constant COMMIT_SECONDS_BITS = 32;
    uint256 private constant REVEAL_SECONDS_OFFSET = 96;
    uint256 private constant REVEAL_SECONDS_BITS = 32;
    uint256 private constant AGGREGATE_SECONDS_OFFSET = 128;
    uint256 private constant AGGREGATE_SECONDS_BITS = 32;
    uint256 private constant CHALLENGE_SECONDS_OFFSET = 160;
    uint256 private constant CHALLENGE_SECONDS_BITS = 32;
    uint256 private constant COMMITTEE_SIZE_OFFSET = 192;
    uint256 private constant COMMITTEE_SIZE_BITS = 8;
    /// Windows replayed of an audited update.
    uint256 private constant WINDOWS_OFFSET = 200;
    uint256 private constant WINDOWS_BITS = 8;
    uint256 private constant SLOTS_OFFSET = 208;
    uint256 private constant SLOTS_BITS = 16;
    uint256 private constant MIN_CONTRIBUTORS_OFFSET = 224;
    uint256 private constant MIN_CONTRIBUTORS_BITS = 16;

    /// @dev Packs the terms. Each parameter's type is as wide as its field.
    function pack(ITasks.TaskParams calldata params) internal pure returns (RoundTermsWord) {
        uint256 drawn = params.replayWindows < params.windowsPerRound ? params.replayWindows : params.windowsPerRound;
        uint256 phases =
            (uint256(params.submitSeconds) << SUBMIT_SECONDS_OFFSET) |
                (uint256(params.openSeconds) << OPEN_SECONDS_OFFSET) |
                (uint256(params.commitSeconds) << COMMIT_SECONDS_OFFSET) |
                (uint256(params.revealSeconds) << REVEAL_SECONDS_OFFSET) |
                (uint256(params.aggregateSeconds) << AGGREGATE_SECONDS_OFFSET) |
                (uint256(params.challengeSeconds) << CHALLENGE_SECONDS_OFFSET);
        return
            RoundTermsWord.wrap(
                phases |
                    (uint256(params.committeeSize) << COMMITTEE_SIZE_OFFSET) |
                    (drawn << WINDOWS_OFFSET) |
                    (uint256(params.slots) << SLOTS_OFFSET) |
                    (uint256(params.minContributors) << MIN_CONTRIBUTORS_OFFSET)
            );
    }

    /// @dev Whether the task doesn't exist.
    function isNone(RoundTermsWord self) internal pure returns (bool) {
        return RoundTermsWord.unwrap(self) == 0;
    }

    function submitSeconds(RoundTermsWord self) internal pure returns (uint256) {
        return uint32(RoundTermsWord.unwrap(self) >> SUBMIT_SECONDS_OFFSET);
    }

    function openSeconds(RoundTermsWord self) internal pure returns (uint256) {
        return uint32(RoundTermsWord.unwrap(self) >> OPEN_SECONDS_OFFSET);
    }

    function commitSeconds(RoundTermsWord self) internal pure returns (uint256) {
        return uint32(RoundTermsWord.unwrap(self) >> COMMIT_SECONDS_OFFSET);
    }

    function revealSeconds(RoundTermsWord self) internal pure returns (uint256) {
        return uint32(RoundTermsWord.unwrap(self) >> REVEAL_SECONDS_OFFSET);
    }

    function aggregateSeconds(RoundTermsWord self) internal pure returns (uint256) {
        return uint32(RoundTermsWord.unwrap(self) >> AGGREGATE_SECONDS_OFFSET);
    }

    function challengeSeconds(RoundTermsWord self) internal pure returns (uint256) {
        return uint32(RoundTermsWord.unwrap(self) >> CHALLENGE_SECONDS_OFFSET);
    }

    function committeeSize(RoundTermsWord self) internal pure returns (uint256) {
        return uint8(RoundTermsWord.unwrap(self) >> COMMITTEE_SIZE_OFFSET);
    }

    function windows(RoundTermsWord self) internal pure returns (uint256) {
        return uint8(RoundTermsWord.unwrap(self) >> WINDOWS_OFFSET);
    }

    function slots(RoundTermsWord self) internal pure returns (uint256) {
        return uint16(RoundTermsWord.unwrap(self) >> SLOTS_OFFSET);
    }

    function minContributors(RoundTermsWord self) internal pure returns (uint256) {
        return uint16(RoundTermsWord.unwrap(self) >> MIN_CONTRIBUTORS_OFFSET);
    }

    /// @dev Length of an epoch of earnings, in seconds. A cohort can be settled once its first reveals end. By the
    /// clock the round closes at most one redraw and two votes later. Pay matures one epoch after its credit at the
    /// earliest, and its round is final by then.
    function epochSeconds(RoundTermsWord self) internal pure returns (uint256) {
        // Five numbers of 32 bits.
        unchecked {
            return challengeSeconds(self) + commitSeconds(self) + revealSeconds(self) + 2 * aggregateSeconds(self);
        }
    }

    /// @dev Number of the epoch at a unix time, counted from 1970, modulo 2¹⁶.
    function epochAt(RoundTermsWord self, uint256 time) internal pure returns (uint256) {
        return uint16(time / epochSeconds(self));
    }

    /// @dev Seconds from the opening of a round until it is final, if every phase ends by the clock and the beacon
    /// answers at once. Whoever waits for a round that doesn't come waits that long.
    function wholeRoundSeconds(RoundTermsWord self) internal pure returns (uint256) {
        uint256 votes = 2 * aggregateSeconds(self);
        return redrawRevealEnd(self, submitSeconds(self)) + votes + challengeSeconds(self);
    }

    /// @dev Unix seconds at which the open phase ends; `sealedAt` is in unix seconds too. The functions below return
    /// the ends of the phases after it, in order.
    function openEnd(RoundTermsWord self, uint256 sealedAt) internal pure returns (uint256) {
        return sealedAt + openSeconds(self);
    }

    function commitEnd(RoundTermsWord self, uint256 sealedAt) internal pure returns (uint256) {
        return openEnd(self, sealedAt) + commitSeconds(self);
    }

    function revealEnd(RoundTermsWord self, uint256 sealedAt) internal pure returns (uint256) {
        return commitEnd(self, sealedAt) + revealSeconds(self);
    }

    function redrawCommitEnd(RoundTermsWord self, uint256 sealedAt) internal pure returns (uint256) {
        return revealEnd(self, sealedAt) + commitSeconds(self);
    }

    function redrawRevealEnd(RoundTermsWord self, uint256 sealedAt) internal pure returns (uint256) {
        return redrawCommitEnd(self, sealedAt) + revealSeconds(self);
    }
}
