// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./interfaces/IBeacon.sol";
import {IStakeRegistry} from "./interfaces/IStakeRegistry.sol";
import {ITasks} from "./interfaces/ITasks.sol";
import {RoundsStorage} from "./rounds/RoundsStorage.sol";
import {RoundsViews} from "./rounds/RoundsViews.sol";

/// @title RoundsKeeping
/// @notice See {IRoundsKeeping}: the half of {Rounds} that runs once a round or less, with its views. {Rounds} makes it and runs it on
/// its own storage; called directly it has no task and nothing to do.
///
///     RoundsStorage ← Committees ← Collecting ← Roster ← Turning ← Finalizing ← RoundsViews ← RoundsKeeping
contract RoundsKeeping is RoundsViews {
    /// @notice Made by {Rounds} alone.
    /// @param tasks_ the escrow that registers tasks and pays
    /// @param registry_ the stake that a missed duty is taken from
    /// @param beacon_ the randomness of all draws
    constructor(ITasks tasks_, IStakeRegistry registry_, IBeacon beacon_) RoundsStorage(tasks_, registry_, beacon_) {}
}
