// SPDX-License-Identifier: MIT
// The fallback does one thing.
// solhint-disable no-complex-fallback
pragma solidity 0.8.37;

import {IBeacon} from "./interfaces/IBeacon.sol";
import {IRoundsWiring} from "./interfaces/IRoundsWiring.sol";
import {ISlotReader} from "./interfaces/ISlotReader.sol";
import {IStakeRegistry} from "./interfaces/IStakeRegistry.sol";
import {ITasks} from "./interfaces/ITasks.sol";
import {ContractCode} from "./libraries/ContractCode.sol";
import {AggregateVotes} from "./rounds/AggregateVotes.sol";
import {Claims} from "./rounds/Claims.sol";
import {Scoring} from "./rounds/Scoring.sol";
import {Settlement} from "./rounds/Settlement.sol";
import {Submissions} from "./rounds/Submissions.sol";

/// @title Rounds
/// @notice See {IRounds}. This half runs for every contributor and validator in every round.
///
/// One contract's code is limited to 24,576 bytes, so what runs once a round or less lives in {RoundsExtension}: whatever is not found here
/// is run there, on this contract's storage. Both halves stand on {RoundsStorage} and add no storage to it. The extension is named at
/// deployment, checked by the hash of its code, and never changes. Views are made from raw slots by {RoundsLens}.
///
/// Assumes for safety: Tasks and the registry are ours. Of the beacon: that its value was not known when submissions closed.
/// Assumes for liveness: an answer of the beacon in time, or its word that it expired; both end the wait.
contract Rounds is Submissions, Scoring, Settlement, AggregateVotes, Claims, IRoundsWiring, ISlotReader {
    ITasks private immutable _TASKS;
    IStakeRegistry private immutable _REGISTRY;
    IBeacon private immutable _BEACON;
    address private immutable _EXTENSION;

    /// @notice Fixes for ever whom Rounds works with, and its other half.
    /// @param tasks_ the escrow that registers tasks here and pays
    /// @param registry_ the stake that a missed duty is taken from
    /// @param beacon_ the randomness of all draws
    /// @param extension_ a deployed {RoundsExtension}
    /// @param extensionCodeHash keccak256 of the code that the sources' build of {RoundsExtension} has on chain
    constructor(
        ITasks tasks_,
        IStakeRegistry registry_,
        IBeacon beacon_,
        address extension_,
        bytes32 extensionCodeHash
    ) {
        _requireContract(address(tasks_));
        _requireContract(address(registry_));
        _requireContract(address(beacon_));
        _requireContract(extension_);
        bytes32 codeHash = extension_.codehash;
        if (codeHash != extensionCodeHash) revert Rounds_WrongExtension(extension_, codeHash, extensionCodeHash);

        _TASKS = tasks_;
        _REGISTRY = registry_;
        _BEACON = beacon_;
        _EXTENSION = extension_;
    }

    /// @inheritdoc IRoundsWiring
    function wiring() external view returns (ITasks, IStakeRegistry, IBeacon, address) {
        return (_TASKS, _REGISTRY, _BEACON, _EXTENSION);
    }

    /// @inheritdoc ISlotReader
    function readSlots(bytes32[] calldata slots) external view returns (uint256, bytes32[] memory) {
        // The encoded answer is built in place: the time, where the list is, its length, its values.
        assembly {
            let start := mload(0x40)
            mstore(start, timestamp())
            mstore(add(start, 0x20), 0x40)
            mstore(add(start, 0x40), slots.length)
            let value := add(start, 0x60)
            let end := add(value, shl(5, slots.length))
            let slot := slots.offset
            for {} lt(value, end) {
                value := add(value, 0x20)
                slot := add(slot, 0x20)
            } {
                mstore(value, sload(calldataload(slot)))
            }
            return(start, sub(end, start))
        }
    }

    /// @notice Runs the functions of the extension.
    fallback() external {
        address code = _EXTENSION;
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
