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

    /// @param round number of the current or last round, from 1
    /// @param phase by clock and state
    /// @param submissions number of accepted submissions
    /// @param cohorts number of cohorts, 0 before the seal
    /// @param cohortsDone settled or void cohorts
    /// @param cohortsVoid void cohorts
    /// @param openedBlock block in which the round opened (where event readers start)
    /// @param submitEnd … redrawRevealEnd unix seconds; those after the seal are 0 before it
    /// @param cohortVoteEnd, rootVoteEnd unix seconds, 0 before all cohorts are done
    /// @param closedAt unix seconds at which the last round closed
    /// @param beaconId what was requested from the beacon
    /// @param beacon this round's beacon, 0 before the seal
    /// @param previousBeacon beacon of the last sealed round before this one
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

    /// @param flagged whether an audit failed since the last passed one
    /// @param lastRound round last submitted to, `index` in it; `settledRound` the last one settled
    /// @param runningQualityBps, runningRarityBps averages of audited rounds
    /// @param reputationBps ρ
    /// @param provenSteps m, pooled replayed steps
    /// @param dataUnits D
    /// @param seen settled rounds
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

    /// @param rosterIndex index in the frozen roster, or in the next one when it has no other
    /// @param seated whether the frozen roster has it
    /// @param frozenWeight, nextWeight weight in this round's draws and from the next opening on
    /// @param lastRound last round with duties, and `accurateEntries` in it
    /// @param dutySum, doneSum decayed sums in 1/256 of a duty
    /// @param dutyTotal duties ever
    /// @param uptimeBps U
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

    /// @param matured wei that can be claimed now
    /// @param pending wei that mature later
    /// @param held wei that wait for a passed audit
    /// @param nextMaturesAt unix seconds at which the next part of `pending` matures, 0 for none
    struct EarningsView {
        uint256 matured;
        uint256 pending;
        uint256 held;
        uint256 nextMaturesAt;
    }

    /// @param attempt 0, or 1 after a redraw
    /// @param revealed seats of this attempt that revealed
    /// @param seats validators by seat
    struct CohortView {
        uint8 attempt;
        bool settled;
        bool isVoid;
        uint16 revealed;
        address[] seats;
    }

    /// @param account whose earnings are claimed, and who is paid
    struct ClaimRequest {
        uint64 taskId;
        address account;
    }

    /// @notice A round takes submissions until `submitEnd` (unix seconds). `reserved` reward wei cover the most that it can cost.
    event RoundOpened(
        uint64 indexed taskId,
        uint32 indexed round,
        bytes32 baseModelHash,
        uint256 reserved,
        uint256 submitEnd
    );
    /// @notice The roster changed: committees of this round are drawn from these validators by these weights, by roster index.
    event RosterFrozen(uint64 indexed taskId, uint32 indexed round, address[] validators, uint16[] weights);
    /// @notice A submission was accepted, by its contributor itself. `index` counts from 0 in the round; page index / 16 holds its digest.
    event Submitted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed contributor,
        uint256 index,
        bytes32 commitment
    );
    /// @notice Relayed submissions were accepted: the first one's index is `firstIndex`, the others' follow.
    event BatchSubmitted(
        uint64 indexed taskId,
        uint32 indexed round,
        uint256 firstIndex,
        address[] contributors,
        bytes32[] commitments
    );
    /// @notice A relayed submission was not accepted; the others of its batch are not touched.
    event SubmissionSkipped(uint64 indexed taskId, uint32 indexed round, address contributor, SkipReason reason);
    /// @notice No more submissions; the beacon named by `beaconId` will seal the round.
    event SubmissionsClosed(uint64 indexed taskId, uint32 indexed round, uint256 submissions, uint64 beaconId);
    /// @notice Cohorts, committees, audits and replays of the round follow from `beacon` from now on.
    event RoundSealed(uint64 indexed taskId, uint32 indexed round, bytes32 beacon);
    /// @notice The round ended without pay or fault: its reserve went back to the task.
    event RoundVoided(uint64 indexed taskId, uint32 indexed round, VoidReason reason);
    /// @notice A validator committed to its scores of one attempt (0 or 1).
    event ScoresCommitted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint8 attempt,
        bytes32 digest
    );
    /// @notice A validator revealed its scores: two words a cohort, entries of 32 bits as in ScoreWords.
    event ScoresRevealed(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint8 attempt,
        uint32[] cohorts,
        uint256[] words
    );
    /// @notice A cohort was settled. One result a member, in position order, from the low bits on: outcome 8 | m' 8 | ρ' 16 | Q 16 |
    /// R 16 | compute pay 80 | data pay 80 (wei). Of an unaudited update Q and R are the running ones, and its pay is held.
    event CohortSettled(uint64 indexed taskId, uint32 indexed round, uint32 indexed cohort, uint256[] results);
    /// @notice Neither draw found a majority: the cohort pays its contributors nothing and costs them nothing.
    event CohortVoided(uint64 indexed taskId, uint32 indexed round, uint32 indexed cohort);
    /// @notice A validator voted for the aggregates of its cohorts: full hashes, evidence of what it computed.
    event AggregatesVoted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint32[] cohorts,
        bytes32[] hashes
    );
    /// @notice A seat of the root committee voted for the next model.
    event ModelVoted(uint64 indexed taskId, uint32 indexed round, address indexed validator, bytes32 modelHash);
    /// @notice A validator missed a duty of the round: no pay for it, and `slashBps` of its reserved stake, `taken` wei, are gone.
    event DutyMissed(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint256 slashBps,
        uint256 taken
    );
    /// @notice `entries` accurate entries at `uptimeBps` earned `amount` wei.
    event ValidatorPaid(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint256 entries,
        uint256 uptimeBps,
        uint256 amount
    );
    /// @notice The fifth missed round in ten, or more of them: the validator has no place in the next roster.
    event ValidatorRemoved(uint64 indexed taskId, address indexed validator);
    /// @notice A passed audit released `amount` wei of held pay.
    event HeldReleased(uint64 indexed taskId, uint32 indexed round, address indexed contributor, uint256 amount);
    /// @notice A failed audit, or leaving without another one, cancelled `amount` wei of held pay.
    event HeldCancelled(uint64 indexed taskId, uint32 indexed round, address indexed contributor, uint256 amount);
    /// @notice The round is over. `modelHash` is the next base model, `accepted` whether the root agreed on it, `credited` all wei ever
    /// credited in the task.
    event RoundFinalized(
        uint64 indexed taskId,
        uint32 indexed round,
        bytes32 modelHash,
        bool accepted,
        uint256 credited
    );
    /// @notice `amount` wei that closed rounds credited came from the escrow; claims are paid from them.
    event Collected(uint64 indexed taskId, uint256 amount);
    /// @notice `amount` wei of matured earnings of `account` were paid to `to`.
    event Claimed(uint64 indexed taskId, address indexed account, address to, uint256 amount);
    /// @notice One of many claims could not be paid; nothing changed for it.
    event ClaimSkipped(uint64 indexed taskId, address indexed account);

    /// @notice Only the escrow calls this.
    error Rounds_OnlyTasks(address caller, address tasks);
    /// @notice No task has this number; they count from 1.
    error Rounds_UnknownTask(uint64 taskId);
    /// @notice The call belongs to another phase: see the round's times in {IRoundsKeeping.roundOf}.
    error Rounds_WrongPhase(uint64 taskId, Phase actual, Phase needed);
    /// @notice The owner closed the task: no further round opens.
    error Rounds_TaskClosed(uint64 taskId);
    /// @notice The task pays for `maxRounds` rounds and has had them.
    error Rounds_AllRoundsDone(uint64 taskId, uint256 maxRounds);
    /// @notice A round opens with `minimum` enrolled contributors.
    error Rounds_TooFewContributors(uint256 enrolled, uint256 minimum);
    /// @notice A round opens with 2k + 1 validators that have weight.
    error Rounds_TooFewValidators(uint256 weighted, uint256 minimum);
    /// @notice The account is not enrolled in the task.
    error Rounds_NotEnrolled(uint64 taskId, address account);
    /// @notice The first accepted submission of a round counts; a retry does no harm and no good.
    error Rounds_AlreadySubmitted(uint64 taskId, uint32 round, address contributor);
    /// @notice More are enrolled than the round has slots, and the previous beacon drew others.
    error Rounds_NotDrawnToSubmit(uint64 taskId, uint32 round, address contributor);
    /// @notice The contributor enrolled after the round had opened; its first one is the next.
    error Rounds_EnrolledTooLate(uint64 taskId, uint32 round, address contributor);
    /// @notice The round has all the submissions that it pays for.
    error Rounds_SlotsFull(uint64 taskId, uint256 slots);
    /// @notice A commitment is never zero.
    error Rounds_ZeroCommitment();
    /// @notice The relayed submissions were signed for another round.
    error Rounds_WrongRound(uint64 taskId, uint32 given, uint32 actual);
    /// @notice Lists that belong together differ in length.
    error Rounds_LengthMismatch(uint256 expected, uint256 actual);
    /// @notice The beacon's value doesn't exist yet: try again later.
    error Rounds_BeaconPending(uint64 beaconId);
    /// @notice The account has no place in the roster that this call asks for.
    error Rounds_NotInRoster(uint64 taskId, address account);
    /// @notice One commitment an attempt: it can't be changed.
    error Rounds_AlreadyCommitted(uint64 taskId, uint32 round, uint8 attempt);
    /// @notice What was revealed is not what was committed to. Both words: round in the high 32 bits, low 224 of the digest.
    error Rounds_CommitmentMismatch(bytes32 committed, bytes32 revealed);
    /// @notice The validator has no seat in this cohort's committee of this attempt.
    error Rounds_NotDrawn(uint32 cohort, address validator);
    /// @notice There are `cohorts` cohorts, counted from 0; none before the seal.
    error Rounds_UnknownCohort(uint32 cohort, uint256 cohorts);
    /// @notice The seat's scores of this cohort are there already.
    error Rounds_AlreadyRevealed(uint32 cohort, address validator);
    /// @notice The cohort's first committee has a majority: it is not drawn again.
    error Rounds_NoRedraw(uint32 cohort);
    /// @notice An entry is out of range, or not zero although the cohort has no such position.
    error Rounds_BadEntry(uint32 cohort, uint256 position, uint256 entry);
    /// @notice Another account stands at this position, or this one is settled already.
    error Rounds_WrongContributor(uint32 cohort, uint256 position, address contributor);
    /// @notice Fewer seats revealed than a majority of the committee.
    error Rounds_NoMajority(uint32 cohort, uint256 revealed, uint256 needed);
    /// @notice The cohort can be settled: it is not void.
    error Rounds_HasMajority(uint32 cohort, uint256 revealed);
    /// @notice The cohort is settled or void.
    error Rounds_CohortDone(uint32 cohort);
    /// @notice There is nothing to aggregate in this cohort.
    error Rounds_CohortNotSettled(uint32 cohort);
    /// @notice A seat's vote is final.
    error Rounds_AlreadyVoted(uint32 cohort, address validator);
    /// @notice Nothing can be claimed yet; `nextMaturesAt` in unix seconds, 0 when nothing is pending.
    error Rounds_NothingMatured(uint64 taskId, address account, uint256 nextMaturesAt);
    /// @notice The task's purse has `available` wei: the rest is credited by the open round, or the reward token refused its collection.
    /// {IRoundsKeeping.collect} tries again once no round is open.
    error Rounds_NotCollected(uint64 taskId, uint256 amount, uint256 available);
    /// @notice The call needs more gas than was left: send it with more.
    error Rounds_GasTooLow(uint256 available, uint256 needed);
    /// @notice The last round that binds the account is final at `finalAt` (unix seconds; the largest number while it is open).
    error Rounds_NotFinal(uint64 taskId, uint256 finalAt);
    /// @notice All 64 places are taken by stakes of at least `smallestStake` wei: bid more.
    error Rounds_RosterFull(uint64 taskId, uint256 smallestStake);
    /// @notice The validator has a place in the roster that draws now or next: leave, and wait for the round's end.
    error Rounds_StillDrawn(uint64 taskId, address validator);
    /// @notice The validator took another's place by a higher stake, and keeps it until this time, in unix seconds.
    error Rounds_PlaceBound(uint64 taskId, uint256 boundUntil);
    /// @notice Earnings are not paid to nobody.
    error Rounds_ZeroRecipient();
    /// @notice A vote names a hash.
    error Rounds_ZeroHash();
    /// @notice An address that Rounds stands on has no code.
    error Rounds_NotAContract(address account);
}

