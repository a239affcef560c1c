// SPDX-License-Identifier: MIT
// The whole is its parts.
// solhint-disable no-empty-blocks
pragma solidity 0.8.37;

import {IRoundsAnyone} from "./IRoundsAnyone.sol";
import {IRoundsContributors} from "./IRoundsContributors.sol";
import {IRoundsErrors} from "./IRoundsErrors.sol";
import {IRoundsEvents} from "./IRoundsEvents.sol";
import {IRoundsKeepers} from "./IRoundsKeepers.sol";
import {IRoundsRootSeats} from "./IRoundsRootSeats.sol";
import {IRoundsTasks} from "./IRoundsTasks.sol";
import {IRoundsValidators} from "./IRoundsValidators.sol";
import {IRoundsWiring} from "./IRoundsWiring.sol";
import {ISlotReader} from "./ISlotReader.sol";

/// @title Rounds: from submissions to pay
/// @notice The whole life of a round: submit → seal → open → commit → reveal → settle → aggregate → final. Nobody hands this
/// contract an amount of pay: it takes medians of revealed scores and evaluates the formula.
///
/// One interface a caller: {IRoundsContributors}, {IRoundsValidators}, {IRoundsRootSeats}, {IRoundsAnyone}, {IRoundsKeepers}, {IRoundsTasks}. What there is to
/// read is read through {IRoundsLens}.
///
/// Safety: one settled submission is paid once; no pay above the reserve made when the round opened. Liveness: each phase ends by
/// a call that anyone can make.
interface IRounds is
    IRoundsEvents,
    IRoundsErrors,
    IRoundsContributors,
    IRoundsValidators,
    IRoundsRootSeats,
    IRoundsAnyone,
    IRoundsKeepers,
    IRoundsTasks,
    IRoundsWiring,
    ISlotReader
{}
