// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "./IAccusations.sol";
import {IRoundsEvidence} from "./IRoundsEvidence.sol";
import {ITasks} from "./ITasks.sol";
import {IWindowAccusations} from "./IWindowAccusations.sol";

/// @title Canaries: submissions whose right judgement is known
/// @notice Anyone commits, before a round opens, to what seats should say of one of its submissions, with a bond. The
/// commitment shows neither the contributor nor the answer. Once all cohorts are done its owner opens it, gives the
/// submission's pay back and gets the bond back; else the bond is burnt. Then anyone books what each seat said of it.
///
/// Two kinds. That a submission has no opening is proven: its commitment is one that nothing opens, {unopenableOf}. Its
/// contributor can't be accused of withholding. That an update is worth a quality between two bounds is what its owner
/// says: books of such canaries are kept by owner, and whoever reads them chooses whom to believe. What a seat's score
/// should be, jurors compute: {IAccusations.accuseScore}.
///
/// Safety: nobody is slashed here; accuracies are information, no contract reads them. The ASSAY balance is at least all
/// bonds. Liveness: every bond ends by a call that its owner can make, or anyone after it.
interface ICanaries {
    /// @notice Where a canary stands.
    enum Status {
        None,
        Committed,
        Opened,
        Withdrawn,
        Burnt
    }

    /// @notice What a seat should say of a submission.
    /// @param hasOpening false: nothing opens its commitment, so that it fails S0. True: it has a quality
    /// @param leastQualityBps least right quality, 0…10,000; 0 without an opening
    /// @param mostQualityBps largest right quality, 0…10,000; 0 without an opening
    struct Truth {
        bool hasOpening;
        uint16 leastQualityBps;
        uint16 mostQualityBps;
    }

    /// @notice A canary. What its commitment hides is 0 until it is opened.
    /// @param owner who committed to it
    /// @param bond ASSAY wei
    /// @param taskId the task
    /// @param round of the submission
    /// @param submission its index in the round, from 0
    /// @param status where it stands
    /// @param truth what seats should say
    /// @param digest the commitment
    struct Canary {
        address owner;
        uint96 bond;
        uint64 taskId;
        uint32 round;
        uint32 submission;
        Status status;
        Truth truth;
        bytes32 digest;
    }

    /// @notice What a submission was paid. The results of its cohort, if that was settled.
    /// @param record of the round
    /// @param cohort of the submission
    /// @param member of the cohort, 0…15
    /// @param results of the cohort's members, as in the event `CohortSettled`; none of a void cohort
    struct PayProof {
        IAccusations.RoundProof record;
        uint32 cohort;
        uint256 member;
        uint256[] results;
    }

    /// @notice Somebody committed to a canary.
    /// @param canaryId its number, from 1
    /// @param taskId the task
    /// @param round of the submission
    /// @param owner who committed
    /// @param bond ASSAY wei
    /// @param digest the commitment
    event CanaryCommitted(
        uint256 indexed canaryId,
        uint64 indexed taskId,
        uint32 indexed round,
        address owner,
        uint256 bond,
        bytes32 digest
    );
    /// @notice A canary was opened: its bond is back.
    /// @param canaryId its number
    /// @param contributor of the submission
    /// @param truth what seats should say
    /// @param pay reward wei that its owner gave back to the task's owner
    event CanaryOpened(uint256 indexed canaryId, address indexed contributor, Truth truth, uint256 pay);
    /// @notice A canary's bond went back unopened: nothing was submitted, or the round was void or never came.
    /// @param canaryId its number
    event CanaryWithdrawn(uint256 indexed canaryId);
    /// @notice A canary wasn't opened in time: its bond was burnt.
    /// @param canaryId its number
    /// @param bond ASSAY wei
    event CanaryBurnt(uint256 indexed canaryId, uint256 bond);
    /// @notice What a seat said of a canary was booked.
    /// @param canaryId its number
    /// @param validator who had the seat
    /// @param entry 32 bits, see ScoreWords
    /// @param isRight whether that was right
    event SeatJudged(uint256 indexed canaryId, address indexed validator, uint256 entry, bool isRight);