/// @title What contributors and validators do in every round
/// @notice Submissions, scores, settlement, votes on aggregates and claims. See {IRounds}.
interface IRoundsWork is IRoundsTypes {
    /// @notice Commits to the caller's update of this round. `commitment` = keccak256(abi.encode(chainid, rounds, taskId, round,
    /// contributor, baseModelHash, updateHash, stateRoot, uint32 steps, dataRoot, salt)). The first one accepted counts.
    function submit(uint64 taskId, bytes32 commitment) external;

    /// @notice Relays submissions signed with EIP-712 `Submission(uint64 taskId,uint32 round,bytes32 commitment)`. Invalid ones are skipped.
    /// @param signatures 65 bytes each (r, s, v), concatenated
    /// @return accepted number of submissions taken
    function submitBatch(
        uint64 taskId,
        uint32 round,
        address[] calldata contributors,
        bytes32[] calldata commitments,
        bytes calldata signatures
    ) external returns (uint256 accepted);

    /// @notice EIP-712 domain {name "Assay Rounds", version "1"} of this chain, computed anew each time.
    function domainSeparator() external view returns (bytes32);

    /// @notice Whether `contributor` may submit in the current round.
    function maySubmit(uint64 taskId, address contributor) external view returns (bool);

    /// @notice Digest of a page of 16 submissions, while the ring still holds the round. A page that the round never reached still has
    /// the digest of an earlier round: count the round's submissions first.
    function submissionPage(uint64 taskId, uint32 round, uint256 page) external view returns (bytes32);

