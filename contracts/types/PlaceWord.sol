// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// A bid for a place in the roster: who makes it, its weight, from when on it counts, and which pools its validator has.
type PlaceWord is uint256;

using PlaceWordLibrary for PlaceWord global;

/// @title Reads and writes a {PlaceWord}
/// @notice Layout, the lowest bits first; twin: PLACE_WORD in `sdk/protocol/words.ts`.
library PlaceWordLibrary {
    using Bits for uint256;

    uint256 private constant ACCOUNT_OFFSET = 0;
    uint256 private constant ACCOUNT_BITS = 160;
    /// {Sampling.weightOf} the stake, at most 1,024.
    uint256 private constant WEIGHT_OFFSET = 160;
    uint256 private constant WEIGHT_BITS = 16;
    /// The first round that the bid counts for.
    uint256 private constant FIRST_ROUND_OFFSET = 176;
    uint256 private constant FIRST_ROUND_BITS = 32;
    /// Unix seconds of the bid.
    uint256 private constant BID_AT_OFFSET = 208;
    uint256 private constant BID_AT_BITS = 40;
    /// Whether the validator is ready for the current pool.
    uint256 private constant READY_OFFSET = 248;
    uint256 private constant READY_BITS = 1;
    /// Whether it is ready for the announced pool.
    uint256 private constant READY_FOR_ANNOUNCED_OFFSET = 249;
    uint256 private constant READY_FOR_ANNOUNCED_BITS = 1;

    uint256 private constant READY = 1 << READY_OFFSET;
    uint256 private constant READY_FOR_ANNOUNCED = 1 << READY_FOR_ANNOUNCED_OFFSET;

    /// @dev A bid at `time`, in unix seconds, without a weight yet: its validator isn't ready.
    function bid(address account_, uint256 firstRound_, uint256 time) internal pure returns (PlaceWord) {
        uint256 word = uint256(uint160(account_)) << ACCOUNT_OFFSET;
        return PlaceWord.wrap(word | (firstRound_ << FIRST_ROUND_OFFSET) | (time << BID_AT_OFFSET));
    }

    function account(PlaceWord self) internal pure returns (address) {
        return address(uint160(PlaceWord.unwrap(self) >> ACCOUNT_OFFSET));
    }

    function weight(PlaceWord self) internal pure returns (uint256) {
        return uint16(PlaceWord.unwrap(self) >> WEIGHT_OFFSET);
    }

    function firstRound(PlaceWord self) internal pure returns (uint256) {
        return uint32(PlaceWord.unwrap(self) >> FIRST_ROUND_OFFSET);
    }

    function bidAt(PlaceWord self) internal pure returns (uint256) {
        return uint40(PlaceWord.unwrap(self) >> BID_AT_OFFSET);
    }

    function isReady(PlaceWord self) internal pure returns (bool) {
        return PlaceWord.unwrap(self) & READY != 0;
    }

    function isReadyForAnnounced(PlaceWord self) internal pure returns (bool) {
        return PlaceWord.unwrap(self) & READY_FOR_ANNOUNCED != 0;
    }

    /// @dev Whether nobody bids here.
    function isNone(PlaceWord self) internal pure returns (bool) {
        return PlaceWord.unwrap(self) == 0;
    }

    /// @dev The weight that counts with the current pool: none before the validator is ready for it.
    function readyWeight(PlaceWord self) internal pure returns (uint256) {
        return isReady(self) ? weight(self) : 0;
    }

    /// @dev The word with another weight, at most 1,024.
    function withWeight(PlaceWord self, uint256 weight_) internal pure returns (PlaceWord) {
        return PlaceWord.wrap(PlaceWord.unwrap(self).put(WEIGHT_OFFSET, WEIGHT_BITS, weight_));
    }

    /// @dev The word of a bid that starts anew at `time`, in unix seconds.
    function withTimes(PlaceWord self, uint256 firstRound_, uint256 time) internal pure returns (PlaceWord) {
        uint256 word = PlaceWord.unwrap(self).put(FIRST_ROUND_OFFSET, FIRST_ROUND_BITS, firstRound_);
        return PlaceWord.wrap(word.put(BID_AT_OFFSET, BID_AT_BITS, time));
    }

    /// @dev The word after its validator said that it is ready for the announced pool, or for the current one.
    function withReady(PlaceWord self, bool forAnnounced) internal pure returns (PlaceWord) {
        return PlaceWord.wrap(PlaceWord.unwrap(self) | (forAnnounced ? READY_FOR_ANNOUNCED : READY));
    }

    /// @dev The word once another pool is announced instead of the announced one.
    function withoutReadyForAnnounced(PlaceWord self) internal pure returns (PlaceWord) {
        return PlaceWord.wrap(PlaceWord.unwrap(self) & ~READY_FOR_ANNOUNCED);
    }

    /// @dev The word once the announced pool is the current one.
    function withPoolChanged(PlaceWord self) internal pure returns (PlaceWord) {
        uint256 rest = PlaceWord.unwrap(self) & ~(READY | READY_FOR_ANNOUNCED);
        return PlaceWord.wrap(isReadyForAnnounced(self) ? rest | READY : rest);
    }
}
