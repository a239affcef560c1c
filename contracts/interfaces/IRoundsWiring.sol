// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./IBeacon.sol";
import {IStakeRegistry} from "./IStakeRegistry.sol";
import {ITasks} from "./ITasks.sol";

/// @title The contracts that Rounds works with
/// @notice Set at deployment, for good. See {IRounds}.
interface IRoundsWiring {
    /// @notice The other contracts. The other pieces of code have no immutables, so their code hashes are the same
    /// in every deployment: anyone can compare them with those of their own build.
    /// @return tasks the escrow, which registers tasks and pays
    /// @return registry the registry of stakes, which slashes missed duties
    /// @return beacon the randomness of all draws
    /// @return extension a {RoundsExtension}, run on the storage of {Rounds}
    /// @return membership a {RoundsMembership}, run on the storage of {Rounds} too
    /// @return cases a {RoundsCases}, run on the storage of {Rounds} too
    function wiring()
        external
        view
        returns (
            ITasks tasks,
            IStakeRegistry registry,
            IBeacon beacon,
            address extension,
            address membership,
            address cases
        );
}
