// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "./ITasks.sol";

/// @title The words that Rounds speaks: states, views, events, errors
interface IRoundsTypes {
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

    enum Outcome {
        None,
        Audited,
        Unaudited,
        Failed
    }

    enum VoidReason {
        NoSubmissions,
        BeaconExpired
    }

    enum SkipReason {
        NotEnrolled,
        AlreadySubmitted,
        NotDrawn,
        SlotsFull,
        BadSignature
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

    struct EarningsView {
        uint256 matured;
        uint256 pending;
        uint256 held;
        uint256 nextMaturesAt;
    }

    struct CohortView {
        uint8 attempt;
        bool settled;
        bool isVoid;
        uint16 revealed;
        address[] seats;
    }

    struct ClaimRequest {
        uint64 taskId;
        address account;
    }

    event RoundOpened(
        uint64 indexed taskId,
        uint32 indexed round,
        bytes32 baseModelHash,
        uint256 reserved,
        uint256 submitEnd
    );
    event RosterFrozen(uint64 indexed taskId, uint32 indexed round, address[] validators, uint16[] weights);
    event Submitted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed contributor,
        uint256 index,
        bytes32 commitment
    );
    event SubmissionSkipped(uint64 indexed taskId, uint32 indexed round, address contributor, SkipReason reason);
    event SubmissionsClosed(uint64 indexed taskId, uint32 indexed round, uint256 submissions, uint64 beaconId);
    event RoundSealed(uint64 indexed taskId, uint32 indexed round, bytes32 beacon);
    event RoundVoided(uint64 indexed taskId, uint32 indexed round, VoidReason reason);
    event ScoresCommitted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint8 attempt,
        bytes32 digest
    );
    event ScoresRevealed(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint8 attempt,
        uint32[] cohorts,
        uint256[] words
    );
    event CohortSettled(uint64 indexed taskId, uint32 indexed round, uint32 indexed cohort, uint256[] results);
    event CohortVoided(uint64 indexed taskId, uint32 indexed round, uint32 indexed cohort);
    event AggregatesVoted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint32[] cohorts,
        bytes32[] hashes
    );
    event ModelVoted(uint64 indexed taskId, uint32 indexed round, address indexed validator, bytes32 modelHash);
    event DutyMissed(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint256 slashBps,
        uint256 taken
    );
    event ValidatorPaid(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint256 entries,
        uint256 uptimeBps,
        uint256 amount
    );
    event ValidatorRemoved(uint64 indexed taskId, address indexed validator);
    event HeldReleased(uint64 indexed taskId, uint32 indexed round, address indexed contributor, uint256 amount);
    event HeldCancelled(uint64 indexed taskId, uint32 indexed round, address indexed contributor, uint256 amount);
    event RoundFinalized(
        uint64 indexed taskId,
        uint32 indexed round,
        bytes32 modelHash,
        bool accepted,
        uint256 credited
    );
    event Claimed(uint64 indexed taskId, address indexed account, address indexed to, uint256 amount);
    event ClaimSkipped(uint64 indexed taskId, address indexed account);

    error Rounds_OnlyTasks(address caller, address tasks);
    error Rounds_UnknownTask(uint64 taskId);
    error Rounds_WrongPhase(uint64 taskId, Phase actual, Phase needed);
    error Rounds_TaskClosed(uint64 taskId);
    error Rounds_AllRoundsDone(uint64 taskId, uint256 maxRounds);
    error Rounds_TooFewContributors(uint256 enrolled, uint256 minimum);
    error Rounds_TooFewValidators(uint256 weighted, uint256 minimum);
    error Rounds_NotEnrolled(uint64 taskId, address account);
    error Rounds_AlreadySubmitted(uint64 taskId, uint32 round, address contributor);
    error Rounds_NotDrawnToSubmit(uint64 taskId, uint32 round, address contributor);
    error Rounds_SlotsFull(uint64 taskId, uint256 slots);
    error Rounds_ZeroCommitment();
    error Rounds_WrongRound(uint64 taskId, uint32 given, uint32 actual);
    error Rounds_LengthMismatch(uint256 expected, uint256 actual);
    error Rounds_BeaconPending(uint64 beaconId);
    error Rounds_NotInRoster(uint64 taskId, address account);
    error Rounds_AlreadyCommitted(uint64 taskId, uint32 round, uint8 attempt);
    error Rounds_CommitmentMismatch(bytes32 committed, bytes32 revealed);
    error Rounds_NotDrawn(uint32 cohort, address validator);
    error Rounds_UnknownCohort(uint32 cohort, uint256 cohorts);
    error Rounds_AlreadyRevealed(uint32 cohort, address validator);
    error Rounds_NoRedraw(uint32 cohort);
    error Rounds_BadEntry(uint32 cohort, uint256 position, uint256 entry);
    error Rounds_WrongContributor(uint32 cohort, uint256 position, address contributor);
    error Rounds_NoMajority(uint32 cohort, uint256 revealed, uint256 needed);
    error Rounds_HasMajority(uint32 cohort, uint256 revealed);
    error Rounds_CohortDone(uint32 cohort);
    error Rounds_CohortNotSettled(uint32 cohort);
    error Rounds_AlreadyVoted(uint32 cohort, address validator);
    error Rounds_NothingMatured(uint64 taskId, address account, uint256 nextMaturesAt);
    error Rounds_NotFinal(uint64 taskId, uint256 finalAt);
    error Rounds_RosterFull(uint64 taskId, uint256 smallestStake);
    error Rounds_StillDrawn(uint64 taskId, address validator);
    error Rounds_ZeroRecipient();
    error Rounds_ZeroHash();
    error Rounds_NotAContract(address account);
}

