// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What anyone may call for accounts that are paid by it
/// @notice Settlement and claims. See {IRounds}.
interface IRoundsAnyone {
    /// @notice Settles cohorts whose reveals are over, in any order. Anyone. Cohorts that are done are skipped. The
    /// call gives only the members' addresses: the contract takes the medians and evaluates the formula.
    /// @param taskId the task
    /// @param cohorts from 0. One without a majority reverts with `Rounds_NoMajority`: it gets a redraw, then
    /// {IRoundsKeepers.voidCohort}
    /// @param contributors members of all named cohorts, in the order of cohorts and positions, also of cohorts that
    /// are done
    function settle(uint64 taskId, uint32[] calldata cohorts, address[] calldata contributors) external;

    /// @notice Pays all matured earnings of `account` in a task, over any number of rounds, to `account`. Anyone.
    /// Reverts with `Rounds_NothingMatured`, or with `Rounds_NotCollected` while the purse has too little.
    /// @param taskId the task
    /// @param account whose earnings are paid, and who receives them
    /// @return amount reward wei paid
    function claim(uint64 taskId, address account) external returns (uint256 amount);

    /// @notice Pays all matured earnings of the caller to `to`. Reverts like {claim}.
    /// @param taskId the task
    /// @param to who receives them, not zero
    /// @return amount reward wei paid
    function claimTo(uint64 taskId, address to) external returns (uint256 amount);
}
