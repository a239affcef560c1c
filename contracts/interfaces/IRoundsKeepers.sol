// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "./IRoundsTypes.sol";

/// @title What keepers call
/// @notice Calls that move a round on when they are due, and claims for many accounts. Anyone may make them; {Phases}
/// has the phases in which they are due. See {IRounds}.
interface IRoundsKeepers is IRoundsTypes {
    /// @notice Opens the next round: changes to an announced pool that is due, seats candidates, freezes the roster and
    /// reserves the most that the round can cost. Anyone.
    /// @param taskId the task
    function openRound(uint64 taskId) external;

    /// @notice Closes submissions once their time is up, and requests a beacon. A round without submissions is void.
    /// Anyone.
    /// @param taskId the task
    function closeSubmissions(uint64 taskId) external;

    /// @notice Seals the round with the beacon once it exists (before that: `Rounds_BeaconPending`). An expired beacon
    /// voids the round, and so does one that gave no value for a day. Anyone.
    /// @param taskId the task
    function seal(uint64 taskId) external;

    /// @notice Draws the second committees of cohorts whose first one gave no majority, and counts its missed duties. A
    /// reveal does so too, but a seat drawn for more than about a hundred cohorts would then need more gas than a
    /// transaction may use. Others among the cohorts are skipped. Anyone, while the redraw lasts.
    /// @param taskId the task
    /// @param cohorts from 0
    function redrawCommittees(uint64 taskId, uint32[] calldata cohorts) external;

    /// @notice Voids a cohort without a majority, once the reveals of the redraw are over. Seats that revealed are
    /// paid, silent seats have missed a duty. Anyone.
    /// @param taskId the task
    /// @param cohort from 0
    function voidCohort(uint64 taskId, uint32 cohort) external;

    /// @notice Ends a round once all root seats have voted or their time is up: adopts the model with the votes of more
    /// than half of the seats, pays validators, fines missed duties, and gives the escrow back what isn't owed. Anyone.
    /// @param taskId the task
    function finalizeRound(uint64 taskId) external;

    /// @notice Moves credited pay from the escrow to the purse. The end of a round does so too; this call doesn't wait
    /// for it, and tries again after the reward token refused. Anyone, at any time.
    /// @param taskId the task
    /// @return amount reward wei collected, 0 if there is nothing to collect
    function collect(uint64 taskId) external returns (uint256 amount);

    /// @notice Claims for many accounts; a claim that fails is skipped.
    /// @param requests any number, of any tasks
    /// @return claimed number of claims that were paid
    function claimMany(ClaimRequest[] calldata requests) external returns (uint256 claimed);
}
