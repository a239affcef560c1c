// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "./IRoundsTypes.sol";

/// @title What keepers call
/// @notice Calls that move a round on when they are due, and claims for many. Anyone may make them; the phase table of {Phases} says
/// when. See {IRounds}.
interface IRoundsKeepers is IRoundsTypes {
    /// @notice Opens the next round: freezes the roster and reserves the most that the round can cost. Anyone.
    /// @param taskId the task
    function openRound(uint64 taskId) external;

    /// @notice Ends the submit phase once its time is up and asks for a beacon. A round without submissions is void. Anyone.
    /// @param taskId the task
    function closeSubmissions(uint64 taskId) external;

    /// @notice Takes the beacon once it exists (before that: `Rounds_BeaconPending`); an expired one makes the round void. Anyone.
    /// @param taskId the task
    function seal(uint64 taskId) external;

    /// @notice Gives up a cohort that has no majority, once the redraw's reveals are over. Seats that revealed are paid, silent ones missed
    /// a duty. Anyone.
    /// @param taskId the task
    /// @param cohort from 0
    function voidCohort(uint64 taskId, uint32 cohort) external;

    /// @notice Ends a round once all root seats voted or their time is up: adopts the model that more than half of the seats named, pays
    /// validators, fines missed duties and gives back what isn't owed. Anyone.
    /// @param taskId the task
    function finalizeRound(uint64 taskId) external;

    /// @notice Moves what closed rounds credited from the escrow to the purse that claims are paid from. The end of a round does it; this
    /// tries again after the reward token refused. Anyone, while no round is open.
    /// @param taskId the task
    /// @return amount reward wei collected, 0 when there is nothing to collect
    function collect(uint64 taskId) external returns (uint256 amount);

    /// @notice Claims for many; one that cannot be paid is skipped.
    /// @param requests any number, of any tasks
    /// @return claimed number of requests that were paid
    function claimMany(ClaimRequest[] calldata requests) external returns (uint256 claimed);
}
