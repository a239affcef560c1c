// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What anyone may call for those who are paid by it
/// @notice Settlement and claims. See {IRounds}.
interface IRoundsAnyone {
    /// @notice Settles cohorts whose reveal window is over, in any order; anyone. Cohorts that are done are skipped. Nothing but the
    /// members' addresses is given: the contract takes medians and evaluates the formula.
    /// @param taskId the task
    /// @param cohorts from 0; one without a majority reverts with `Rounds_NoMajority`: its redraw or {IRoundsKeepers.voidCohort} comes next
    /// @param contributors members of all named cohorts, in cohort and position order (also of cohorts that are done already)
    function settle(uint64 taskId, uint32[] calldata cohorts, address[] calldata contributors) external;

    /// @notice Pays all matured earnings of `account` in a task, of any number of rounds, to `account`. Anyone. Reverts with
    /// `Rounds_NothingMatured`, or `Rounds_NotCollected` while the purse is short.
    /// @param taskId the task
    /// @param account who earned, and is paid
    /// @return amount reward wei paid
    function claim(uint64 taskId, address account) external returns (uint256 amount);

    /// @notice Pays all matured earnings of the caller to `to`. Reverts like {claim}.
    /// @param taskId the task
    /// @param to who is paid, not zero
    /// @return amount reward wei paid
    function claimTo(uint64 taskId, address to) external returns (uint256 amount);
}
