// SPDX-License-Identifier: MIT
// All functions are in the parents.
// solhint-disable no-empty-blocks
pragma solidity 0.8.37;

import {IRoundsAnyone} from "./IRoundsAnyone.sol";
import {IRoundsContributors} from "./IRoundsContributors.sol";
import {IRoundsCourt} from "./IRoundsCourt.sol";
import {IRoundsErrors} from "./IRoundsErrors.sol";
import {IRoundsEvents} from "./IRoundsEvents.sol";
import {IRoundsHeldPay} from "./IRoundsHeldPay.sol";
import {IRoundsKeepers} from "./IRoundsKeepers.sol";
import {IRoundsMembers} from "./IRoundsMembers.sol";
import {IRoundsTasks} from "./IRoundsTasks.sol";
import {IRoundsValidators} from "./IRoundsValidators.sol";
import {IRoundsVotes} from "./IRoundsVotes.sol";
import {IRoundsWiring} from "./IRoundsWiring.sol";
import {ISlotReader} from "./ISlotReader.sol";

/// @title Rounds: from submissions to pay
/// @notice The life of a round: submit → close → seal → open → commit → reveal → settle → vote → finalize. Nobody tells
/// this contract how much to pay: it takes medians of revealed scores and evaluates the reward formula.
///
/// One interface for each caller: {IRoundsContributors}, {IRoundsValidators}, {IRoundsVotes}, {IRoundsAnyone},
/// {IRoundsKeepers}, {IRoundsMembers}, {IRoundsHeldPay}, {IRoundsTasks}, {IRoundsCourt}. What cases are proven with is in
/// {IRoundsEvidence}, views for people are in {IRoundsLens}.
///
/// Safety: a settled submission is paid once, and a round pays at most the reserve made when it opened. Liveness: each
/// phase ends by the clock or by a call that anyone can make.
interface IRounds is
    IRoundsEvents,
    IRoundsErrors,
    IRoundsContributors,
    IRoundsValidators,
    IRoundsVotes,
    IRoundsAnyone,
    IRoundsKeepers,
    IRoundsMembers,
    IRoundsHeldPay,
    IRoundsTasks,
    IRoundsCourt,
    IRoundsWiring,
    ISlotReader
{}
