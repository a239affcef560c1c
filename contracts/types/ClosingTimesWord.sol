// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The times at which four rounds closed, in unix seconds; round r has lane r % 4.
type ClosingTimesWord is uint256;

using ClosingTimesWordLibrary for ClosingTimesWord global;

/// @title Reads and writes a {ClosingTimesWord}
/// @notice Layout, the lowest bits first; twin: CLOSING_TIMES_WORD in `sdk/protocol/words.ts`.
library ClosingTimesWordLibrary {
    /// Rounds in a word.
    uint256 internal constant TIMES_COUNT = 4;
    uint256 private constant TIMES_OFFSET = 0;
    uint256 private constant TIMES_BITS = 64;

    /// @dev Unix seconds at which `round` closed, until a later round takes its lane.
    function timeOf(ClosingTimesWord self, uint256 round) internal pure returns (uint256) {
        return uint64(ClosingTimesWord.unwrap(self) >> _shiftOf(round));
    }

    /// @dev The word with the unix seconds at which `round` closed.
    function withTime(ClosingTimesWord self, uint256 round, uint256 time) internal pure returns (ClosingTimesWord) {
        uint256 shift = _shiftOf(round);
        uint256 kept = ClosingTimesWord.unwrap(self) & ~(uint256(type(uint64).max) << shift);
        return ClosingTimesWord.wrap(kept | (uint256(uint64(time)) << shift));
    }

    function _shiftOf(uint256 round) private pure returns (uint256) {
        // At most 192.
        unchecked {
            return TIMES_OFFSET + TIMES_BITS * (round % TIMES_COUNT);
        }
    }
}
