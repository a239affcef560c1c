// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// The contributors who enrolled last, all in one block.
type NewcomersWord is uint256;

using NewcomersWordLibrary for NewcomersWord global;

/// @title Reads and writes a {NewcomersWord}
/// @notice Layout, the lowest bits first; twin: NEWCOMERS_WORD in `sdk/protocol/words.ts`. A round that opens in the
/// same block leaves them out of its numbers.
library NewcomersWordLibrary {
    using Bits for uint256;

    /// Unix seconds of that block.
    uint256 private constant ENROLLED_AT_OFFSET = 0;
    uint256 private constant ENROLLED_AT_BITS = 40;
    /// How many they are.
    uint256 private constant COUNT_OFFSET = 40;
    uint256 private constant COUNT_BITS = 24;
    /// Sum of their reputations in bps.
    uint256 private constant REPUTATION_SUM_OFFSET = 64;
    uint256 private constant REPUTATION_SUM_BITS = 40;

    function enrolledAt(NewcomersWord self) internal pure returns (uint256) {
        return uint40(NewcomersWord.unwrap(self) >> ENROLLED_AT_OFFSET);
    }

    function count(NewcomersWord self) internal pure returns (uint256) {
        return uint24(NewcomersWord.unwrap(self) >> COUNT_OFFSET);
    }

    function reputationSum(NewcomersWord self) internal pure returns (uint256) {
        return uint40(NewcomersWord.unwrap(self) >> REPUTATION_SUM_OFFSET);
    }

    /// @dev The word with one more contributor, who enrols at `time`, in unix seconds. Those of an earlier block are
    /// forgotten. The fields are as wide as those of {TaskTotalsWord}.
    function withOne(NewcomersWord self, uint256 time, uint256 reputation) internal pure returns (NewcomersWord) {
        if (enrolledAt(self) != time) self = NewcomersWord.wrap(time << ENROLLED_AT_OFFSET);
        uint256 word = NewcomersWord.unwrap(self).put(COUNT_OFFSET, COUNT_BITS, count(self) + 1);
        uint256 sum = reputationSum(self) + reputation;
        return NewcomersWord.wrap(word.put(REPUTATION_SUM_OFFSET, REPUTATION_SUM_BITS, sum));
    }
}