/// @title What contributors and validators do in every round
interface IRoundsWork is IRoundsTypes {
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

    function domainSeparator() external view returns (bytes32);

    /// @notice Whether `contributor` may submit in the current round.
    function maySubmit(uint64 taskId, address contributor) external view returns (bool);

    /// @notice Digest of a page of 16 submissions, while the ring still holds the round.
    function submissionPage(uint64 taskId, uint32 round, uint256 page) external view returns (bytes32);

    function commitScores(uint64 taskId, bytes32 digest) external;

    /// @param words two words a cohort, entries of 32 bits
    function revealScores(uint64 taskId, uint32[] calldata cohorts, uint256[] calldata words, bytes32 salt) external;

    function scoreCommitment(
        uint64 taskId,
        uint32 round,
        uint8 attempt,
        address validator
    ) external view returns (bytes32);

    /// @param contributors members of all named cohorts, in cohort and position order (also of cohorts that are done already)
    function settle(uint64 taskId, uint32[] calldata cohorts, address[] calldata contributors) external;

    function voteAggregates(uint64 taskId, uint32[] calldata cohorts, bytes32[] calldata hashes) external;

    /// @notice Votes of a cohort's seats (low 224 bits of the hash, 0 if none), or the root's with type(uint32).max.
    function votesOf(uint64 taskId, uint32 cohort) external view returns (uint224[] memory);

    /// @notice Pays all matured earnings of `account` in a task, of any number of rounds, to `account`. Anyone.
    function claim(uint64 taskId, address account) external returns (uint256 amount);

    function claimTo(uint64 taskId, address to) external returns (uint256 amount);

    /// @notice Claims for many; one that cannot be paid is skipped.
    function claimMany(ClaimRequest[] calldata requests) external returns (uint256 claimed);
}

/// @title What happens once a round or less, and what everybody may read
interface IRoundsKeeping is IRoundsTypes {
    // ---- called by Tasks

    /// @notice Copies what settlement needs of a new task.
    function registerTask(uint64 taskId, ITasks.TaskParams calldata params) external;

    function admitContributor(uint64 taskId, address contributor, uint32 dataUnits) external;

    /// @notice Ends an enrolment; reverts until the contributor's last round is final.
    function dismissContributor(uint64 taskId, address contributor) external;

    /// @return outbid the validator whose place is taken from the next round on, or zero
    function admitValidator(uint64 taskId, address validator, uint256 stakeAmount) external returns (address outbid);

    function dismissValidator(uint64 taskId, address validator) external;

    /// @notice Reverts until no draw holds the validator and its last round is final.
    function requireReleasable(uint64 taskId, address validator) external view;

    // ---- the round

    function openRound(uint64 taskId) external;

    function closeSubmissions(uint64 taskId) external;

    function seal(uint64 taskId) external;

    function voidCohort(uint64 taskId, uint32 cohort) external;

    function voteModel(uint64 taskId, bytes32 modelHash) external;

    function finalizeRound(uint64 taskId) external;

    // ---- views

    function roundOf(uint64 taskId) external view returns (RoundView memory);

    function participantOf(uint64 taskId, address contributor) external view returns (ParticipantView memory);

    function validatorOf(uint64 taskId, address validator) external view returns (ValidatorView memory);

    function earningsOf(uint64 taskId, address account) external view returns (EarningsView memory);

    /// @notice Wei credited since the task began, claimed or not, and wei held until a passed audit.
    function totalsOf(
        uint64 taskId
    ) external view returns (uint256 credited, uint256 held, uint256 enrolled, uint256 reputationSum);

    /// @notice The frozen roster by index; a free place is the zero address.
    function rosterOf(uint64 taskId) external view returns (address[] memory validators, uint16[] memory weights);

    function cohortOf(uint64 taskId, uint32 cohort) external view returns (CohortView memory);

    function rootSeatsOf(uint64 taskId) external view returns (address[] memory);
}

/// @title Rounds: from submissions to pay
/// @notice The whole life of a round: submit → seal → open → commit → reveal → settle → aggregate → final. Nobody hands this
/// contract an amount of pay: it takes medians of revealed scores and evaluates the formula.
///
/// Safety: one settled submission is paid once; no pay above the reserve made when the round opened. Liveness: each phase ends by
/// a call that anyone can make.
interface IRounds is IRoundsWork, IRoundsKeeping {}
