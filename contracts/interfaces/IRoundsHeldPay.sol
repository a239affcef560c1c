// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Held pay that no audit decides on
/// @notice What leaving releases, and a release that anyone may ask for. See {IRounds}.
interface IRoundsHeldPay {
    /// @notice Releases or cancels held pay of a contributor that doesn't leave, by the rule of {releasableOf}. Anyone,
    /// while no round is open, from 28 days after the last round became final on (before that:
    /// `Rounds_NotReleasable`). What is released is credited to the contributor, the rest goes back to the escrow.
    /// @param taskId the task
    /// @param contributor whose pay is held; without any the call reverts with `Rounds_NothingHeld`
    /// @return released reward wei
    function releaseHeld(uint64 taskId, address contributor) external returns (uint256 released);

    /// @notice What leaving would release now. Held pay is released in these cases, if the contributor isn't flagged:
    ///
    /// - no round is open, rounds are left, and the task is closed or its last round is final for 14 days
    /// - such 14 days were over when the open round started, and the contributor did not submit to it
    /// - a new pool is announced, or came after the contributor's last submission
    /// - the task's last possible round is over; the contributor submitted and was not judged, or it had no slot, or
    ///   it took part in no round since a pause that ended less than three days before the round opened. A pause is
    ///   when no round opens for three days after one is final
    ///
    /// All of it is released; half of it if no update of the contributor was ever judged, because it is then held at
    /// the highest Q and R.
    /// @param taskId the task
    /// @param contributor any account
    /// @return released reward wei that leaving releases; the rest would be cancelled
    /// @return held reward wei that are held
    function releasableOf(uint64 taskId, address contributor) external view returns (uint256 released, uint256 held);
}
