// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "./interfaces/IAccusations.sol";
import {ICanaries} from "./interfaces/ICanaries.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IJury} from "./interfaces/IJury.sol";
import {ITasks} from "./interfaces/ITasks.sol";
import {IWindowAccusations} from "./interfaces/IWindowAccusations.sol";
import {Accusing} from "./court/Accusing.sol";
import {CourtEvidence} from "./libraries/CourtEvidence.sol";
import {Sampling} from "./libraries/Sampling.sol";
import {ScoreWords} from "./libraries/ScoreWords.sol";
import {StatementAccusations} from "./court/StatementAccusations.sol";
import {WindowAccusations} from "./WindowAccusations.sol";

/// @title Accusations
/// @notice See {IAccusations}. It holds no money, and no state but the address of the court and commitments.
/// It creates {WindowAccusations}, for which it opens cases too.
///
/// Assumed for safety: Tasks, Rounds and the court are this project's contracts.
contract Accusations is Accusing, IAccusations, StatementAccusations {
    /// @inheritdoc IAccusations
    uint256 public constant COMMIT_SECONDS = 1 hours;

    /// In the place of a voter: the court opens one case about a window.
    uint256 private constant ASKED_FOR = 255;
    uint256 private constant MAX_LOCATION_BYTES = 256;

    ICanaries private immutable _CANARIES;
    IWindowAccusations private immutable _WINDOWS;
    address private immutable _DEPLOYER;

    /// What proves a validator's statement.
    struct Proven {
        uint256 submissions;
        /// The validator's roster index.
        uint256 index;
    }

    struct Commitment {
        uint64 block_;
        uint64 expiresAt;
    }

    // slot 0
    /// @inheritdoc IAccusations
    address public court;

    mapping(address challenger => mapping(bytes32 digest => Commitment)) private _commitments;
    /// @inheritdoc IAccusations
    mapping(uint256 caseId => bool) public isUpdateDeclared;

    /// @notice Sets the contracts that it reads and creates {WindowAccusations}; the deployer connects the court
    /// afterwards.
    /// @param tasks_ a connected {Tasks}
    /// @param canaries_ of the same Tasks
    constructor(ITasks tasks_, ICanaries canaries_) Accusing(tasks_) {
        _requireContract(address(canaries_));

        _CANARIES = canaries_;
        _WINDOWS = new WindowAccusations(tasks_);
        _DEPLOYER = msg.sender;
    }

    /// @inheritdoc IAccusations
    function connect(address court_) external {
        if (msg.sender != _DEPLOYER) revert Accusations_OnlyDeployer(msg.sender, _DEPLOYER);
        if (court != address(0)) revert Accusations_AlreadyConnected(court);
        _requireContract(court_);

        court = court_;

        emit Connected(court_);
    }

    /// @inheritdoc IAccusations
    function windows() external view returns (IWindowAccusations) {
        return _WINDOWS;
    }

    /// @inheritdoc IAccusations
    function canaries() external view returns (ICanaries) {
        return _CANARIES;
    }

    // ---- commitments

    /// @inheritdoc IAccusations
    function commit(bytes32 digest) external {
        Commitment storage commitment = _commitments[msg.sender][digest];
        if (commitment.block_ != 0) revert Accusations_AlreadyCommitted(digest);

        (commitment.block_, commitment.expiresAt) = (uint64(block.number), uint64(block.timestamp + COMMIT_SECONDS));

        emit AccusationCommitted(msg.sender, digest);
    }

    function _digestOf(ICourt.Facts memory facts, bytes32 salt) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    block.chainid,
                    address(this),
                    facts.challenger,
                    facts.kind,
                    facts.taskId,
                    facts.round,
                    facts.defendant,
                    salt
                )
            );
    }

    /// @inheritdoc IAccusations
    function commitmentOf(
        address challenger,
        bytes32 digest
    ) external view returns (uint256 committedAt, uint256 expiresAt) {
        Commitment memory commitment = _commitments[challenger][digest];
        return (commitment.block_, commitment.expiresAt);
    }

    // ---- contributors

    /// @inheritdoc IAccusations
    function accuseOfWithholding(
        uint64 taskId,
        uint32 round,
        address contributor,
        PageProof calldata page,
        bytes32 salt
    ) external returns (uint256 caseId) {
        (ITasks.CaseTerms memory terms, , ) = _requireOpenToCases(taskId, round);
        ICourt.Facts memory facts = _factsOf(ICourt.CaseKind.OpeningWithheld, taskId, round, contributor);
        facts.accused = CourtEvidence.commitmentOf(_ROUNDS, taskId, round, contributor, page);
        facts.base = terms.contributorStake;

        return _open(facts, _parties(facts), 0, salt);
    }

    /// @inheritdoc IAccusations
    function exempt(uint64 taskId, uint32 round, address contributor, bytes32 commitment) external {
        if (msg.sender != address(_CANARIES)) revert Accusations_OnlyCanaries(msg.sender, address(_CANARIES));
        ICourt.Facts memory facts = _factsOf(ICourt.CaseKind.OpeningWithheld, taskId, round, contributor);
        facts.accused = commitment;

        ICourt(court).exempt(facts);
    }

    /// @inheritdoc IAccusations
    function accuseStep(
        uint64 taskId,
        uint32 round,
        address contributor,
        PageProof calldata page,
        ICourt.OpeningFields calldata fields,
        StepProof calldata step,
        bytes32 evidence,
        bytes32 salt
    ) external returns (uint256 caseId) {
        (ITasks.CaseTerms memory terms, , ) = _requireOpenToCases(taskId, round);
        bytes32 commitment = CourtEvidence.commitmentOf(_ROUNDS, taskId, round, contributor, page);
        CourtEvidence.requireOpening(_ROUNDS, taskId, round, contributor, commitment, fields);
        (uint256 count, ) = _TASKS.shapeOf(taskId);
        CourtEvidence.requireStep(fields.stateRoot, count, step);
        ICourt.Facts memory facts = _factsOf(ICourt.CaseKind.FalseStep, taskId, round, contributor);
        (facts.subject, facts.accused, facts.context) = (step.window, step.afterwards, step.before);
        (facts.base, facts.evidence) = (terms.contributorStake, evidence);

        return _open(facts, _parties(facts), 0, salt);
    }

    // ---- validators

    /// @inheritdoc IAccusations
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
    ) external returns (uint256 caseId) {
        ICourt.Facts memory facts = _factsOf(ICourt.CaseKind.FalseScore, taskId, round, validator);
        uint256 submissions = _proveStatement(facts, statement, proof).submissions;
        (uint32 cohort, uint256 entry) = CourtEvidence.entryOf(statement, submissions, index, member);
        if (!ScoreWords.isComputed(entry)) revert Accusations_EntryIsJudgement(entry);
        facts.subject = uint32(cohort * Sampling.COHORT_SIZE + member);
        (facts.accused, facts.evidence) = (ScoreWords.accusedValue(entry), evidence);

        return _open(facts, _parties(facts), 0, salt);
    }

    /// @inheritdoc IAccusations
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
    ) external returns (uint256 caseId) {
        ICourt.Facts memory facts = _factsOf(ICourt.CaseKind.FalseAggregate, taskId, round, validator);
        Proven memory proven = _proveStatement(facts, statement, proof);
        (facts.subject, facts.accused) = CourtEvidence.voteOf(statement, vote);
        if (facts.subject == Sampling.ROOT_COHORT) facts.kind = ICourt.CaseKind.FalseModel;
        (facts.context, facts.evidence) = (proof.baseModelHash, evidence);
        // The root has one committee: who was never drawn for it can only pretend to have voted.
        uint256 attempts = facts.subject == Sampling.ROOT_COHORT ? 1 : 2;
        if (attempt >= attempts) revert Accusations_OutOfRange("attempt", attempt, attempts);
        bytes32 beacon = _ROUNDS.beaconAt(facts.taskId, facts.round);
        (, uint256 seatCount) = _TASKS.shapeOf(facts.taskId);
        facts.committee = CourtEvidence.committeeOf(proof, beacon, facts.subject, attempt, seatCount);
        _requireMember(facts, facts.committee, proven.index);

        return _open(facts, CourtEvidence.membersOf(facts.committee, proof, msg.sender), proven.index, salt);
    }

    /// @inheritdoc IAccusations
    function accuseVoter(
        uint256 caseId,
        ICourt.Facts calldata facts,
        address validator,
        Statement calldata statement,
        VoteProof calldata vote,
        RoundProof calldata proof
    ) external {
        ICourt.Facts memory accused = facts;
        accused.defendant = validator;
        uint256 index = _proveStatement(accused, statement, proof).index;
        (uint32 cohort, bytes32 hash) = CourtEvidence.voteOf(statement, vote);
        if (cohort != facts.subject || hash != facts.accused) revert Accusations_NotItsVote(validator, cohort);
        // A commitment can pose as a vote: only who had a seat can have voted.
        _requireMember(accused, facts.committee, index);

        ICourt(court).addDefendant(caseId, facts, validator, accused.base, index);
    }

    /// @dev Proves the statement and the record, and sets the base of the validator's penalty.
    function _proveStatement(
        ICourt.Facts memory facts,
        Statement calldata statement,
        RoundProof calldata proof
    ) private view returns (Proven memory proven) {
        ITasks.CaseTerms memory terms;
        uint224 record = 0;
        (terms, record, proven.submissions) = _requireOpenToCases(facts.taskId, facts.round);
        CourtEvidence.requireStatement(_ROUNDS, facts.taskId, facts.round, facts.defendant, statement);
        CourtEvidence.requireRecord(record, facts.round, proof);
        uint256 weight = 0;
        (proven.index, weight) = CourtEvidence.weightOf(proof, facts.defendant);
        // A weight is at most four minima; a minimum has at most 10⁹ ASSAY.
        facts.base = uint96((uint256(terms.minValidatorStake) * weight) / Sampling.MIN_WEIGHT);
    }

    function _requireMember(ICourt.Facts memory facts, uint256 committee, uint256 index) private pure {
        if (CourtEvidence.isMember(committee, index)) return;
        revert Accusations_NotItsVote(facts.defendant, facts.subject);
    }

    // ---- jurors

    /// @inheritdoc IAccusations
    function announceKeys(uint256 caseId, uint256 panelId, bytes32 keysBlob) external {
        if (keysBlob == 0) revert Accusations_NoKeys(caseId, panelId);

        emit EvidenceKeysAnnounced(caseId, panelId, msg.sender, keysBlob);
    }

    /// @inheritdoc IAccusations
    function declareUpdate(uint256 caseId, ICourt.Facts calldata facts, string calldata location) external {
        ICourt.Case memory case_ = ICourt(court).caseOf(caseId);
        bool isOpen = case_.verdict == ICourt.Verdict.None && facts.kind == ICourt.CaseKind.FalseScore;
        bool isTheirs = case_.factsHash == bytes21(keccak256(abi.encode(facts))) && facts.defendant == msg.sender;
        if (!isOpen || !isTheirs) revert Accusations_NotTheScorer(caseId, msg.sender);
        uint256 length = bytes(location).length;
        if (length == 0 || length > MAX_LOCATION_BYTES) {
            revert Accusations_OutOfRange("location", length, MAX_LOCATION_BYTES + 1);
        }
        (, , , IJury jury, ) = ICourt(court).wiring();
        IJury.PanelStatus status = jury.statusOf(case_.panelIds[case_.instance]);
        if (status > IJury.PanelStatus.Committing) revert Accusations_TooLateToDeclare(caseId);

        isUpdateDeclared[caseId] = true;

        emit UpdateDeclared(caseId, location);
    }

    // ---- two statements

    /// @dev See {StatementAccusations}.
    function _openByRecord(
        ICourt.Facts memory facts,
        RoundProof calldata proof,
        bytes32 salt
    ) internal override returns (uint256 caseId) {
        (ITasks.CaseTerms memory terms, uint224 record, ) = _requireOpenToCases(facts.taskId, facts.round);
        CourtEvidence.requireRecord(record, facts.round, proof);
        (, uint256 weight) = CourtEvidence.weightOf(proof, facts.defendant);
        // As in {_proveStatement}.
        facts.base = uint96((uint256(terms.minValidatorStake) * weight) / Sampling.MIN_WEIGHT);

        return _open(facts, _parties(facts), 0, salt);
    }

    /// @dev See {StatementAccusations}.
    function _takerOfStatements() internal view override returns (address) {
        return address(_ROUNDS);
    }

    // ---- what all have in common

    /// @inheritdoc IAccusations
    function openForWindows(ICourt.Facts calldata facts, bytes32 salt) external returns (uint256 caseId) {
        _requireWindows();
        // Nobody can show a window of what a canary proves not to be there.
        if (_CANARIES.isUnopenable(facts.taskId, facts.round, facts.defendant)) {
            revert Accusations_Unopenable(facts.taskId, facts.round, facts.defendant);
        }

        return _open(facts, _parties(facts), ASKED_FOR, salt);
    }

    /// @inheritdoc IAccusations
    function addForWindows(uint256 caseId, ICourt.Facts calldata facts, address validator, uint256 base) external {
        _requireWindows();
        ICourt(court).addDefendant(caseId, facts, validator, base, 0);
    }

    function _requireWindows() private view {
        if (msg.sender != address(_WINDOWS)) revert Accusations_OnlyWindows(msg.sender, address(_WINDOWS));
    }

    function _parties(ICourt.Facts memory facts) private pure returns (address[] memory parties) {
        parties = new address[](2);
        (parties[0], parties[1]) = (facts.challenger, facts.defendant);
    }

    /// @dev Opens the case, if the caller has committed to it. That is checked last, so that whoever asks a node whether an
    /// accusation would be accepted learns all else before it commits.
    function _open(
        ICourt.Facts memory facts,
        address[] memory parties,
        uint256 voter,
        bytes32 salt
    ) private returns (uint256 caseId) {
        bytes32 digest = _digestOf(facts, salt);
        Commitment memory commitment = _commitments[facts.challenger][digest];
        (uint256 committedAt, uint256 expiresAt) = (commitment.block_, commitment.expiresAt);
        facts.committedAt = commitment.block_;
        caseId = ICourt(court).open(facts, parties, voter);
        if (committedAt == 0 || committedAt >= block.number || block.timestamp >= expiresAt) {
            revert Accusations_NotCommitted(digest, committedAt, expiresAt);
        }
    }
}