    /// @notice The address has no code of its own.
    /// @param account the address
    error Canaries_NotAContract(address account);
    /// @notice A canary is committed to before its round opens, and for a round that the task can have.
    /// @param taskId the task
    /// @param round given
    /// @param current number of the open or last round
    /// @param last number of the task's last possible round
    error Canaries_RoundNotAhead(uint64 taskId, uint32 round, uint32 current, uint32 last);
    /// @notice A commitment must not be zero.
    error Canaries_ZeroDigest();
    /// @notice The canary isn't in the state that the call needs.
    /// @param canaryId given
    /// @param status its state
    /// @param needed state
    error Canaries_WrongStatus(uint256 canaryId, Status status, Status needed);
    /// @notice Only the owner of a canary may do that.
    /// @param canaryId given
    /// @param caller who called
    /// @param owner who may
    error Canaries_OnlyOwner(uint256 canaryId, address caller, address owner);
    /// @notice The commitment hides something else.
    /// @param canaryId given
    /// @param given digest of what was given
    /// @param stored digest on chain
    error Canaries_WrongDigest(uint256 canaryId, bytes32 given, bytes32 stored);
    /// @notice The bounds of a quality must be in order and at most 10,000 bps.
    /// @param least bound
    /// @param most bound
    error Canaries_WrongRange(uint16 least, uint16 most);
    /// @notice Seats may still score that round: all its cohorts must be settled or void.
    /// @param canaryId given
    /// @param current number of the open or last round
    error Canaries_TooEarly(uint256 canaryId, uint32 current);
    /// @notice The canary's round is final, or the chain has forgotten it.
    /// @param canaryId given
    /// @param finalAt unix seconds since which it is final, 0 if the chain has forgotten it
    error Canaries_TooLate(uint256 canaryId, uint256 finalAt);
    /// @notice The canary is said to have no opening, but its commitment isn't the one that has none.
    /// @param given commitment that was submitted
    /// @param needed commitment, see {ICanaries.unopenableOf}
    error Canaries_HasOpening(bytes32 given, bytes32 needed);
    /// @notice A canary about this submission was opened before, by the same owner or with the same proof.
    /// @param canaryId given
    /// @param submission its index in the round
    error Canaries_OpenedBefore(uint256 canaryId, uint256 submission);
    /// @notice The results of a cohort aren't those of the round's record.
    /// @param cohort its number
    /// @param given hash of what was given
    /// @param stored hash in the record, 0 if the cohort is void
    error Canaries_WrongResults(uint32 cohort, bytes32 given, bytes32 stored);
    /// @notice The bond isn't free: the round has opened, and wasn't void.
    /// @param canaryId given
    /// @param current number of the open or last round
    error Canaries_StillBound(uint256 canaryId, uint32 current);
    /// @notice The contributor submitted to the canary's round, or to a later one, so that the chain can't tell any more.
    /// @param canaryId given
    /// @param contributor the account
    /// @param lastRound that it submitted to
    error Canaries_Submitted(uint256 canaryId, address contributor, uint32 lastRound);
    /// @notice The canary can still be opened, or its bond withdrawn.
    /// @param canaryId given
    /// @param finalAt unix seconds from which its round is final, 0 if that isn't known yet or the round was void
    error Canaries_NotExpired(uint256 canaryId, uint256 finalAt);
    /// @notice What this validator said of the canary is booked already.
    /// @param canaryId given
    /// @param validator the account
    error Canaries_JudgedBefore(uint256 canaryId, address validator);
    /// @notice The entry neither agrees with the canary nor contradicts it: the seat didn't judge the update, or couldn't
    /// look at it.
    /// @param canaryId given
    /// @param entry 32 bits, see ScoreWords
    error Canaries_SaysNothing(uint256 canaryId, uint256 entry);

