// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// When four rounds closed and how long they lasted; round r has lane r % 4.
type ClosingTimesWord is uint256;

using ClosingTimesWordLibrary for ClosingTimesWord global;

/// @title Reads and writes a {ClosingTimesWord}
/// @notice Layout, the lowest bits first; twin: CLOSING_TIMES_WORD in `sdk/protocol/words.ts`.
library ClosingTimesWordLibrary {
    using Bits for uint256;

    /// Rounds in a word.
    uint256 internal constant TIMES_COUNT = 4;
    /// Unix seconds.
    uint256 private constant TIMES_OFFSET = 0;
    uint256 private constant TIMES_BITS = 40;
    /// Seconds from the opening to the closing, at most 2²⁴ − 1, which is 194 days.
    uint256 private constant LENGTHS_OFFSET = 160;
    uint256 private constant LENGTHS_BITS = 24;
    uint256 private constant LENGTHS_COUNT = 4;

    /// @dev Unix seconds at which `round` closed, until a later round takes its lane.
    function timeOf(ClosingTimesWord self, uint256 round) internal pure returns (uint256) {
        return uint40(ClosingTimesWord.unwrap(self) >> (TIMES_OFFSET + TIMES_BITS * (round % TIMES_COUNT)));
    }

    /// @dev Seconds that `round` lasted, until a later round takes its lane.
    function lengthOf(ClosingTimesWord self, uint256 round) internal pure returns (uint256) {
        return uint24(ClosingTimesWord.unwrap(self) >> (LENGTHS_OFFSET + LENGTHS_BITS * (round % LENGTHS_COUNT)));
    }

    /// @dev The word with the unix seconds at which `round` opened and closed.
    function withTimes(
        ClosingTimesWord self,
        uint256 round,
        uint256 openedAt,
        uint256 closedAt
    ) internal pure returns (ClosingTimesWord) {
        uint256 lasted = closedAt - openedAt;
        if (lasted > type(uint24).max) lasted = type(uint24).max;
        uint256 lane = round % TIMES_COUNT;
        uint256 word = ClosingTimesWord.unwrap(self).put(TIMES_OFFSET + TIMES_BITS * lane, TIMES_BITS, closedAt);
        return ClosingTimesWord.wrap(word.put(LENGTHS_OFFSET + LENGTHS_BITS * lane, LENGTHS_BITS, lasted));
    }
}
