// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICanaries} from "./ICanaries.sol";
import {ICourt} from "./ICourt.sol";
import {IWindowAccusations} from "./IWindowAccusations.sol";

/// @title Accusations: how cases are opened
/// @notice Proves from what Rounds keeps that an account said what is said to be false, then opens the case in the
/// {ICourt}, which takes the caller's bond: approve the court for it, or deposit it there. Anyone, while the round is
/// closed and not final. A call that reverts costs no bond.
///
/// Whoever accuses has committed to it before: {commit}, in an earlier block, at most an hour ago. So nobody takes the
/// reward of an accusation that it sees: of several that are right the earliest commitment is paid. It can't be made for
/// all that might turn out false, because it expires.
interface IAccusations {
    /// @notice A page of a round's submissions, as in its events.
    /// @param index of the submission in its round, from 0
    /// @param contributors of the page's submissions, in order
    /// @param commitments of the same
    struct PageProof {
        uint256 index;
        address[] contributors;
        bytes32[] commitments;
    }

    /// @notice What a validator said in a round, as in its reveal and its votes.
    /// @param attempt of the sheets: 0, or 1 in the redraw; 0 if it revealed none
    /// @param hasSheets whether it committed to sheets in this attempt
    /// @param cohorts of the reveal
    /// @param words of the reveal
    /// @param salt of the reveal
    /// @param voteHashes {RoundRecords.votesHash} of each call with votes, in order; none in the redraw
    struct Statement {
        uint8 attempt;
        bool hasSheets;
        uint32[] cohorts;
        uint256[] words;
        bytes32 salt;
        bytes32[] voteHashes;
    }

    /// @notice The record of a round, as in its events.
    /// @param baseModelHash that the round trained from
    /// @param previousBeacon beacon of the last sealed round before it
    /// @param weights of the frozen roster, packed as in {WeightLanes}
    /// @param validators 64, by roster index
    /// @param cohorts in the order in which they were settled
    /// @param resultsHashes keccak256 of their results, a word each
    struct RoundProof {
        bytes32 baseModelHash;
        bytes32 previousBeacon;
        uint256[4] weights;
        address[] validators;
        uint32[] cohorts;
        bytes32[] resultsHashes;
    }

    /// @notice One call with votes.
    /// @param cohorts as in its event; type(uint32).max for the vote on the next model
    /// @param hashes as in its event
    /// @param call which of the validator's calls with votes it was, from 0
    /// @param index of the vote in the call
    struct VoteProof {
        uint32[] cohorts;
        bytes32[] hashes;
        uint256 call;
        uint256 index;
    }

    /// @notice Two neighbouring state hashes of a contributor's training.
    /// @param window from 0
    /// @param before hash of the state that the window starts from
    /// @param afterwards hash of the state that it ends with
    /// @param proofBefore of the one against the state root
    /// @param proofAfterwards of the other
    struct StepProof {
        uint32 window;
        bytes32 before;
        bytes32 afterwards;
        bytes32[] proofBefore;
        bytes32[] proofAfterwards;
    }

    /// @notice An account committed to an accusation.
    /// @param challenger the account
    /// @param digest see {IAccusations.commit}
    event AccusationCommitted(address indexed challenger, bytes32 digest);
    /// @notice The accused of a score case says where the update is that it has scored.
    /// @param caseId the case
    /// @param location as given
    event UpdateDeclared(uint256 indexed caseId, string location);
    /// @notice The court was set, for good.
    /// @param court the contract
    event Connected(address indexed court);
    /// @notice Somebody gave the jurors of a panel what they read a case's evidence with. Nothing of it is checked: jurors
    /// try what the parties and the appellants announced first.
    /// @param caseId the case
    /// @param panelId the panel
    /// @param sender who announced it
    /// @param keysBlob sha256 of a blob with the evidence's key, encrypted to each juror
    event EvidenceKeysAnnounced(
        uint256 indexed caseId,
        uint256 indexed panelId,
        address indexed sender,
        bytes32 keysBlob
    );

