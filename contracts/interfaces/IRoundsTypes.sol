// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What Rounds works with
/// @notice Enumerations and structs. See {IRounds}.
interface IRoundsTypes {
    /// @notice By clock and state. CloseDue, SealDue, SettleDue and FinalizeDue wait for a call that anyone can make.
    enum Phase {
        Idle,
        Submit,
        CloseDue,
        SealDue,
        Open,
        Commit,
        Reveal,
        RedrawCommit,
        RedrawReveal,
        SettleDue,
        CohortVote,
        RootVote,
        FinalizeDue
    }

    /// @notice What the seats say of an update; None is never stored.
    enum Outcome {
        None,
        Audited,
        Unaudited,
        Failed
    }

    /// @notice Why a whole round is void.
    enum VoidReason {
        NoSubmissions,
        BeaconExpired
    }

    /// @notice Why a relayed submission was skipped.
    enum SkipReason {
        NotEnrolled,
        AlreadySubmitted,
        NotDrawn,
        SlotsFull,
        BadSignature,
        EnrolledTooLate
    }

    /// @param taskId the task that pays
    /// @param account whose earnings are claimed, and who is paid
    struct ClaimRequest {
        uint64 taskId;
        address account;
    }
}
