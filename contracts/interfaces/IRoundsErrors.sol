// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "./IRoundsTypes.sol";

/// @title Why Rounds refuses
/// @notice Errors, each with the values that caused it. See {IRounds}.
interface IRoundsErrors is IRoundsTypes {
    /// @notice Only the escrow calls this.
    /// @param caller who called
    /// @param tasks the escrow
    error Rounds_OnlyTasks(address caller, address tasks);
    /// @notice No task has this number; they count from 1.
    /// @param taskId that was asked for
    error Rounds_UnknownTask(uint64 taskId);
    /// @notice The call belongs to another phase: see the round's times in {IRoundsLens.roundOf}.
    /// @param taskId the task, which may not exist
    /// @param actual phase now
    /// @param needed phase that the call belongs to; of a call that both attempts have, the first one's
    error Rounds_WrongPhase(uint64 taskId, Phase actual, Phase needed);
    /// @notice The owner closed the task: no further round opens.
    /// @param taskId the task
    error Rounds_TaskClosed(uint64 taskId);
    /// @notice The task pays for `maxRounds` rounds and has had them.
    /// @param taskId the task
    /// @param maxRounds rounds that it pays for
    error Rounds_AllRoundsDone(uint64 taskId, uint256 maxRounds);
    /// @notice A round opens with `minimum` enrolled contributors.
    /// @param enrolled contributors now
    /// @param minimum the task's `minContributors`
    error Rounds_TooFewContributors(uint256 enrolled, uint256 minimum);
    /// @notice A round opens with 2k + 1 validators that have weight.
    /// @param weighted validators with weight in the next roster
    /// @param minimum 2k + 1
    error Rounds_TooFewValidators(uint256 weighted, uint256 minimum);
    /// @notice The account is not enrolled in the task.
    /// @param taskId the task
    /// @param account who isn't
    error Rounds_NotEnrolled(uint64 taskId, address account);
    /// @notice The first accepted submission of a round counts; a retry does no harm and no good.
    /// @param taskId the task
    /// @param round that has the submission
    /// @param contributor who submitted
    error Rounds_AlreadySubmitted(uint64 taskId, uint32 round, address contributor);
    /// @notice More are enrolled than the round has slots, and the previous beacon drew others.
    /// @param taskId the task
    /// @param round that drew others
    /// @param contributor without a place
    error Rounds_NotDrawnToSubmit(uint64 taskId, uint32 round, address contributor);
    /// @notice The contributor enrolled after the round had opened; its first one is the next.
    /// @param taskId the task
    /// @param round that was open already
    /// @param contributor who enrolled then
    error Rounds_EnrolledTooLate(uint64 taskId, uint32 round, address contributor);
    /// @notice The round has all the submissions that it pays for.
    /// @param taskId the task
    /// @param slots most submissions of a round
    error Rounds_SlotsFull(uint64 taskId, uint256 slots);
    /// @notice A commitment is never zero.
    error Rounds_ZeroCommitment();
    /// @notice The relayed submissions were signed for another round.
    /// @param taskId the task
    /// @param given round of the call
    /// @param actual round that takes submissions
    error Rounds_WrongRound(uint64 taskId, uint32 given, uint32 actual);
    /// @notice Lists that belong together differ in length.
    /// @param expected items, or bytes of signatures, that the call's other lists ask for (at least, in {IRoundsAnyone.settle})
    /// @param actual items or bytes given
    error Rounds_LengthMismatch(uint256 expected, uint256 actual);
    /// @notice The beacon's value doesn't exist yet: try again later.
    /// @param beaconId what was requested
    error Rounds_BeaconPending(uint64 beaconId);
    /// @notice The account has no place in the roster that this call asks for.
    /// @param taskId the task
    /// @param account without a place
    error Rounds_NotInRoster(uint64 taskId, address account);
    /// @notice One commitment an attempt: it can't be changed.
    /// @param taskId the task
    /// @param round that is scored
    /// @param attempt 0, or 1 in the redraw
    error Rounds_AlreadyCommitted(uint64 taskId, uint32 round, uint8 attempt);
    /// @notice What was revealed is not what was committed to. Both words: round in the high 32 bits, low 224 of the digest.
    /// @param committed word on chain; of an earlier round, or 0, without a commitment in this attempt
    /// @param revealed word that the reveal gives
    error Rounds_CommitmentMismatch(bytes32 committed, bytes32 revealed);
    /// @notice The validator has no seat in this cohort's committee of this attempt.
    /// @param cohort from 0, or type(uint32).max for the root
    /// @param validator who called
    error Rounds_NotDrawn(uint32 cohort, address validator);
    /// @notice There are `cohorts` cohorts, counted from 0; none before the seal.
    /// @param cohort that was asked for
    /// @param cohorts number of cohorts
    error Rounds_UnknownCohort(uint32 cohort, uint256 cohorts);
    /// @notice The seat's scores of this cohort are there already.
    /// @param cohort from 0
    /// @param validator who holds the seat
    error Rounds_AlreadyRevealed(uint32 cohort, address validator);
    /// @notice The cohort's first committee has a majority: it is not drawn again.
    /// @param cohort from 0
    error Rounds_NoRedraw(uint32 cohort);
    /// @notice An entry is out of range, or not zero although the cohort has no such position.
    /// @param cohort from 0
    /// @param position 0…15 in the cohort
    /// @param entry 32 bits as in ScoreWords
    error Rounds_BadEntry(uint32 cohort, uint256 position, uint256 entry);
    /// @notice Another account stands at this position, or this one is settled already.
    /// @param cohort from 0
    /// @param position 0…15 in the cohort
    /// @param contributor who was given for it
    error Rounds_WrongContributor(uint32 cohort, uint256 position, address contributor);
    /// @notice Fewer seats revealed than a majority of the committee.
    /// @param cohort from 0
    /// @param revealed seats of its latest attempt that revealed
    /// @param needed ⌊k / 2⌋ + 1
    error Rounds_NoMajority(uint32 cohort, uint256 revealed, uint256 needed);
    /// @notice The cohort can be settled: it is not void.
    /// @param cohort from 0
    /// @param revealed seats of its latest attempt that revealed
    error Rounds_HasMajority(uint32 cohort, uint256 revealed);
    /// @notice The cohort is settled or void.
    /// @param cohort from 0
    error Rounds_CohortDone(uint32 cohort);
    /// @notice There is nothing to aggregate in this cohort.
    /// @param cohort that is void, open or doesn't exist
    error Rounds_CohortNotSettled(uint32 cohort);
    /// @notice A seat's vote is final.
    /// @param cohort from 0, or type(uint32).max for the root
    /// @param validator who holds the seat
    error Rounds_AlreadyVoted(uint32 cohort, address validator);
    /// @notice Nothing can be claimed yet.
    /// @param taskId the task
    /// @param account whose earnings were asked for
    /// @param nextMaturesAt unix seconds, 0 when nothing is pending
    error Rounds_NothingMatured(uint64 taskId, address account, uint256 nextMaturesAt);
    /// @notice The task's purse has too little: the rest is credited by the open round, or the reward token refused its collection.
    /// {IRoundsKeepers.collect} tries again once no round is open.
    /// @param taskId the task
    /// @param amount reward wei that have matured
    /// @param available reward wei in the purse
    error Rounds_NotCollected(uint64 taskId, uint256 amount, uint256 available);
    /// @notice The call needs more gas than was left: send it with more.
    /// @param available gas left
    /// @param needed gas that must be left there
    error Rounds_GasTooLow(uint256 available, uint256 needed);
    /// @notice The last round that binds the account is not final yet.
    /// @param taskId the task
    /// @param finalAt unix seconds; the largest number while the round is open
    error Rounds_NotFinal(uint64 taskId, uint256 finalAt);
    /// @notice All 64 places are taken, none by a smaller stake: bid more.
    /// @param taskId the task
    /// @param smallestStake ASSAY wei that a bid must exceed
    error Rounds_RosterFull(uint64 taskId, uint256 smallestStake);
    /// @notice The validator has a place in the roster that draws now or next: leave, and wait for the round's end.
    /// @param taskId the task
    /// @param validator with the place
    error Rounds_StillDrawn(uint64 taskId, address validator);
    /// @notice The validator took another's place by a higher stake, and keeps it for a while.
    /// @param taskId the task
    /// @param boundUntil unix seconds from which it may leave
    error Rounds_PlaceBound(uint64 taskId, uint256 boundUntil);
    /// @notice Earnings are not paid to nobody.
    error Rounds_ZeroRecipient();
    /// @notice A vote names a hash.
    error Rounds_ZeroHash();
    /// @notice An address that Rounds stands on has no code.
    /// @param account the address
    error Rounds_NotAContract(address account);
    /// @notice The extension's code is not that of the sources' build.
    /// @param extension the address
    /// @param codeHash of the code there
    /// @param expected hash given
    error Rounds_WrongExtension(address extension, bytes32 codeHash, bytes32 expected);
}
