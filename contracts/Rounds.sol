// SPDX-License-Identifier: MIT
// The public immutable is read like a function; the fallback does one thing.
// solhint-disable immutable-vars-naming, no-complex-fallback
pragma solidity 0.8.37;

import {IBeacon} from "./interfaces/IBeacon.sol";
import {IStakeRegistry} from "./interfaces/IStakeRegistry.sol";
import {ITasks} from "./interfaces/ITasks.sol";
import {ContractCode} from "./libraries/ContractCode.sol";
import {Earnings} from "./rounds/Earnings.sol";
import {RoundsStorage} from "./rounds/RoundsStorage.sol";
import {RoundsKeeping} from "./RoundsKeeping.sol";

/// @title Rounds
/// @notice See {IRounds}. One section of a round's life a file, each standing on the one before:
///
///     RoundsStorage ← Committees ← Submissions ← Scoring ← Ballots ← Settlement ← AggregateVotes ← Earnings ← Rounds
///
/// One contract's code is limited to 24,576 bytes, so the half that runs once a round or less lives in {RoundsKeeping}. Both stand on
/// {RoundsStorage} and add no storage to it. Whatever is not found here is run there, on this contract's storage. The other half is made
/// here and never changes.
///
/// Assumes for safety: Tasks and the registry are ours. Of the beacon: that its value was not known when submissions closed.
/// Assumes for liveness: an answer of the beacon in time, or its word that it expired; both end the wait.
contract Rounds is Earnings {
    /// @notice The code of the other half.
    address public immutable keeping;

    /// @notice Makes the other half.
    /// @param tasks_ the escrow that registers tasks here and pays
    /// @param registry_ the stake that a missed duty is taken from
    /// @param beacon_ the randomness of all draws
    constructor(ITasks tasks_, IStakeRegistry registry_, IBeacon beacon_) RoundsStorage(tasks_, registry_, beacon_) {
        _requireContract(address(tasks_));
        _requireContract(address(registry_));
        _requireContract(address(beacon_));

        keeping = address(new RoundsKeeping(tasks_, registry_, beacon_));
    }

    /// @notice Runs the functions of {IRoundsKeeping}.
    fallback() external {
        address code = keeping;
        assembly {
            // The whole memory is ours: nothing of Solidity runs after this.
            calldatacopy(0, 0, calldatasize())
            let isDone := delegatecall(gas(), code, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch isDone
            case 0 {
                revert(0, returndatasize())
            }
            default {
                return(0, returndatasize())
            }
        }
    }

    function _requireContract(address account) private view {
        if (!ContractCode.isContract(account)) revert Rounds_NotAContract(account);
    }
}