    /// @notice Commits the caller to a canary, with a bond of the task's `contributorStake`, which the caller has
    /// approved. Before its round opens.
    /// @param taskId a task that isn't closed
    /// @param round of the submission
    /// @param digest keccak256(abi.encode(chainid, canaries, owner, taskId, round, contributor, hasOpening,
    /// leastQualityBps, mostQualityBps, salt)), with a salt that nobody can guess
    /// @return canaryId its number
    function commit(uint64 taskId, uint32 round, bytes32 digest) external returns (uint256 canaryId);

    /// @notice Opens a canary, from the end of its cohorts until its round is final. The owner gives what the submission
    /// was paid, held pay included, to the task's owner: approve the task's reward token. It gets the bond back. From then
    /// on nobody can accuse the contributor of withholding what has no opening.
    /// @param canaryId the caller's
    /// @param contributor of the submission
    /// @param truth what seats should say
    /// @param salt of the commitment; without an opening, of the submission too
    /// @param page of the submission
    /// @param paid what it was paid
    function open(
        uint256 canaryId,
        address contributor,
        Truth calldata truth,
        bytes32 salt,
        IAccusations.PageProof calldata page,
        PayProof calldata paid
    ) external;

    /// @notice Gives a bond back as long as the canary's round hasn't opened, or if it was void. Only the owner.
    /// @param canaryId the caller's
    function withdraw(uint256 canaryId) external;

    /// @notice Gives the bond back of a canary whose contributor didn't submit to its round: for want of a slot, for
    /// instance. Once the round is sealed, and before the contributor submits to a later one. Only the owner.
    /// @param canaryId the caller's
    /// @param contributor of the submission that didn't come
    /// @param truth of the commitment
    /// @param salt of the commitment
    function withdrawUnsubmitted(uint256 canaryId, address contributor, Truth calldata truth, bytes32 salt) external;

    /// @notice Burns the bond of a canary that wasn't opened in time. Anyone.
    /// @param canaryId whose round is final, or forgotten
    function burn(uint256 canaryId) external;

    /// @notice Books what a seat said of an opened canary. Anyone, as long as the chain keeps the evidence of its round.
    /// @param canaryId an opened canary
    /// @param validator who had the seat
    /// @param said what it said
    function judge(uint256 canaryId, address validator, IWindowAccusations.SeatProof calldata said) external;

    /// @notice A canary.
    /// @param canaryId its number
    /// @return all zero if it doesn't exist
    function canaryOf(uint256 canaryId) external view returns (Canary memory);

    /// @notice Number of canaries so far, also the number of the last one.
    /// @return from 0
    function canaryCount() external view returns (uint256);

    /// @notice How often a validator was right about canaries.
    /// @param taskId the task
    /// @param validator the account
    /// @param owner whose canaries; zero: those that are proven, of all owners
    /// @return right number of them that it judged rightly
    /// @return judged number of them that it judged
    function accuracyOf(
        uint64 taskId,
        address validator,
        address owner
    ) external view returns (uint256 right, uint256 judged);

    /// @notice Whether a submission was shown to have no opening: nobody can be asked for it.
    /// @param taskId the task
    /// @param round of the submission
    /// @param contributor who submitted
    /// @return true if a canary proves it
    function isUnopenable(uint64 taskId, uint32 round, address contributor) external view returns (bool);

    /// @notice The commitment to submit for a canary without an opening. Its preimage has seven words, that of every
    /// opening eleven: no opening has this hash.
    /// @param owner of the canary
    /// @param taskId the task
    /// @param round of the submission
    /// @param contributor who submits
    /// @param salt of the canary
    /// @return keccak256(abi.encode(chainid, canaries, owner, taskId, round, contributor, salt))
    function unopenableOf(
        address owner,
        uint64 taskId,
        uint32 round,
        address contributor,
        bytes32 salt
    ) external view returns (bytes32);

    /// @notice The contracts that it works with.
    /// @return tasks the tasks
    /// @return rounds what it reads of submissions and sheets
    /// @return token ASSAY
    function wiring() external view returns (ITasks tasks, IRoundsEvidence rounds, address token);
}
