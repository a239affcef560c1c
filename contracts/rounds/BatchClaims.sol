// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsAnyone} from "../interfaces/IRoundsAnyone.sol";
import {IRoundsKeepers} from "../interfaces/IRoundsKeepers.sol";
import {RoundsStorage} from "./RoundsStorage.sol";

/// @title Claims for many accounts at once
/// @notice A claim that fails does not stop the others.
abstract contract BatchClaims is RoundsStorage, IRoundsKeepers {
    /// Most gas of one claim: several times what an honest token needs. A hostile token can't use up the gas of the
    /// others.
    uint256 private constant CLAIM_GAS = 200_000;

    /// @inheritdoc IRoundsKeepers
    function claimMany(ClaimRequest[] calldata requests) external returns (uint256 claimed) {
        for (uint256 i = 0; i < requests.length; ++i) {
            uint64 taskId = requests[i].taskId;
            address account = requests[i].account;
            if (_tryClaim(taskId, account)) ++claimed;
            else emit ClaimSkipped(taskId, account);
        }
    }

    /// @dev Claims in a call of its own with limited gas. The returned data is not copied: a token may return a lot of
    /// it.
    function _tryClaim(uint64 taskId, address account) private returns (bool isPaid) {
        bytes memory data = abi.encodeCall(IRoundsAnyone.claim, (taskId, account));
        uint256 gasLimit = CLAIM_GAS;
        assembly ("memory-safe") {
            isPaid := call(gasLimit, address(), 0, add(data, 0x20), mload(data), 0, 0)
        }
    }
}