    /// @notice Commits a seat holder to its score sheets of the attempt whose commit window is open. `digest` = keccak256(abi.encode(chainid,
    /// rounds, taskId, round, uint8 attempt, validator, keccak256(abi.encode(cohorts, words)), salt)).
    function commitScores(uint64 taskId, bytes32 digest) external;

    /// @notice Reveals the sheets committed to, all of them at once. The first to touch a cohort draws its committee; in the redraw its first
    /// touch ends the first attempt.
    /// @param words two words a cohort, entries of 32 bits
    function revealScores(uint64 taskId, uint32[] calldata cohorts, uint256[] calldata words, bytes32 salt) external;

    /// @notice Low 224 bits of a commitment while the ring of eight rounds still holds it, else 0.
    function scoreCommitment(
        uint64 taskId,
        uint32 round,
        uint8 attempt,
        address validator
    ) external view returns (bytes32);

    /// @notice Settles cohorts whose reveal window is over, in any order; anyone. Cohorts that are done are skipped. Nothing but the members'
    /// addresses is given: the contract takes medians and evaluates the formula.
    /// @param contributors members of all named cohorts, in cohort and position order (also of cohorts that are done already)
    function settle(uint64 taskId, uint32[] calldata cohorts, address[] calldata contributors) external;

    /// @notice Votes for the aggregates of settled cohorts in which the caller has a seat. A vote is final.
    function voteAggregates(uint64 taskId, uint32[] calldata cohorts, bytes32[] calldata hashes) external;

