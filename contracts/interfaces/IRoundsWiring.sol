// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./IBeacon.sol";
import {IStakeRegistry} from "./IStakeRegistry.sol";
import {ITasks} from "./ITasks.sol";

/// @title Whom Rounds works with
/// @notice Fixed for ever when Rounds is deployed. See {IRounds}.
interface IRoundsWiring {
    /// @notice The other contracts. Anyone can hash the code of the extension and compare it with the hash of the sources' build: it has no
    /// immutables, so that the hash is the same in every deployment.
    /// @return tasks the escrow that registers tasks and pays
    /// @return registry the stake that a missed duty is taken from
    /// @return beacon the randomness of all draws
    /// @return extension a {RoundsExtension}, the second half of the code, run on the storage of the first
    function wiring() external view returns (ITasks tasks, IStakeRegistry registry, IBeacon beacon, address extension);
}
