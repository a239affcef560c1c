// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// Which of a task's two pool roots is the current one, and whether another is announced.
type PoolWord is uint256;

using PoolWordLibrary for PoolWord global;

/// @title Reads and writes a {PoolWord}
/// @notice Layout, the lowest bits first; twin: POOL_WORD in `sdk/protocol/words.ts`.
library PoolWordLibrary {
    using Bits for uint256;

    /// Key of the current root, 0 or 1; an announced one has the other.
    uint256 private constant CURRENT_OFFSET = 0;
    uint256 private constant CURRENT_BITS = 8;
    /// The first round of the current pool.
    uint256 private constant FIRST_ROUND_OFFSET = 8;
    uint256 private constant FIRST_ROUND_BITS = 32;
    /// The first round of the announced pool, 0 if none is announced.
    uint256 private constant ANNOUNCED_FOR_OFFSET = 40;
    uint256 private constant ANNOUNCED_FOR_BITS = 32;

    /// @dev The word of a new task, whose first pool has key 0.
    function initial() internal pure returns (PoolWord) {
        return PoolWord.wrap(1 << FIRST_ROUND_OFFSET);
    }

    function current(PoolWord self) internal pure returns (uint256) {
        return uint8(PoolWord.unwrap(self) >> CURRENT_OFFSET);
    }

    function announced(PoolWord self) internal pure returns (uint256) {
        return current(self) ^ 1;
    }

    function firstRound(PoolWord self) internal pure returns (uint256) {
        return uint32(PoolWord.unwrap(self) >> FIRST_ROUND_OFFSET);
    }

    function announcedFor(PoolWord self) internal pure returns (uint256) {
        return uint32(PoolWord.unwrap(self) >> ANNOUNCED_FOR_OFFSET);
    }

    /// @dev The word with a pool announced for a round.
    function withAnnounced(PoolWord self, uint256 round) internal pure returns (PoolWord) {
        return PoolWord.wrap(PoolWord.unwrap(self).put(ANNOUNCED_FOR_OFFSET, ANNOUNCED_FOR_BITS, round));
    }

    /// @dev The word once the announced pool is the current one, from `round` on.
    function withChanged(PoolWord self, uint256 round) internal pure returns (PoolWord) {
        return PoolWord.wrap((announced(self) << CURRENT_OFFSET) | (round << FIRST_ROUND_OFFSET));
    }
}
