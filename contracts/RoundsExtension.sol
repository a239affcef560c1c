// SPDX-License-Identifier: MIT
// It is its parts.
// solhint-disable no-empty-blocks
pragma solidity 0.8.37;

import {BatchClaims} from "./rounds/BatchClaims.sol";
import {Finalization} from "./rounds/Finalization.sol";
import {Lifecycle} from "./rounds/Lifecycle.sol";
import {Membership} from "./rounds/Membership.sol";
import {ModelVotes} from "./rounds/ModelVotes.sol";

/// @title RoundsExtension
/// @notice The half of {Rounds} that runs once a round or less: {IRoundsTasks}, {IRoundsKeepers} and {IRoundsRootSeats}. {Rounds} runs it on its own storage;
/// called directly it has no task and nothing to do. It has no immutables, so that its code has the same hash wherever it is deployed.
contract RoundsExtension is Membership, Lifecycle, ModelVotes, Finalization, BatchClaims {}
