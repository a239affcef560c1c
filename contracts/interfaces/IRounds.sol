// SPDX-License-Identifier: MIT
// Views are for reading, not for storing; the whole is its two halves.
// solhint-disable gas-struct-packing, no-empty-blocks
pragma solidity 0.8.37;

import {ITasks} from "./ITasks.sol";

/// @title The words that Rounds speaks
/// @notice States, views, events and errors. See {IRounds}.
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

    /// @param round number of the current or last round, from 1; 0 before the first
    /// @param phase by clock and state
    /// @param submissions number of accepted submissions
    /// @param cohorts number of cohorts, 0 before the seal
    /// @param cohortsDone settled or void cohorts
    /// @param cohortsVoid void cohorts
    /// @param openedBlock number of the block in which the round opened (where event readers start)
    /// @param submitEnd unix seconds: the first second after the submit phase; the ends below likewise
    /// @param openEnd end of the open phase, 0 before the seal, like the four after it
    /// @param commitEnd end of the first attempt's commits
    /// @param revealEnd end of the first attempt's reveals
    /// @param redrawCommitEnd end of the redraw's commits
    /// @param redrawRevealEnd end of the redraw's reveals
    /// @param cohortVoteEnd end of the votes on cohorts' aggregates, 0 before all cohorts are done
    /// @param rootVoteEnd end of the votes on the next model, 0 before all cohorts are done
    /// @param closedAt unix seconds at which the last closed round closed, 0 before the first did
    /// @param beaconId what was requested from the beacon, 0 before submissions are closed
    /// @param beacon this round's beacon, 0 before the seal
    /// @param previousBeacon beacon of the last sealed round before this one, 0 if none was
    /// @param baseModelHash model that this round trains from (the next one's while Idle)
    struct RoundView {
        uint32 round;
        Phase phase;
        uint32 submissions;
        uint32 cohorts;
        uint32 cohortsDone;
        uint32 cohortsVoid;
        uint64 openedBlock;
        uint64 submitEnd;
        uint64 openEnd;
        uint64 commitEnd;
        uint64 revealEnd;
        uint64 redrawCommitEnd;
        uint64 redrawRevealEnd;
        uint64 cohortVoteEnd;
        uint64 rootVoteEnd;
        uint64 closedAt;
        uint64 beaconId;
        bytes32 beacon;
        bytes32 previousBeacon;
        bytes32 baseModelHash;
    }

    /// @param enrolled whether it takes part now
    /// @param flagged whether an audit failed since the last passed one
    /// @param lastRound last round submitted to, 0 for none
    /// @param index of that submission, from 0
    /// @param settledRound last round of which an update was settled, 0 for none
    /// @param runningQualityBps running Q of audited rounds, 0…10,000
    /// @param runningRarityBps running R of audited rounds, 0…20,000
    /// @param reputationBps ρ, 5,000…15,000; 0 for who never enrolled
    /// @param provenSteps m, pooled replayed steps, 0…48
    /// @param dataUnits D, capped by the task's limit
    /// @param seen settled rounds, counted up to 65,535
    struct ParticipantView {
        bool enrolled;
        bool flagged;
        uint32 lastRound;
        uint32 index;
        uint32 settledRound;
        uint16 runningQualityBps;
        uint16 runningRarityBps;
        uint16 reputationBps;
        uint8 provenSteps;
        uint32 dataUnits;
        uint16 seen;
    }

    /// @param rosterIndex 0…63, index in the frozen roster, or in the next one when that doesn't have it; 0 too when neither does
    /// @param seated whether the frozen roster has it
    /// @param frozenWeight weight in this round's draws, 0 or 204…1,024
    /// @param nextWeight weight from the next opening on, 0 or 204…1,024
    /// @param lastRound last round in which duties were counted
    /// @param accurateEntries in that round
    /// @param dutySum decayed sum of duties, in 1/256 of one
    /// @param doneSum decayed sum of those done in time, in 1/256 of one
    /// @param dutyTotal duties ever, counted up to 65,535
    /// @param uptimeBps U, 0 or 10,000…12,000
    /// @param missedRounds missed rounds of the last ten with duties
    struct ValidatorView {
        uint8 rosterIndex;
        bool seated;
        uint16 frozenWeight;
        uint16 nextWeight;
        uint32 lastRound;
        uint32 accurateEntries;
        uint32 dutySum;
        uint32 doneSum;
        uint16 dutyTotal;
        uint16 uptimeBps;
        uint16 missedRounds;
    }

    /// @notice Amounts in reward-token wei.
    /// @param matured what a claim would pay now
    /// @param pending what matures later
    /// @param held what waits for a passed audit
    /// @param nextMaturesAt unix seconds at which the next part of `pending` matures, 0 for none
    struct EarningsView {
        uint256 matured;
        uint256 pending;
        uint256 held;
        uint256 nextMaturesAt;
    }

    /// @param attempt 0, or 1 after a redraw
    /// @param settled whether its members have their results
    /// @param isVoid whether it was given up
    /// @param revealed seats of this attempt that revealed; of the root committee, that voted
    /// @param seats validators by seat
    struct CohortView {
        uint8 attempt;
        bool settled;
        bool isVoid;
        uint16 revealed;
        address[] seats;
    }

    /// @param taskId the task that pays
    /// @param account whose earnings are claimed, and who is paid
    struct ClaimRequest {
        uint64 taskId;
        address account;
    }

    /// @notice A round takes submissions.
    /// @param taskId the task
    /// @param round its number, from 1
    /// @param baseModelHash model that the round trains from
    /// @param reserved reward wei held back: the most that the round can cost
    /// @param submitEnd unix seconds at which submissions end
    event RoundOpened(
        uint64 indexed taskId,
        uint32 indexed round,
        bytes32 baseModelHash,
        uint256 reserved,
        uint256 submitEnd
    );
    /// @notice The roster changed: committees of this round are drawn from these validators by these weights, by roster index.
    /// @param taskId the task
    /// @param round that opens, the first to draw from this roster
    /// @param validators 64, by roster index; a free place is the zero address
    /// @param weights 64, by roster index: 0, or 204…1,024
    event RosterFrozen(uint64 indexed taskId, uint32 indexed round, address[] validators, uint16[] weights);
    /// @notice A submission was accepted, by its contributor itself.
    /// @param taskId the task
    /// @param round it belongs to
    /// @param contributor who submitted
    /// @param index of the submission in its round, from 0; {IRoundsWork.submissionPage} has its page's digest
    /// @param commitment as given to {IRoundsWork.submit}
    event Submitted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed contributor,
        uint256 index,
        bytes32 commitment
    );
    /// @notice Relayed submissions were accepted; those that were skipped are left out of both lists.
    /// @param taskId the task
    /// @param round they belong to
    /// @param firstIndex index of the first one in the round, the others' follow
    /// @param contributors who signed, in the order of the call
    /// @param commitments of each of them
    event BatchSubmitted(
        uint64 indexed taskId,
        uint32 indexed round,
        uint256 firstIndex,
        address[] contributors,
        bytes32[] commitments
    );
    /// @notice A relayed submission was not accepted; the others of its batch are not touched.
    /// @param taskId the task
    /// @param round of the batch
    /// @param contributor named in the call, whoever signed
    /// @param reason the first one found
    event SubmissionSkipped(uint64 indexed taskId, uint32 indexed round, address contributor, SkipReason reason);
    /// @notice No more submissions; the beacon named by `beaconId` will seal the round.
    /// @param taskId the task
    /// @param round that is closed
    /// @param submissions number of accepted ones, at least 1
    /// @param beaconId of the beacon's value that counts
    event SubmissionsClosed(uint64 indexed taskId, uint32 indexed round, uint256 submissions, uint64 beaconId);
    /// @notice Cohorts, committees, audits and replays of the round follow from `beacon` from now on.
    /// @param taskId the task
    /// @param round that is sealed; its phases count from this block's time
    /// @param beacon 32 random bytes
    event RoundSealed(uint64 indexed taskId, uint32 indexed round, bytes32 beacon);
    /// @notice The round ended without pay or fault: its reserve went back to the task.
    /// @param taskId the task
    /// @param round that ended
    /// @param reason why
    event RoundVoided(uint64 indexed taskId, uint32 indexed round, VoidReason reason);
    /// @notice A validator committed to its scores.
    /// @param taskId the task
    /// @param round that is scored
    /// @param validator who committed
    /// @param attempt 0, or 1 in the redraw
    /// @param digest as given to {IRoundsWork.commitScores}
    event ScoresCommitted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint8 attempt,
        bytes32 digest
    );
    /// @notice A validator revealed its scores.
    /// @param taskId the task
    /// @param round that is scored
    /// @param validator who revealed
    /// @param attempt 0, or 1 in the redraw
    /// @param cohorts in which it has a seat, as committed to
    /// @param words two a cohort, entries of 32 bits as in ScoreWords
    event ScoresRevealed(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint8 attempt,
        uint32[] cohorts,
        uint256[] words
    );
    /// @notice A cohort was settled.
    /// @param taskId the task
    /// @param round of the cohort
    /// @param cohort its number in the round, from 0
    /// @param results one a member, in position order, from the low bits on: outcome 8 | m' 8 | ρ' in bps 16 | Q in bps 16 | R in bps 16 |
    /// compute pay in reward wei 80 | data pay in reward wei 80. Of an unaudited update Q and R are the running ones, and its pay is held
    event CohortSettled(uint64 indexed taskId, uint32 indexed round, uint32 indexed cohort, uint256[] results);
    /// @notice Neither draw found a majority: the cohort pays its contributors nothing and costs them nothing.
    /// @param taskId the task
    /// @param round of the cohort
    /// @param cohort its number in the round, from 0
    event CohortVoided(uint64 indexed taskId, uint32 indexed round, uint32 indexed cohort);
    /// @notice A validator voted for the aggregates of its cohorts: full hashes, evidence of what it computed.
    /// @param taskId the task
    /// @param round of the cohorts
    /// @param validator who voted
    /// @param cohorts in which it has a seat
    /// @param hashes of their aggregates, in the same order
    event AggregatesVoted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint32[] cohorts,
        bytes32[] hashes
    );
    /// @notice A seat of the root committee voted for the next model.
    /// @param taskId the task
    /// @param round whose next model is voted on
    /// @param validator who voted
    /// @param modelHash what it computed
    event ModelVoted(uint64 indexed taskId, uint32 indexed round, address indexed validator, bytes32 modelHash);
    /// @notice A validator missed a duty of the round: no pay for it, and a slash.
    /// @param taskId the task
    /// @param round with the duty
    /// @param validator who missed it
    /// @param slashBps share of the stake reserved for the task, 100…800
    /// @param taken ASSAY wei that were there to be slashed
    event DutyMissed(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint256 slashBps,
        uint256 taken
    );
    /// @notice A validator did all its duties of the round.
    /// @param taskId the task
    /// @param round with the duties
    /// @param validator whose earnings grow
    /// @param entries accurate ones, V
    /// @param uptimeBps U, 0 or 10,000…12,000
    /// @param amount reward wei earned, may be 0
    event ValidatorPaid(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint256 entries,
        uint256 uptimeBps,
        uint256 amount
    );
    /// @notice The fifth missed round in ten, or more of them: the validator has no place in the next roster.
    /// @param taskId the task
    /// @param validator who loses its place
    event ValidatorRemoved(uint64 indexed taskId, address indexed validator);
    /// @notice Held pay is earned: an audit was passed, or the contributor leaves and none can come any more.
    /// @param taskId the task
    /// @param round of the audit; of who leaves, the last one settled for it
    /// @param contributor whose earnings grow
    /// @param amount reward wei
    event HeldReleased(uint64 indexed taskId, uint32 indexed round, address indexed contributor, uint256 amount);
    /// @notice Held pay is lost: an audit failed, or the contributor leaves before the next one.
    /// @param taskId the task
    /// @param round of the audit; of who leaves, the last one settled for it
    /// @param contributor who loses it
    /// @param amount reward wei
    event HeldCancelled(uint64 indexed taskId, uint32 indexed round, address indexed contributor, uint256 amount);
    /// @notice The round is over.
    /// @param taskId the task
    /// @param round that ended
    /// @param modelHash the next round's base model
    /// @param accepted whether more than half of the root seats agreed on it; if not, it is the base model of this round
    /// @param credited reward wei ever credited in the task
    event RoundFinalized(
        uint64 indexed taskId,
        uint32 indexed round,
        bytes32 modelHash,
        bool accepted,
        uint256 credited
    );
    /// @notice `amount` wei that closed rounds credited came from the escrow; claims are paid from them.
    /// @param taskId the task
    /// @param amount reward wei, what the token kept for itself not counted
    event Collected(uint64 indexed taskId, uint256 amount);
    /// @notice Matured earnings were paid.
    /// @param taskId the task
    /// @param account who earned them
    /// @param to who got them
    /// @param amount reward wei
    event Claimed(uint64 indexed taskId, address indexed account, address to, uint256 amount);
    /// @notice One of many claims could not be paid; nothing changed for it.
    /// @param taskId the task of the request
    /// @param account of the request
    event ClaimSkipped(uint64 indexed taskId, address indexed account);

    /// @notice Only the escrow calls this.
    /// @param caller who called
    /// @param tasks the escrow
    error Rounds_OnlyTasks(address caller, address tasks);
    /// @notice No task has this number; they count from 1.
    /// @param taskId that was asked for
    error Rounds_UnknownTask(uint64 taskId);
    /// @notice The call belongs to another phase: see the round's times in {IRoundsKeeping.roundOf}.
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
    /// @param expected items, or bytes of signatures, that the call's other lists ask for (at least, in {IRoundsWork.settle})
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
    /// {IRoundsKeeping.collect} tries again once no round is open.
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
}