    /// @notice Votes of a cohort's seats (low 224 bits of the hash, 0 if none), or the root's with type(uint32).max.
    function votesOf(uint64 taskId, uint32 cohort) external view returns (uint224[] memory);

    /// @notice Pays all matured earnings of `account` in a task, of any number of rounds, to `account`. Anyone.
    function claim(uint64 taskId, address account) external returns (uint256 amount);

    /// @notice Pays all matured earnings of the caller to `to`.
    function claimTo(uint64 taskId, address to) external returns (uint256 amount);

    /// @notice Claims for many; one that cannot be paid is skipped.
    function claimMany(ClaimRequest[] calldata requests) external returns (uint256 claimed);
}

/// @title What happens once a round or less
/// @notice People, the turns of a round, its end, and what everybody may read. See {IRounds}.
interface IRoundsKeeping is IRoundsTypes {
    // ---- called by Tasks

    /// @notice Copies what settlement needs of a new task.
    function registerTask(uint64 taskId, ITasks.TaskParams calldata params) external;

    /// @notice Lets a contributor in, from the next round on; reputation and record of an earlier enrolment stay. `dataUnits` is D, capped by the task's limit.
    function admitContributor(uint64 taskId, address contributor, uint32 dataUnits) external;

    /// @notice Ends an enrolment; reverts until the contributor's last round is final. Held pay is released when the task is closed, when it
    /// has had no round for 14 days, or after its last round to whoever took part in that or had no place in it; else it is cancelled.
    function dismissContributor(uint64 taskId, address contributor) external;

