// SPDX-License-Identifier: MIT
// All code is in the parents.
// solhint-disable no-empty-blocks
pragma solidity 0.8.37;

import {Membership} from "./rounds/Membership.sol";
import {Roster} from "./rounds/Roster.sol";

/// @title RoundsMembership
/// @notice The piece of {Rounds} with which tasks begin and accounts enter and leave them: {IRoundsTasks},
/// {IRoundsMembers} and {IRoundsHeldPay}. {Rounds} runs it on its own storage by delegatecall. Called directly it has no
/// tasks and does nothing. It has no immutables, so its code has the same hash wherever it is deployed.
contract RoundsMembership is Membership, Roster {}