/// @title What contributors and validators do in every round
/// @notice Submissions, scores, settlement, votes on aggregates and claims. See {IRounds}.
interface IRoundsWork is IRoundsTypes {
    /// @notice Commits to the caller's update of this round. The first one accepted counts. Reverts outside of the submit phase, and with
    /// the error that says why the caller may not submit: `Rounds_NotEnrolled`, `Rounds_EnrolledTooLate`, `Rounds_AlreadySubmitted`,
    /// `Rounds_SlotsFull` or `Rounds_NotDrawnToSubmit`.
    /// @param taskId the task
    /// @param commitment keccak256(abi.encode(chainid, rounds, taskId, round, contributor, baseModelHash, updateHash, stateRoot, uint32
    /// steps, dataRoot, salt)), not zero
    function submit(uint64 taskId, bytes32 commitment) external;

    /// @notice Relays submissions signed with EIP-712 `Submission(uint64 taskId,uint32 round,bytes32 commitment)`. Invalid ones are skipped
    /// and told of by `SubmissionSkipped`.
    /// @param taskId the task
    /// @param round for which they were signed; another than the open one reverts with `Rounds_WrongRound`
    /// @param contributors who signed
    /// @param commitments one a contributor, as in {submit}
    /// @param signatures 65 bytes each (r, s, v; v is 27 or 28), concatenated in the same order; only keys can sign, contracts can't
    /// @return accepted number of submissions taken
    function submitBatch(
        uint64 taskId,
        uint32 round,
        address[] calldata contributors,
        bytes32[] calldata commitments,
        bytes calldata signatures
    ) external returns (uint256 accepted);

