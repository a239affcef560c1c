// SPDX-License-Identifier: MIT
// All code is in the parents.
// solhint-disable no-empty-blocks
pragma solidity 0.8.37;

import {Evidence} from "./rounds/Evidence.sol";
import {RollBacks} from "./rounds/RollBacks.sol";
import {Seizures} from "./rounds/Seizures.sol";

/// @title RoundsCases
/// @notice The piece of {Rounds} with what cases need: {IRoundsCourt}. {Rounds} runs it on its own storage by
/// delegatecall. Called directly it has no tasks and does nothing. It has no immutables, so its code has the same hash
/// wherever it is deployed.
contract RoundsCases is Evidence, Seizures, RollBacks {}
