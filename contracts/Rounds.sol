// SPDX-License-Identifier: MIT
// The fallback only delegates.
// solhint-disable no-complex-fallback
pragma solidity 0.8.37;

import {IBeacon} from "./interfaces/IBeacon.sol";
import {IRoundsCourt} from "./interfaces/IRoundsCourt.sol";
import {IRoundsEvidence} from "./interfaces/IRoundsEvidence.sol";
import {IRoundsHeldPay} from "./interfaces/IRoundsHeldPay.sol";
import {IRoundsMembers} from "./interfaces/IRoundsMembers.sol";
import {IRoundsTasks} from "./interfaces/IRoundsTasks.sol";
import {IRoundsWiring} from "./interfaces/IRoundsWiring.sol";
import {ISlotReader} from "./interfaces/ISlotReader.sol";
import {IStakeRegistry} from "./interfaces/IStakeRegistry.sol";
import {ITasks} from "./interfaces/ITasks.sol";
import {ContractCode} from "./libraries/ContractCode.sol";
import {Claims} from "./rounds/Claims.sol";
import {Scoring} from "./rounds/Scoring.sol";
import {Settlement} from "./rounds/Settlement.sol";
import {Submissions} from "./rounds/Submissions.sol";

/// @title Rounds
/// @notice See {IRounds}. This piece has what contributors and validators call in every round.
///
/// A contract's code is limited to 24,576 bytes, so there are four pieces of code. {RoundsMembership} has what accounts
/// enter and leave by, {RoundsCases} has what cases need, {RoundsExtension} has what keepers call and the votes of
/// seats. Calls that find no function here are delegated to one of them and run on this contract's storage. All four
/// inherit {RoundsStorage} and add no storage of their own. The other three are set at deployment, are checked by the
/// hashes of their code, and never change.
/// {RoundsLens} makes views from raw storage slots.
///
/// Assumed for safety: Tasks and the registry are this project's contracts, and nobody knows the beacon's value before
/// submissions close.
/// Assumed for liveness: the beacon answers in time or reports that its value expired. Both end the wait.
contract Rounds is Submissions, Scoring, Settlement, Claims, IRoundsWiring, ISlotReader {
    ITasks private immutable _TASKS;
    IStakeRegistry private immutable _REGISTRY;
    IBeacon private immutable _BEACON;
    address private immutable _EXTENSION;
    address private immutable _MEMBERSHIP;
    address private immutable _CASES;

    /// @notice Sets the other contracts and the other pieces of code, for good.
    /// @param tasks_ the escrow, which registers tasks here and pays
    /// @param registry_ the registry of stakes, which slashes missed duties
    /// @param beacon_ the randomness of all draws
    /// @param extension_ a deployed {RoundsExtension}
    /// @param extensionCodeHash keccak256 of the code that a build of {RoundsExtension} from these sources has on chain
    /// @param membership_ a deployed {RoundsMembership}
    /// @param membershipCodeHash the same of {RoundsMembership}
    /// @param cases_ a deployed {RoundsCases}
    /// @param casesCodeHash the same of {RoundsCases}
    constructor(
        ITasks tasks_,
        IStakeRegistry registry_,
        IBeacon beacon_,
        address extension_,
        bytes32 extensionCodeHash,
        address membership_,
        bytes32 membershipCodeHash,
        address cases_,
        bytes32 casesCodeHash
    ) {
        _requireContract(address(tasks_));
        _requireContract(address(registry_));
        _requireContract(address(beacon_));
        _requireCode(extension_, extensionCodeHash);
        _requireCode(membership_, membershipCodeHash);
        _requireCode(cases_, casesCodeHash);

        _TASKS = tasks_;
        _REGISTRY = registry_;
        _BEACON = beacon_;
        _EXTENSION = extension_;
        _MEMBERSHIP = membership_;
        _CASES = cases_;
    }

    /// @inheritdoc IRoundsWiring
    function wiring() external view returns (ITasks, IStakeRegistry, IBeacon, address, address, address) {
        return (_TASKS, _REGISTRY, _BEACON, _EXTENSION, _MEMBERSHIP, _CASES);
    }

    /// @inheritdoc ISlotReader
    function readSlots(bytes32[] calldata slots) external view returns (uint256, bytes32[] memory) {
        // Writes the ABI-encoded answer directly: time, offset of the list, its length, its values.
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

    /// @notice Delegates to the piece of code that has the function.
    fallback() external {
        address code =
            _isMembership(msg.sig)
                ? _MEMBERSHIP
                : _isCases(msg.sig)
                    ? _CASES
                    : _EXTENSION;
        assembly {
            // Uses memory from 0 on: no Solidity code runs after this.
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

    /// @dev Whether {RoundsMembership} has the function. A product is zero when one of its factors is: at most eight
    /// differences of 32 bits have no other way to it. That is shorter than a comparison for each.
    function _isMembership(bytes4 selector) private pure returns (bool) {
        uint256 s = uint32(selector);
        unchecked {
            uint256 people =
                (s ^ uint32(IRoundsTasks.admitContributor.selector)) *
                    (s ^ uint32(IRoundsTasks.dismissContributor.selector)) *
                    (s ^ uint32(IRoundsTasks.admitValidator.selector)) *
                    (s ^ uint32(IRoundsTasks.dismissValidator.selector)) *
                    (s ^ uint32(IRoundsTasks.requireReleasable.selector)) *
                    (s ^ uint32(IRoundsTasks.raiseStake.selector));
            uint256 others =
                (s ^ uint32(IRoundsTasks.registerTask.selector)) *
                    (s ^ uint32(IRoundsTasks.announcePool.selector)) *
                    (s ^ uint32(IRoundsMembers.ready.selector)) *
                    (s ^ uint32(IRoundsHeldPay.releaseHeld.selector)) *
                    (s ^ uint32(IRoundsHeldPay.releasableOf.selector));
            return people == 0 || others == 0;
        }
    }

    /// @dev Whether {RoundsCases} has the function.
    function _isCases(bytes4 selector) private pure returns (bool) {
        uint256 s = uint32(selector);
        unchecked {
            uint256 evidence =
                (s ^ uint32(IRoundsEvidence.recordOf.selector)) *
                    (s ^ uint32(IRoundsEvidence.beaconAt.selector)) *
                    (s ^ uint32(IRoundsEvidence.timesOf.selector)) *
                    (s ^ uint32(IRoundsEvidence.pageOf.selector)) *
                    (s ^ uint32(IRoundsEvidence.sheetOf.selector));
            uint256 verdicts =
                (s ^ uint32(IRoundsCourt.seize.selector)) *
                    (s ^ uint32(IRoundsCourt.restore.selector)) *
                    (s ^ uint32(IRoundsCourt.forfeit.selector)) *
                    (s ^ uint32(IRoundsCourt.rollBackModel.selector)) *
                    (s ^ uint32(IRoundsCourt.returnForfeited.selector));
            return evidence == 0 || verdicts == 0;
        }
    }

    function _requireCode(address piece, bytes32 expected) private view {
        _requireContract(piece);
        if (piece.codehash != expected) revert Rounds_WrongCode(piece, piece.codehash, expected);
    }

    function _requireContract(address account) private view {
        if (!ContractCode.isContract(account)) revert Rounds_NotAContract(account);
    }
}