    /// @notice EIP-712 domain {name "Assay Rounds", version "1"} of this chain, computed anew each time.
    /// @return the separator's 32 bytes
    function domainSeparator() external view returns (bytes32);

    /// @notice Whether `contributor` may submit in the current round.
    /// @param taskId the task
    /// @param contributor who would submit
    /// @return false too when no round takes submissions
    function maySubmit(uint64 taskId, address contributor) external view returns (bool);

    /// @notice Digest of a page of 32 submissions, while the ring still holds the round. A page that the round never reached still has
    /// the digest of an earlier round: count the round's submissions first.
    /// @param taskId the task
    /// @param round from 1
    /// @param page from 0: submission index / page size
    /// @return keccak256(abi.encode(digest so far, contributor, commitment)) over the page's submissions in order, starting from 0; 0 for a
    /// round that hasn't opened or has left the ring, and for a page that no round can have
    function submissionPage(uint64 taskId, uint32 round, uint256 page) external view returns (bytes32);

    /// @notice Commits a validator of the frozen roster to its score sheets of the attempt whose commit window is open, once.
    /// @param taskId the task
    /// @param digest keccak256(abi.encode(chainid, rounds, taskId, round, uint8 attempt, validator, keccak256(abi.encode(cohorts, words)),
    /// salt))
    function commitScores(uint64 taskId, bytes32 digest) external;

