// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PoolWord} from "../types/PoolWord.sol";
import {RoundsStorage} from "./RoundsStorage.sol";

/// @title What changes with the pool
/// @notice A pool that leaks is a loss that the task's owner can end: it announces the root of a new pool, which counts
/// from the opening after the next one on.
abstract contract Pools is RoundsStorage {
    /// @dev Whether a contributor whose last submission was to `lastRound` leaves because of a new pool: one is
    /// announced, or came after that round. It loses nothing that is held.
    function _isLeavingPool(uint64 taskId, uint256 lastRound) internal view returns (bool) {
        PoolWord pool = _pools[taskId];
        return pool.announcedFor() != 0 || lastRound < pool.firstRound();
    }
}
