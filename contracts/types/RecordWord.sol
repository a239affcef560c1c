// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// The record of a round, tagged with the round: what an earlier one left in a ring can't pass for it.
type RecordWord is uint256;

using RecordWordLibrary for RecordWord global;

/// @title Reads and writes a {RecordWord}
/// @notice Layout, the lowest bits first; twin: RECORD_WORD in `sdk/protocol/words.ts`.
library RecordWordLibrary {
    using Bits for uint256;

    /// Low bits of the hash chain of {RoundRecords}.
    uint256 private constant CHAIN_OFFSET = 0;
    uint256 private constant CHAIN_BITS = 224;
    /// Submissions of a sealed round, at most 2,048; 0 before the seal, and of a void round.
    uint256 private constant SUBMISSIONS_OFFSET = 224;
    uint256 private constant SUBMISSIONS_BITS = 12;
    /// A task has at most 1,000,000 rounds.
    uint256 private constant ROUND_OFFSET = 236;
    uint256 private constant ROUND_BITS = 20;

    /// @dev The word of a round that opens, with the first hash of its chain.
    function opened(uint256 round_, uint224 chain_) internal pure returns (RecordWord) {
        return RecordWord.wrap((round_ << ROUND_OFFSET) | (uint256(chain_) << CHAIN_OFFSET));
    }

    function chain(RecordWord self) internal pure returns (uint224) {
        return uint224(RecordWord.unwrap(self) >> CHAIN_OFFSET);
    }

    function submissions(RecordWord self) internal pure returns (uint256) {
        return (RecordWord.unwrap(self) << ROUND_BITS) >> (ROUND_BITS + SUBMISSIONS_OFFSET);
    }

    function round(RecordWord self) internal pure returns (uint256) {
        return RecordWord.unwrap(self) >> ROUND_OFFSET;
    }

    /// @dev The word with the next hash of the chain.
    function withChain(RecordWord self, uint224 chain_) internal pure returns (RecordWord) {
        uint256 tags = (RecordWord.unwrap(self) >> SUBMISSIONS_OFFSET) << SUBMISSIONS_OFFSET;
        return RecordWord.wrap(tags | (uint256(chain_) << CHAIN_OFFSET));
    }

    /// @dev The word of a round that is sealed with so many submissions.
    function withSubmissions(RecordWord self, uint256 count) internal pure returns (RecordWord) {
        return RecordWord.wrap(RecordWord.unwrap(self).put(SUBMISSIONS_OFFSET, SUBMISSIONS_BITS, count));
    }
}