    /// @notice Reveals the sheets committed to, all of them at once. The first to touch a cohort draws its committee; in the redraw its
    /// first touch ends the first attempt.
    /// @param taskId the task
    /// @param cohorts in which the caller has a seat in this attempt; another reverts with `Rounds_NotDrawn`
    /// @param words two words a cohort, entries of 32 bits as in ScoreWords; one out of range reverts with `Rounds_BadEntry`
    /// @param salt of the commitment
    function revealScores(uint64 taskId, uint32[] calldata cohorts, uint256[] calldata words, bytes32 salt) external;

    /// @notice Low 224 bits of a commitment while the ring of eight rounds still holds it, else 0.
    /// @param taskId the task
    /// @param round from 1
    /// @param attempt 0, or 1 in the redraw
    /// @param validator who committed
    /// @return low 224 bits of the digest, or 0
    function scoreCommitment(
        uint64 taskId,
        uint32 round,
        uint8 attempt,
        address validator
    ) external view returns (bytes32);

    /// @notice Settles cohorts whose reveal window is over, in any order; anyone. Cohorts that are done are skipped. Nothing but the
    /// members' addresses is given: the contract takes medians and evaluates the formula.
    /// @param taskId the task
    /// @param cohorts from 0; one without a majority reverts with `Rounds_NoMajority`: its redraw or {IRoundsKeeping.voidCohort} comes next
    /// @param contributors members of all named cohorts, in cohort and position order (also of cohorts that are done already)
    function settle(uint64 taskId, uint32[] calldata cohorts, address[] calldata contributors) external;