    /// @notice Gives a validator a place in the next roster, by stake when all 64 are taken. Who takes another's place keeps it for as long
    /// as a whole round and its challenge window may last.
    /// @return outbid the validator whose place is taken from the next round on, or zero
    function admitValidator(uint64 taskId, address validator, uint256 stakeAmount) external returns (address outbid);

    /// @notice Takes a validator's place in the next roster away.
    function dismissValidator(uint64 taskId, address validator) external;

    /// @notice Reverts until no draw holds the validator and its last round is final.
    function requireReleasable(uint64 taskId, address validator) external view;

    // ---- the round

    /// @notice Opens the next round: freezes the roster and reserves the most that the round can cost. Anyone.
    function openRound(uint64 taskId) external;

    /// @notice Ends the submit phase once its time is up and asks for a beacon. A round without submissions is void. Anyone.
    function closeSubmissions(uint64 taskId) external;

    /// @notice Takes the beacon once it exists; an expired one makes the round void. Anyone.
    function seal(uint64 taskId) external;

    /// @notice Gives up a cohort that has no majority after the redraw. Seats that revealed are paid, silent ones missed a duty. Anyone.
    function voidCohort(uint64 taskId, uint32 cohort) external;

    /// @notice Votes for the next model as a seat of the root committee. A vote is final.
    function voteModel(uint64 taskId, bytes32 modelHash) external;

    /// @notice Ends a round once all root seats voted or their time is up: adopts the model that more than half of the seats named, pays
    /// validators, fines missed duties and gives back what isn't owed. Anyone.
    function finalizeRound(uint64 taskId) external;

    /// @notice Moves what closed rounds credited from the escrow to the purse that claims are paid from. The end of a round does it; this
    /// tries again after the reward token refused. Anyone, while no round is open.
    /// @return amount wei collected, 0 when there is nothing to collect
    function collect(uint64 taskId) external returns (uint256 amount);

    // ---- views

    /// @notice The current or last round of a task.
    function roundOf(uint64 taskId) external view returns (RoundView memory);

    /// @notice What the task remembers of a contributor.
    function participantOf(uint64 taskId, address contributor) external view returns (ParticipantView memory);

    /// @notice What the task remembers of a validator.
    function validatorOf(uint64 taskId, address validator) external view returns (ValidatorView memory);

    /// @notice Earnings of an account in a task, in wei.
    function earningsOf(uint64 taskId, address account) external view returns (EarningsView memory);

    /// @notice Wei credited since the task began, claimed or not, and wei held until a passed audit.
    function totalsOf(
        uint64 taskId
    ) external view returns (uint256 credited, uint256 held, uint256 enrolled, uint256 reputationSum);

    /// @notice Wei collected from the escrow and not claimed yet: what claims are paid from.
    function purseOf(uint64 taskId) external view returns (uint256);

    /// @notice The frozen roster by index; a free place is the zero address.
    function rosterOf(uint64 taskId) external view returns (address[] memory validators, uint16[] memory weights);

    /// @notice A cohort's committee as it was last drawn, and how far it is.
    function cohortOf(uint64 taskId, uint32 cohort) external view returns (CohortView memory);

    /// @notice The root committee, by seat.
    function rootSeatsOf(uint64 taskId) external view returns (address[] memory);
}

/// @title Rounds: from submissions to pay
/// @notice The whole life of a round: submit → seal → open → commit → reveal → settle → aggregate → final. Nobody hands this
/// contract an amount of pay: it takes medians of revealed scores and evaluates the formula.
///
/// Safety: one settled submission is paid once; no pay above the reserve made when the round opened. Liveness: each phase ends by
/// a call that anyone can make.
interface IRounds is IRoundsWork, IRoundsKeeping {}
