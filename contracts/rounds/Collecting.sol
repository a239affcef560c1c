// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsKeepers} from "../interfaces/IRoundsKeepers.sol";
import {RoundsStorage} from "./RoundsStorage.sol";

/// @title Trying to collect at the end of another call
/// @notice Every piece of the code can call this; {Purse} has the collection itself.
abstract contract Collecting is RoundsStorage {
    /// Most gas of a collection: several times what an honest token needs. A hostile token can't keep a round from
    /// ending.
    uint256 private constant COLLECT_GAS = 200_000;
    /// Gas that must be left before it: a call can pass on at most 63/64 of the gas.
    uint256 private constant GAS_BEFORE_COLLECTING = 210_000;

    /// @dev Collects in a call of its own with limited gas. A token that refuses doesn't stop the caller; `collect`
    /// tries again later. With too little gas left it reverts, so that no caller can make the collection fail on
    /// purpose.
    function _tryCollect(uint64 taskId) internal {
        uint256 available = gasleft();
        if (available < GAS_BEFORE_COLLECTING) revert Rounds_GasTooLow(available, GAS_BEFORE_COLLECTING);
        bytes memory data = abi.encodeCall(IRoundsKeepers.collect, (taskId));
        uint256 gasLimit = COLLECT_GAS;
        assembly ("memory-safe") {
            pop(call(gasLimit, address(), 0, add(data, 0x20), mload(data), 0, 0))
        }
    }
}