    /// @notice Votes for the aggregates of settled cohorts in which the caller has a seat, once all cohorts of the round are done. A vote
    /// is final.
    /// @param taskId the task
    /// @param cohorts from 0, settled
    /// @param hashes of their aggregates, in the same order, not zero
    function voteAggregates(uint64 taskId, uint32[] calldata cohorts, bytes32[] calldata hashes) external;

    /// @notice A cohort's committee as it was last drawn, or would be, and how far it is.
    /// @param taskId the task
    /// @param cohort from 0, or type(uint32).max for the root committee; others, and all before the seal, revert with
    /// `Rounds_UnknownCohort`
    /// @return committee and state
    function cohortOf(uint64 taskId, uint32 cohort) external view returns (CohortView memory);

    /// @notice Votes of a cohort's seats (low 224 bits of the hash, 0 if none), or the root's with type(uint32).max.
    /// @param taskId the task
    /// @param cohort from 0, or type(uint32).max for the root
    /// @return k votes, by seat
    function votesOf(uint64 taskId, uint32 cohort) external view returns (uint224[] memory);

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

    /// @notice Claims for many; one that cannot be paid is skipped.
    /// @param requests any number, of any tasks
    /// @return claimed number of requests that were paid
    function claimMany(ClaimRequest[] calldata requests) external returns (uint256 claimed);
}

/// @title What happens once a round or less
/// @notice People, the turns of a round, its end, and what everybody may read. See {IRounds}.
interface IRoundsKeeping is IRoundsTypes {
    // ---- called by Tasks

    /// @notice Copies what settlement needs of a new task. Only Tasks.
    /// @param taskId the task
    /// @param params checked by Tasks
    function registerTask(uint64 taskId, ITasks.TaskParams calldata params) external;

    /// @notice Lets a contributor in, from the next round on; reputation and record of an earlier enrolment stay. Only Tasks.
    /// @param taskId the task
    /// @param contributor who enrols
    /// @param dataUnits D, capped by the task's limit
    function admitContributor(uint64 taskId, address contributor, uint32 dataUnits) external;

    /// @notice Ends an enrolment; reverts with `Rounds_NotFinal` until the contributor's last round is final. Held pay of who isn't flagged
    /// is released when the task is closed, when it has had no round for 14 days since its last one was final, or after its last round to
    /// whoever was not settled in that although it submitted, or could not have submitted; else it is cancelled. Only Tasks.
    /// @param taskId the task
    /// @param contributor who leaves
    function dismissContributor(uint64 taskId, address contributor) external;

    /// @notice Gives a validator a place in the next roster, by stake when all 64 are taken. Who takes another's place keeps it for as long
    /// as a whole round and its challenge window may last. Only Tasks.
    /// @param taskId the task
    /// @param validator who joins
    /// @param stakeAmount ASSAY wei reserved for the task
    /// @return outbid the validator whose place is taken from the next round on, or zero
    function admitValidator(uint64 taskId, address validator, uint256 stakeAmount) external returns (address outbid);

    /// @notice Takes a validator's place in the next roster away. Only Tasks. Reverts with `Rounds_NotInRoster` or `Rounds_PlaceBound`.
    /// @param taskId the task
    /// @param validator who leaves
    function dismissValidator(uint64 taskId, address validator) external;

    /// @notice Reverts until no draw holds the validator (`Rounds_StillDrawn`) and its last round is final (`Rounds_NotFinal`).
    /// @param taskId the task
    /// @param validator who left
    function requireReleasable(uint64 taskId, address validator) external view;

