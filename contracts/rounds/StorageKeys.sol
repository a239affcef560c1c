// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ClosingTimesWordLibrary} from "../types/ClosingTimesWord.sol";

/// @title Keys of the mappings that hold evidence
/// @notice Evidence is kept in rings, so that storage does not grow with the number of rounds. {RoundsStorage} has the
/// mappings; {RoundsReader} reads them by the same keys.
library StorageKeys {
    /// Rounds for which evidence is kept. Tasks limits the challenge window to what seven rounds last at least.
    uint256 internal constant RING = 8;
    /// Submissions in a page.
    uint256 internal constant PAGE_SIZE = 32;
    /// Pages of a round that the ring has room for: four times what the largest number of slots needs.
    uint256 internal constant PAGES = 256;
    uint256 private constant ATTEMPTS = 2;
    uint256 private constant MOST_SEATS = 16;
    uint256 private constant WORDS_PER_SEAT = 2;

    /// @notice A round's beacon.
    /// @param round from 1
    /// @return key 0…7
    function beacon(uint256 round) internal pure returns (uint256 key) {
        return round % RING;
    }

    /// @notice The record of a round.
    /// @param round from 1
    /// @return key 0…7
    function record(uint256 round) internal pure returns (uint256 key) {
        return round % RING;
    }

    /// @notice The word with the time at which a round closed.
    /// @param round from 1
    /// @return key 0 or 1
    function closing(uint256 round) internal pure returns (uint256 key) {
        return (round % RING) / ClosingTimesWordLibrary.TIMES_COUNT;
    }

    /// @notice The digest of a page of submissions.
    /// @param round from 1
    /// @param number of the page, 0…255: submission index / 32
    /// @return key 0…2,047
    function page(uint256 round, uint256 number) internal pure returns (uint256 key) {
        return (round % RING) * PAGES + number;
    }

    /// @notice A validator's commitment to its sheets.
    /// @param round from 1
    /// @param attempt 0, or 1 in the redraw
    /// @return key 0…15
    function sheet(uint256 round, uint256 attempt) internal pure returns (uint256 key) {
        return (round % RING) * ATTEMPTS + attempt;
    }

    /// @notice A seat's first score word about its cohort. The second one follows it.
    /// @param cohort 32 bits
    /// @param seat 0…14
    /// @return key key of the first word
    function score(uint256 cohort, uint256 seat) internal pure returns (uint256 key) {
        // A cohort has 32 bits.
        unchecked {
            return (cohort * MOST_SEATS + seat) * WORDS_PER_SEAT;
        }
    }

    /// @notice A seat's vote for its cohort's aggregate.
    /// @param cohort 32 bits
    /// @param seat 0…14
    /// @return key key of the vote
    function vote(uint256 cohort, uint256 seat) internal pure returns (uint256 key) {
        // A cohort has 32 bits.
        unchecked {
            return cohort * MOST_SEATS + seat;
        }
    }
}
