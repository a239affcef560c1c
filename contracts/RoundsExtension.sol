// SPDX-License-Identifier: MIT
// All code is in the parents.
// solhint-disable no-empty-blocks
pragma solidity 0.8.37;

import {AggregateVotes} from "./rounds/AggregateVotes.sol";
import {BatchClaims} from "./rounds/BatchClaims.sol";
import {Finalization} from "./rounds/Finalization.sol";
import {Lifecycle} from "./rounds/Lifecycle.sol";
import {ModelVotes} from "./rounds/ModelVotes.sol";

/// @title RoundsExtension
/// @notice The piece of {Rounds} with what keepers call, and the votes of seats: {IRoundsKeepers} and {IRoundsVotes}.
/// {Rounds} runs it on its own storage by delegatecall. Called directly it has no tasks and does nothing. It has no
/// immutables, so its code has the same hash wherever it is deployed.
contract RoundsExtension is Lifecycle, AggregateVotes, ModelVotes, Finalization, BatchClaims {}
