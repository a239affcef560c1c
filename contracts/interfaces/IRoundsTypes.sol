// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Types of Rounds
/// @notice Enumerations and structs. See {IRounds}.
interface IRoundsTypes {
    /// @notice Where a round stands, by clock and state. CloseDue, SealDue, SettleDue and FinalizeDue wait for a call
    /// that anyone can make.
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

    /// @notice Where a validator's bid stands. Joined: it isn't ready yet, or was outbid. Candidate: it waits for a place
    /// of a full roster. Placed: it has a place.
    enum Standing {
        None,
        Joined,
        Candidate,
        Placed
    }

    /// @notice The outcome of a verdict on an update. None is never stored. TaskFault: what the task owner published
    /// kept the seats from judging it.
    enum Outcome {
        None,
        Audited,
        Unaudited,
        Failed,
        TaskFault
    }

    /// @notice Why a whole round is void.
    enum VoidReason {
        NoSubmissions,
        BeaconExpired,
        BeaconSilent
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
    /// @param account whose earnings are claimed, and who receives them
    struct ClaimRequest {
        uint64 taskId;
        address account;
    }
}
