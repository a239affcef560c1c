// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundsStorage} from "./RoundsStorage.sol";

/// @title What only the court may call
/// @notice The registry knows the court, for good; a deployment may have none.
abstract contract CourtOnly is RoundsStorage {
    /// @dev Reverts with `Rounds_OnlyCourt` for anybody else.
    modifier onlyCourt() {
        address court = _registry().court();
        if (msg.sender != court) revert Rounds_OnlyCourt(msg.sender, court);
        _;
    }
}