    // ---- the round

    /// @notice Opens the next round: freezes the roster and reserves the most that the round can cost. Anyone.
    /// @param taskId the task
    function openRound(uint64 taskId) external;

    /// @notice Ends the submit phase once its time is up and asks for a beacon. A round without submissions is void. Anyone.
    /// @param taskId the task
    function closeSubmissions(uint64 taskId) external;

    /// @notice Takes the beacon once it exists (before that: `Rounds_BeaconPending`); an expired one makes the round void. Anyone.
    /// @param taskId the task
    function seal(uint64 taskId) external;

    /// @notice Gives up a cohort that has no majority, once the redraw's reveals are over. Seats that revealed are paid, silent ones missed
    /// a duty. Anyone.
    /// @param taskId the task
    /// @param cohort from 0
    function voidCohort(uint64 taskId, uint32 cohort) external;

    /// @notice Votes for the next model as a seat of the root committee, once all cohorts are done, unless all are void. A vote is final.
    /// @param taskId the task
    /// @param modelHash of the model that the settled integers and the aggregates give, not zero
    function voteModel(uint64 taskId, bytes32 modelHash) external;

    /// @notice Ends a round once all root seats voted or their time is up: adopts the model that more than half of the seats named, pays
    /// validators, fines missed duties and gives back what isn't owed. Anyone.
    /// @param taskId the task
    function finalizeRound(uint64 taskId) external;

    /// @notice Moves what closed rounds credited from the escrow to the purse that claims are paid from. The end of a round does it; this
    /// tries again after the reward token refused. Anyone, while no round is open.
    /// @param taskId the task
    /// @return amount reward wei collected, 0 when there is nothing to collect
    function collect(uint64 taskId) external returns (uint256 amount);

    // ---- views

    /// @notice The current or last round of a task.
    /// @param taskId the task; an unknown one reverts with `Rounds_UnknownTask`
    /// @return its numbers, times and hashes
    function roundOf(uint64 taskId) external view returns (RoundView memory);

    /// @notice What the task remembers of a contributor.
    /// @param taskId the task
    /// @param contributor who takes part or did
    /// @return all zero for who never enrolled
    function participantOf(uint64 taskId, address contributor) external view returns (ParticipantView memory);

    /// @notice What the task remembers of a validator.
    /// @param taskId the task
    /// @param validator who takes part or did
    /// @return its places, weights and record
    function validatorOf(uint64 taskId, address validator) external view returns (ValidatorView memory);

    /// @notice Earnings of an account in a task, in wei.
    /// @param taskId the task; an unknown one reverts with `Rounds_UnknownTask`
    /// @param account contributor or validator
    /// @return wei by what they wait for
    function earningsOf(uint64 taskId, address account) external view returns (EarningsView memory);

    /// @notice A task's money and people.
    /// @param taskId the task
    /// @return credited reward wei since the task began, claimed or not
    /// @return held reward wei that wait for a passed audit
    /// @return enrolled contributors now
    /// @return reputationSum sum of their ρ in bps
    function totalsOf(
        uint64 taskId
    ) external view returns (uint256 credited, uint256 held, uint256 enrolled, uint256 reputationSum);

    /// @notice What claims are paid from: collected from the escrow and not claimed yet.
    /// @param taskId the task
    /// @return reward wei
    function purseOf(uint64 taskId) external view returns (uint256);

    /// @notice The frozen roster by index; a free place is the zero address.
    /// @param taskId the task
    /// @return validators 64, by roster index
    /// @return weights 64, by roster index: 0, or 204…1,024
    function rosterOf(uint64 taskId) external view returns (address[] memory validators, uint16[] memory weights);

    /// @notice The root committee, by seat.
    /// @param taskId the task
    /// @return k validators; reverts with `Rounds_UnknownCohort` before the seal
    function rootSeatsOf(uint64 taskId) external view returns (address[] memory);
}

/// @title Rounds: from submissions to pay
/// @notice The whole life of a round: submit → seal → open → commit → reveal → settle → aggregate → final. Nobody hands this
/// contract an amount of pay: it takes medians of revealed scores and evaluates the formula.
///
/// Safety: one settled submission is paid once; no pay above the reserve made when the round opened. Liveness: each phase ends by
/// a call that anyone can make.
interface IRounds is IRoundsWork, IRoundsKeeping {}
