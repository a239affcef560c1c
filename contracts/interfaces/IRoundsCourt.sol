// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the court reads and calls
/// @notice Evidence of the last eight rounds, and what cases do to earnings and models. See {IRounds}.
///
/// A view of a round answers zero unless the round has opened and the ring still holds it: until the round eight later
/// opens. What needs more than a getter is proven against these words with the preimages in {RoundRecords}, all of which
/// are in events.
///
/// The functions that only the court may call never revert but for too little gas: what can't be done any more does
/// nothing and emits so.
interface IRoundsCourt {
    // ---- evidence

    /// @notice The record of a round: what it began with, and what was settled so far. See {RoundRecords}.
    /// @param taskId the task
    /// @param round from 1
    /// @return record low 224 bits of the hash chain; 0 if the ring doesn't hold the round
    /// @return submissions number of the round's submissions; 0 unless it was sealed
    function recordOf(uint64 taskId, uint32 round) external view returns (uint224 record, uint256 submissions);

    /// @notice The beacon that sealed a round.
    /// @param taskId the task
    /// @param round from 1
    /// @return 32 random bytes; 0 unless the round was sealed and the ring holds it
    function beaconAt(uint64 taskId, uint32 round) external view returns (bytes32);

    /// @notice When a round opened and closed.
    /// @param taskId the task
    /// @param round from 1
    /// @return openedAt unix seconds; 0 if the ring doesn't hold the round. For a round that lasted longer than 194 days
    /// it is a later time
    /// @return closedAt unix seconds, from which the challenge window counts; 0 while the round is open
    function timesOf(uint64 taskId, uint32 round) external view returns (uint256 openedAt, uint256 closedAt);

    /// @notice The digest of a page of a sealed round's submissions.
    /// @param taskId the task
    /// @param round from 1
    /// @param page from 0: submission index / 32
    /// @return keccak256(abi.encode(digest so far, contributor, commitment)), starting from 0, over the submissions of
    /// the page in order; 0 unless the round was sealed with so many submissions and the ring holds it
    function pageOf(uint64 taskId, uint32 round, uint256 page) external view returns (bytes32);

    /// @notice What a validator said in a round. Of the first attempt, its votes are folded in: {RoundRecords.voted}.
    /// @param taskId the task
    /// @param validator who said it
    /// @param round from 1
    /// @param attempt 0, or 1 in the redraw
    /// @return word the round in the high 32 bits, and the low 224 bits of the commitment to the sheets of this attempt,
    /// of the first one with all votes folded in; without a commitment, of the votes alone; 0 if it said nothing
    function sheetOf(
        uint64 taskId,
        address validator,
        uint32 round,
        uint8 attempt
    ) external view returns (bytes32 word);

    // ---- earnings: only the court

    /// @notice Opens a case against an account: its pay in this task that hasn't matured moves to a bucket, and what is
    /// held or will be released from held pay stays there until the last open case ends. Matured pay is never touched,
    /// and neither is other pay credited later, unless another case is opened.
    /// @param taskId the task
    /// @param account contributor or validator
    function seize(uint64 taskId, address account) external;

    /// @notice Ends a case without a penalty. With the last open case the account gets all back, as if it had never been
    /// seized: each part matures when it would have, and at once if that time has passed.
    /// @param taskId the task
    /// @param account contributor or validator
    function restore(uint64 taskId, address account) external;

    /// @notice Ends a case with a penalty: what is in the bucket, and all held pay, goes back to the task. Later
    /// penalties find only what was seized since. {returnForfeited} moves the tokens to the escrow.
    /// @param taskId the task
    /// @param account contributor or validator
    /// @return amount reward wei forfeited
    function forfeit(uint64 taskId, address account) external returns (uint256 amount);

    // ---- the model: only the court

    /// @notice Undoes a round and all that followed from it: the next round that opens trains from the model that
    /// `round` trained from. Does nothing if an earlier roll-back undoes or undid that round. Of several roll-backs
    /// before an opening the one of the earliest round counts. Pay isn't touched.
    /// @param taskId the task
    /// @param round the round with the false model
    /// @param baseModelHash model that `round` trained from; the court has checked it against the record
    function rollBackModel(uint64 taskId, uint32 round, bytes32 baseModelHash) external;

    // ---- anyone

    /// @notice Moves forfeited pay to the escrow, as funds of the task. Anyone. Reverts with
    /// `Rounds_NothingForfeited`, and with the token's error if it refuses.
    /// @param taskId the task
    /// @return amount reward wei moved
    function returnForfeited(uint64 taskId) external returns (uint256 amount);
}