    /// @notice Only the contract that this one created may open cases about windows.
    /// @param caller who called
    /// @param windows the only one who may
    error Accusations_OnlyWindows(address caller, address windows);
    /// @notice Only the contract that keeps canaries exempts.
    /// @param caller who called
    /// @param canaries the only one who may
    error Accusations_OnlyCanaries(address caller, address canaries);
    /// @notice Only the deployer connects.
    /// @param caller who called
    /// @param deployer who may
    error Accusations_OnlyDeployer(address caller, address deployer);
    /// @notice The contract is connected already, for good.
    /// @param court the connected court
    error Accusations_AlreadyConnected(address court);
    /// @notice The address has no code of its own.
    /// @param account the address
    error Accusations_NotAContract(address account);
    /// @notice A page of submissions isn't the one that the chain has.
    /// @param given digest of what was given
    /// @param stored digest on chain, 0 if there is none
    error Accusations_WrongPage(bytes32 given, bytes32 stored);
    /// @notice The submission at that place isn't the defendant's.
    /// @param index of the submission
    /// @param given who submitted there
    /// @param needed the defendant
    error Accusations_NotItsSubmission(uint256 index, address given, address needed);
    /// @notice The validator didn't say that.
    /// @param given word of what was given
    /// @param stored word on chain, 0 if it said nothing in that round and attempt
    error Accusations_WrongStatement(bytes32 given, bytes32 stored);
    /// @notice The record isn't that of the round.
    /// @param given of what was given
    /// @param stored on chain, 0 if the ring doesn't hold it
    error Accusations_WrongRecord(uint224 given, uint224 stored);
    /// @notice The submission is a canary that was shown to have no opening: nobody can show anything of it.
    /// @param taskId the task
    /// @param round of the submission
    /// @param contributor who submitted
    error Accusations_Unopenable(uint64 taskId, uint32 round, address contributor);
    /// @notice Two lists must have the same length.
    /// @param first length
    /// @param second length
    error Accusations_LengthMismatch(uint256 first, uint256 second);
    /// @notice A position is out of range.
    /// @param what it counts: "submission", "entry", "vote", "call", "cohort", "window"
    /// @param position given
    /// @param count of what there is
    error Accusations_OutOfRange(string what, uint256 position, uint256 count);
    /// @notice The entry is no score that can be computed again: it says that the update wasn't audited, or that a gate
    /// failed by judgement.
    /// @param entry 32 bits, see ScoreWords
    error Accusations_EntryIsJudgement(uint256 entry);
    /// @notice A state hash isn't at that place of the state tree.
    /// @param position from 0
    /// @param stateHash given
    error Accusations_WrongState(uint256 position, bytes32 stateHash);
    /// @notice The account isn't in the frozen roster of the round.
    /// @param account the account
    error Accusations_NotInRoster(address account);
    /// @notice The account has no seat in that committee, or its vote is another one.
    /// @param account the account
    /// @param cohort of the committee
    error Accusations_NotItsVote(address account, uint32 cohort);
    /// @notice The caller isn't the defendant of an open case about a score, with these facts.
    /// @param caseId the case
    /// @param caller who called
    error Accusations_NotTheScorer(uint256 caseId, address caller);
    /// @notice The case's panel has ended its commitments: jurors have looked for the update.
    /// @param caseId the case
    error Accusations_TooLateToDeclare(uint256 caseId);
    /// @notice The challenger has committed to this before.
    /// @param digest the commitment
    error Accusations_AlreadyCommitted(bytes32 digest);
    /// @notice The challenger hasn't committed to this accusation in an earlier block, or more than an hour ago.
    /// @param digest the commitment that is needed
    /// @param committedAt block in which it was made, 0 if it wasn't
    /// @param expiresAt unix seconds from which it doesn't count any more, 0 if it wasn't made
    error Accusations_NotCommitted(bytes32 digest, uint256 committedAt, uint256 expiresAt);
    /// @notice The round can't be judged: it is open, final, was never sealed, or left the ring.
    /// @param taskId the task
    /// @param round the round
    /// @param closedAt unix seconds at which it closed, 0 if it is open or left the ring
    /// @param finalAt unix seconds from which it is final
    error Accusations_RoundNotOpenToCases(uint64 taskId, uint32 round, uint256 closedAt, uint256 finalAt);
    /// @notice An announcement must name a blob.
    /// @param caseId the case
    /// @param panelId the panel
    error Accusations_NoKeys(uint256 caseId, uint256 panelId);

    /// @notice Sets the court. Only the deployer, and only once.
    /// @param court a contract
    function connect(address court) external;

    /// @notice Commits the caller to an accusation, for {COMMIT_SECONDS}. It doesn't show what it is about.
    /// @param digest keccak256(abi.encode(chainid, accusations, challenger, kind, taskId, round, defendant, salt)), once
    function commit(bytes32 digest) external;

    /// @notice Accuses a contributor of keeping back the fields of its commitment. It, or anyone, posts them in time.
    /// @param taskId the task
    /// @param round a sealed round
    /// @param contributor who submitted
    /// @param page of the submission
    /// @param salt of {commit}
    /// @return caseId its number
    function accuseOfWithholding(
        uint64 taskId,
        uint32 round,
        address contributor,
        PageProof calldata page,
        bytes32 salt
    ) external returns (uint256 caseId);

    /// @notice Accuses a contributor of a state that doesn't follow from the one before it. Jurors compute the window's
    /// last state again and report its hash.
    /// @param taskId the task
    /// @param round a sealed round
    /// @param contributor who submitted
    /// @param page of the submission
    /// @param fields what the commitment hides
    /// @param step the window and its state hashes
    /// @param evidence sha256 of the blob with the window's evidence, encrypted to the jurors
    /// @param salt of {commit}
    /// @return caseId its number
    function accuseStep(
        uint64 taskId,
        uint32 round,
        address contributor,
        PageProof calldata page,
        ICourt.OpeningFields calldata fields,
        StepProof calldata step,
        bytes32 evidence,
        bytes32 salt
    ) external returns (uint256 caseId);

