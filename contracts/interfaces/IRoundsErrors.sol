// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "./IRoundsTypes.sol";

/// @title Errors of Rounds
/// @notice Each with the values that caused it. See {IRounds}.
interface IRoundsErrors is IRoundsTypes {
    /// @notice Only the escrow may call this.
    /// @param caller who called
    /// @param tasks the escrow
    error Rounds_OnlyTasks(address caller, address tasks);
    /// @notice There is no task with this number; tasks count from 1.
    /// @param taskId that was asked for
    error Rounds_UnknownTask(uint64 taskId);
    /// @notice The call belongs to another phase. {IRoundsLens.roundOf} has the times of the round.
    /// @param taskId the task, which may not exist
    /// @param actual current phase
    /// @param needed phase that the call belongs to; for a call that belongs to both attempts, the phase of the first
    /// one
    error Rounds_WrongPhase(uint64 taskId, Phase actual, Phase needed);
    /// @notice The owner closed the task: no further round opens.
    /// @param taskId the task
    error Rounds_TaskClosed(uint64 taskId);
    /// @notice The task has had all `maxRounds` rounds that it pays for.
    /// @param taskId the task
    /// @param maxRounds rounds that it pays for
    error Rounds_AllRoundsDone(uint64 taskId, uint256 maxRounds);
    /// @notice A round needs `minimum` enrolled contributors to open.
    /// @param enrolled contributors now, without those who enrolled in this block
    /// @param minimum the task's `minContributors`
    error Rounds_TooFewContributors(uint256 enrolled, uint256 minimum);
    /// @notice A round needs 2k + 1 validators with weight to open.
    /// @param weighted validators with weight in the next roster
    /// @param minimum 2k + 1
    error Rounds_TooFewValidators(uint256 weighted, uint256 minimum);
    /// @notice The account is not enrolled in the task.
    /// @param taskId the task
    /// @param account the account
    error Rounds_NotEnrolled(uint64 taskId, address account);
    /// @notice The contributor has submitted already; only the first accepted submission of a round counts.
    /// @param taskId the task
    /// @param round with the submission
    /// @param contributor who submitted
    error Rounds_AlreadySubmitted(uint64 taskId, uint32 round, address contributor);
    /// @notice More contributors are enrolled than the round has slots, and the previous beacon drew others to submit.
    /// @param taskId the task
    /// @param round the round
    /// @param contributor who was not drawn
    error Rounds_NotDrawnToSubmit(uint64 taskId, uint32 round, address contributor);
    /// @notice The contributor enrolled after the round had opened or in the block of its opening, and may submit from
    /// the next round on.
    /// @param taskId the task
    /// @param round the open round
    /// @param contributor who enrolled too late
    error Rounds_EnrolledTooLate(uint64 taskId, uint32 round, address contributor);
    /// @notice Every slot of the round is taken.
    /// @param taskId the task
    /// @param slots of the round
    error Rounds_SlotsFull(uint64 taskId, uint256 slots);
    /// @notice The commitment is zero.
    error Rounds_ZeroCommitment();
    /// @notice The relayed submissions were signed for another round.
    /// @param taskId the task
    /// @param given round of the call
    /// @param actual round that takes submissions
    error Rounds_WrongRound(uint64 taskId, uint32 given, uint32 actual);
    /// @notice Lists that belong together have different lengths.
    /// @param expected items, or bytes of signatures, that the other lists of the call need (at least, in
    /// {IRoundsAnyone.settle})
    /// @param actual items or bytes given
    error Rounds_LengthMismatch(uint256 expected, uint256 actual);
    /// @notice The beacon's value doesn't exist yet: try again later.
    /// @param beaconId identifier of the requested value
    error Rounds_BeaconPending(uint64 beaconId);
    /// @notice The account has no place in the roster that the call needs, and no bid for one.
    /// @param taskId the task
    /// @param account the account
    error Rounds_NotInRoster(uint64 taskId, address account);
    /// @notice The validator has committed in this attempt already; a commitment can't be changed.
    /// @param taskId the task
    /// @param round that is scored
    /// @param attempt 0, or 1 in the redraw
    error Rounds_AlreadyCommitted(uint64 taskId, uint32 round, uint8 attempt);
    /// @notice The revealed sheets don't match the commitment. Both values have the round in the high 32 bits and the
    /// low 224 bits of a digest.
    /// @param committed value on chain; without a commitment in this attempt, 0 or one of an earlier round
    /// @param revealed value of the revealed sheets
    error Rounds_CommitmentMismatch(bytes32 committed, bytes32 revealed);
    /// @notice The validator has no seat in this cohort's committee of this attempt.
    /// @param cohort from 0, or type(uint32).max for the root
    /// @param validator who called
    error Rounds_NotDrawn(uint32 cohort, address validator);
    /// @notice There is no such cohort. Cohorts count from 0 and exist from the seal on.
    /// @param cohort that was asked for
    /// @param cohorts number of cohorts
    error Rounds_UnknownCohort(uint32 cohort, uint256 cohorts);
    /// @notice The seat has revealed its scores of this cohort already.
    /// @param cohort from 0
    /// @param validator who holds the seat
    error Rounds_AlreadyRevealed(uint32 cohort, address validator);
    /// @notice The cohort's first committee has a majority, so that there is no redraw.
    /// @param cohort from 0
    error Rounds_NoRedraw(uint32 cohort);
    /// @notice An entry is out of range, or not zero for a position that the cohort doesn't have.
    /// @param cohort from 0
    /// @param position 0…15 in the cohort
    /// @param entry 32 bits as in ScoreWords
    error Rounds_BadEntry(uint32 cohort, uint256 position, uint256 entry);
    /// @notice The contributor isn't the one at this position, or is settled already.
    /// @param cohort from 0
    /// @param position 0…15 in the cohort
    /// @param contributor as given in the call
    error Rounds_WrongContributor(uint32 cohort, uint256 position, address contributor);
    /// @notice Too few seats revealed for a majority of the committee.
    /// @param cohort from 0
    /// @param revealed number of seats that revealed in its latest attempt
    /// @param needed ⌊k / 2⌋ + 1
    error Rounds_NoMajority(uint32 cohort, uint256 revealed, uint256 needed);
    /// @notice The cohort has a majority: it can be settled, so it can't be voided.
    /// @param cohort from 0
    /// @param revealed number of seats that revealed in its latest attempt
    error Rounds_HasMajority(uint32 cohort, uint256 revealed);
    /// @notice The cohort is settled or void already.
    /// @param cohort from 0
    error Rounds_CohortDone(uint32 cohort);
    /// @notice The cohort isn't settled, so it has no aggregate.
    /// @param cohort the cohort: void, open, or none
    error Rounds_CohortNotSettled(uint32 cohort);
    /// @notice The seat has voted already; a vote is final.
    /// @param cohort from 0, or type(uint32).max for the root
    /// @param validator who holds the seat
    error Rounds_AlreadyVoted(uint32 cohort, address validator);
    /// @notice The call has no vote. It would only lengthen what proves the caller's votes.
    error Rounds_NoVotes();
    /// @notice The account has no matured earnings.
    /// @param taskId the task
    /// @param account the account
    /// @param nextMaturesAt unix seconds at which the next part matures, 0 if nothing is pending
    error Rounds_NothingMatured(uint64 taskId, address account, uint256 nextMaturesAt);
    /// @notice The task's purse has too little. The open round credited the rest, or the reward token refused the
    /// collection. {IRoundsKeepers.collect} tries again.
    /// @param taskId the task
    /// @param amount reward wei that have matured
    /// @param available reward wei in the purse
    error Rounds_NotCollected(uint64 taskId, uint256 amount, uint256 available);
    /// @notice The call needs more gas than is left.
    /// @param available gas left
    /// @param needed gas that must be left there
    error Rounds_GasTooLow(uint256 available, uint256 needed);
    /// @notice No round has counted the enrolment yet. It stays until one that counted it is final, or until
    /// `boundUntil` if none opens: as long as a whole round and its challenge window may last.
    /// @param taskId the task
    /// @param boundUntil unix seconds from which the contributor may leave if no round opens before
    error Rounds_EnrolmentBound(uint64 taskId, uint256 boundUntil);
    /// @notice The last round that binds the account is not final yet.
    /// @param taskId the task
    /// @param finalAt unix seconds; the largest number while the round is open
    error Rounds_NotFinal(uint64 taskId, uint256 finalAt);
    /// @notice Leaving would release less held pay than the contributor accepts.
    /// @param released reward wei that would be released now
    /// @param minReleased reward wei that the contributor accepts at least
    error Rounds_ReleaseTooLow(uint256 released, uint256 minReleased);
    /// @notice No pay of the contributor is held.
    /// @param taskId the task
    /// @param contributor the account
    error Rounds_NothingHeld(uint64 taskId, address contributor);
    /// @notice Only the contributor itself can end the hold yet, by leaving.
    /// @param taskId the task
    /// @param releaseAt unix seconds from which on anyone can, if no round opens before
    error Rounds_NotReleasable(uint64 taskId, uint256 releaseAt);
    /// @notice All 64 places are taken, none by a smaller weight, or 16 candidates with as much weight wait for one: bid
    /// more.
    /// @param taskId the task
    /// @param leastStake ASSAY wei that a bid must have; the largest number if no bid can have more weight
    error Rounds_RosterFull(uint64 taskId, uint256 leastStake);
    /// @notice The task's current pool has another root, and so has the announced one, if there is one.
    /// @param taskId the task, which may not exist
    /// @param poolRoot as given in the call
    error Rounds_UnknownPool(uint64 taskId, bytes32 poolRoot);
    /// @notice Another pool is announced already. It can be replaced once the round before its first one has opened.
    /// @param taskId the task
    /// @param firstRound of the announced pool
    error Rounds_PoolPending(uint64 taskId, uint32 firstRound);
    /// @notice The announced pool is the current one.
    /// @param taskId the task
    /// @param poolRoot as given in the call
    error Rounds_SamePool(uint64 taskId, bytes32 poolRoot);
    /// @notice The validator has a place in the roster that draws now or next, or bids for one: leave, and wait for the
    /// round's end.
    /// @param taskId the task
    /// @param validator with the place
    error Rounds_StillDrawn(uint64 taskId, address validator);
    /// @notice The validator took its place from another one, or is a candidate for another one's, and must keep its bid
    /// for a while.
    /// @param taskId the task
    /// @param boundUntil unix seconds from which it may leave
    error Rounds_PlaceBound(uint64 taskId, uint256 boundUntil);
    /// @notice The recipient is the zero address.
    error Rounds_ZeroRecipient();
    /// @notice The hash voted for is zero.
    error Rounds_ZeroHash();
    /// @notice An address given at deployment has no code of its own.
    /// @param account the address
    error Rounds_NotAContract(address account);
    /// @notice A piece of the code is not what these sources compile to.
    /// @param piece its address
    /// @param codeHash hash of the code at that address
    /// @param expected hash given at deployment
    error Rounds_WrongCode(address piece, bytes32 codeHash, bytes32 expected);
    /// @notice Only the court may call this.
    /// @param caller who called
    /// @param court who may; zero: this deployment has no court
    error Rounds_OnlyCourt(address caller, address court);
    /// @notice No pay of the task is forfeited and not returned yet.
    /// @param taskId the task, which may not exist
    error Rounds_NothingForfeited(uint64 taskId);
}
