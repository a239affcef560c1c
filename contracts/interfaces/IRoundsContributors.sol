// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What contributors call
/// @notice Submissions, their own or relayed. See {IRounds}.
interface IRoundsContributors {
    /// @notice Commits to the caller's update of this round. The first accepted submission counts. Reverts outside of
    /// the Submit phase, or with the reason why the caller may not submit: `Rounds_NotEnrolled`,
    /// `Rounds_EnrolledTooLate`, `Rounds_AlreadySubmitted`, `Rounds_SlotsFull` or `Rounds_NotDrawnToSubmit`.
    /// @param taskId the task
    /// @param commitment keccak256(abi.encode(chainid, rounds, taskId, round, contributor, baseModelHash, updateHash,
    /// stateRoot, uint32 steps, dataRoot, salt)), not zero
    function submit(uint64 taskId, bytes32 commitment) external;

    /// @notice Relays submissions signed with EIP-712 `Submission(uint64 taskId,uint32 round,bytes32 commitment)`. Each
    /// invalid one is skipped with the event `SubmissionSkipped`.
    /// @param taskId the task
    /// @param round that they were signed for; reverts with `Rounds_WrongRound` if another round is open
    /// @param contributors who signed
    /// @param commitments one for each contributor, as in {submit}
    /// @param signatures 65 bytes each (r, s, v; v is 27 or 28), concatenated in the same order. Only accounts with a
    /// private key can sign
    /// @return accepted number of accepted submissions
    function submitBatch(
        uint64 taskId,
        uint32 round,
        address[] calldata contributors,
        bytes32[] calldata commitments,
        bytes calldata signatures
    ) external returns (uint256 accepted);

    /// @notice The EIP-712 domain separator {name "Assay Rounds", version "1"} of this chain, computed anew at each
    /// call.
    /// @return 32 bytes
    function domainSeparator() external view returns (bytes32);
}