    /// @notice Accuses a validator of a quality or rarity that isn't what its draws give. Jurors compute the entry again
    /// and report {ScoreWords.accusedValue}.
    /// @param taskId the task
    /// @param round a sealed round
    /// @param validator who revealed the sheets
    /// @param statement what it said
    /// @param index of the cohort in its sheets
    /// @param member of the cohort, 0…15
    /// @param proof the record of the round
    /// @param evidence sha256 of the blob with the samples, encrypted to the jurors
    /// @param salt of {commit}
    /// @return caseId its number
    function accuseScore(
        uint64 taskId,
        uint32 round,
        address validator,
        Statement calldata statement,
        uint256 index,
        uint256 member,
        RoundProof calldata proof,
        bytes32 evidence,
        bytes32 salt
    ) external returns (uint256 caseId);

    /// @notice Accuses a validator of a vote for an aggregate, or for the next model, that the rule doesn't give. Jurors
    /// compute it again and report its hash.
    /// @param taskId the task
    /// @param round a sealed round
    /// @param validator who voted
    /// @param statement what it said
    /// @param vote the vote
    /// @param proof the record of the round
    /// @param attempt in which the committee was drawn: 0, or 1 in the redraw
    /// @param evidence sha256 of the blob with the samples, encrypted to the jurors; 0 if they need none
    /// @param salt of {commit}
    /// @return caseId its number
    function accuseVote(
        uint64 taskId,
        uint32 round,
        address validator,
        Statement calldata statement,
        VoteProof calldata vote,
        RoundProof calldata proof,
        uint8 attempt,
        bytes32 evidence,
        bytes32 salt
    ) external returns (uint256 caseId);

    /// @notice Accuses another voter for the same false hash in an open case. Without a bond.
    /// @param caseId the case
    /// @param facts of the case
    /// @param validator who voted
    /// @param statement what it said
    /// @param vote the vote
    /// @param proof the record of the round
    function accuseVoter(
        uint256 caseId,
        ICourt.Facts calldata facts,
        address validator,
        Statement calldata statement,
        VoteProof calldata vote,
        RoundProof calldata proof
    ) external;

    /// @notice Tells the jurors of a panel where the key to a case's evidence is, encrypted to each of them. Anyone, as
    /// often as it likes; the chain keeps nothing of it.
    /// @param caseId the case
    /// @param panelId its panel
    /// @param keysBlob sha256 of the blob, not 0
    function announceKeys(uint256 caseId, uint256 panelId, bytes32 keysBlob) external;

    /// @notice Says where the update is that the caller has scored, so that jurors look there too. Whoever says so in time isn't
    /// punished if they don't get it: a store that vanishes must convict nobody. Only the defendant of a case about a score,
    /// until its panel's commitments end; in an appeal again.
    /// @param caseId an open case
    /// @param facts of the case
    /// @param location where, as jurors read it: 1…256 bytes
    function declareUpdate(uint256 caseId, ICourt.Facts calldata facts, string calldata location) external;

    /// @notice Whether the defendant of a case has said where the update is that it has scored.
    /// @param caseId the case
    /// @return true if it has
    function isUpdateDeclared(uint256 caseId) external view returns (bool);

    /// @notice How long a commitment to an accusation lasts.
    /// @return seconds
    function COMMIT_SECONDS() external view returns (uint256);

    /// @notice An account's commitment to an accusation.
    /// @param challenger the account
    /// @param digest see {commit}
    /// @return committedAt block in which it was made, 0 if it wasn't
    /// @return expiresAt unix seconds from which it doesn't count any more, 0 if it wasn't made
    function commitmentOf(
        address challenger,
        bytes32 digest
    ) external view returns (uint256 committedAt, uint256 expiresAt);

    /// @notice The contract that opens cases about windows.
    /// @return created by this one
    function windows() external view returns (IWindowAccusations);

    /// @notice Opens a case about a window, if its challenger has committed to it. Only {windows}.
    /// @param facts of the case; the caller has proven them
    /// @param salt of the challenger's commitment
    /// @return caseId its number
    function openForWindows(ICourt.Facts calldata facts, bytes32 salt) external returns (uint256 caseId);

    /// @notice Adds who claims to have replayed a window to the case about its step. Only {windows}.
    /// @param caseId the case
    /// @param facts of the case
    /// @param validator who claims it; the caller has proven that
    /// @param base ASSAY wei of which its penalty is a share
    function addForWindows(uint256 caseId, ICourt.Facts calldata facts, address validator, uint256 base) external;

    /// @notice Decides that nobody can be accused of withholding this opening: a canary proves that there is none. A case
    /// that is open goes on. Only {canaries}.
    /// @param taskId the task
    /// @param round of the submission
    /// @param contributor who submitted
    /// @param commitment of the submission
    function exempt(uint64 taskId, uint32 round, address contributor, bytes32 commitment) external;

    /// @notice Which submissions are shown to have no opening.
    /// @return set at deployment
    function canaries() external view returns (ICanaries);

    /// @notice The court in which cases are opened.
    /// @return its address, zero before `connect`
    function court() external view returns (address);
}
