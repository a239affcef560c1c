// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "./interfaces/IAccusations.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IRoundsCourt} from "./interfaces/IRoundsCourt.sol";
import {ITasks} from "./interfaces/ITasks.sol";
import {ContractCode} from "./libraries/ContractCode.sol";
import {CourtEvidence} from "./libraries/CourtEvidence.sol";
import {Sampling} from "./libraries/Sampling.sol";
import {ScoreWords} from "./libraries/ScoreWords.sol";

/// @title Accusations
/// @notice See {IAccusations}. It holds no money and no state but the address of the court.
///
/// Assumed for safety: Tasks, Rounds and the court are this project's contracts.
contract Accusations is IAccusations {
    ITasks private immutable _TASKS;
    IRoundsCourt private immutable _ROUNDS;
    address private immutable _DEPLOYER;

    // slot 0
    /// @inheritdoc IAccusations
    address public court;

    /// @notice Sets the contracts that it reads; the deployer connects the court afterwards.
    /// @param tasks_ a connected {Tasks}
    constructor(ITasks tasks_) {
        _requireContract(address(tasks_));
        _requireContract(tasks_.rounds());

        _TASKS = tasks_;
        _ROUNDS = IRoundsCourt(tasks_.rounds());
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

    function _requireContract(address account) private view {
        if (!ContractCode.isContract(account)) revert Accusations_NotAContract(account);
    }

    // ---- contributors

    /// @inheritdoc IAccusations
    function accuseOfWithholding(
        uint64 taskId,
        uint32 round,
        address contributor,
        PageProof calldata page
    ) external returns (uint256 caseId) {
        ITasks.TaskParams memory params = _requireOpenToCases(taskId, round);
        ICourt.Facts memory facts = _factsOf(ICourt.CaseKind.OpeningWithheld, taskId, round, contributor);
        facts.accused = CourtEvidence.commitmentOf(_ROUNDS, taskId, round, contributor, page);
        facts.base = params.contributorStake;

        return ICourt(court).open(facts);
    }

    /// @inheritdoc IAccusations
    function accuseStep(
        uint64 taskId,
        uint32 round,
        address contributor,
        PageProof calldata page,
        ICourt.OpeningFields calldata fields,
        StepProof calldata step,
        bytes32 evidence
    ) external returns (uint256 caseId) {
        ITasks.TaskParams memory params = _requireOpenToCases(taskId, round);
        bytes32 commitment = CourtEvidence.commitmentOf(_ROUNDS, taskId, round, contributor, page);
        CourtEvidence.requireOpening(_ROUNDS, taskId, round, contributor, commitment, fields);
        CourtEvidence.requireStep(fields.stateRoot, params.windowsPerRound, step);
        ICourt.Facts memory facts = _factsOf(ICourt.CaseKind.FalseStep, taskId, round, contributor);
        (facts.subject, facts.accused, facts.context) = (step.window, step.afterwards, step.before);
        (facts.base, facts.evidence) = (params.contributorStake, evidence);

        return ICourt(court).open(facts);
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
        bytes32 evidence
    ) external returns (uint256 caseId) {
        ICourt.Facts memory facts = _factsOf(ICourt.CaseKind.FalseScore, taskId, round, validator);
        facts.base = _baseOfValidator(facts, statement, proof);
        (, uint256 submissions) = _ROUNDS.recordOf(taskId, round);
        (uint32 cohort, uint256 entry) = CourtEvidence.entryOf(statement, submissions, index, member);
        if (!ScoreWords.isComputed(entry)) revert Accusations_EntryIsJudgement(entry);
        facts.subject = uint32(cohort * Sampling.COHORT_SIZE + member);
        (facts.accused, facts.evidence) = (ScoreWords.accusedValue(entry), evidence);

        return ICourt(court).open(facts);
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
        bytes32 evidence
    ) external returns (uint256 caseId) {
        ICourt.Facts memory facts = _factsOf(ICourt.CaseKind.FalseAggregate, taskId, round, validator);
        facts.base = _baseOfValidator(facts, statement, proof);
        (facts.subject, facts.accused) = CourtEvidence.voteOf(statement, vote);
        if (facts.subject == Sampling.ROOT_COHORT) facts.kind = ICourt.CaseKind.FalseModel;
        (facts.context, facts.evidence) = (proof.baseModelHash, evidence);
        facts.parties = _withChallenger(_committeeOf(facts, proof, attempt));
        _requireMember(facts.parties, validator, facts.subject);

        return ICourt(court).open(facts);
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
        uint256 base = _baseOfValidator(accused, statement, proof);
        (uint32 cohort, bytes32 hash) = CourtEvidence.voteOf(statement, vote);
        if (cohort != facts.subject || hash != facts.accused) revert Accusations_NotItsVote(validator, cohort);
        // A commitment can pose as a vote: only who had a seat can have voted.
        _requireMember(facts.parties, validator, cohort);

        ICourt(court).addDefendant(caseId, facts, validator, base);
    }

    /// @dev Proves the statement and the record, and gives the base of the validator's penalty.
    function _baseOfValidator(
        ICourt.Facts memory facts,
        Statement calldata statement,
        RoundProof calldata proof
    ) private view returns (uint96) {
        ITasks.TaskParams memory params = _requireOpenToCases(facts.taskId, facts.round);
        CourtEvidence.requireStatement(_ROUNDS, facts.taskId, facts.round, facts.defendant, statement);
        CourtEvidence.requireRecord(_ROUNDS, facts.taskId, facts.round, proof);
        uint256 weight = CourtEvidence.weightOf(proof, facts.defendant);
        // A weight is at most four minima; a minimum has at most 10⁹ ASSAY.
        return uint96((uint256(params.minValidatorStake) * weight) / Sampling.MIN_WEIGHT);
    }

    function _committeeOf(
        ICourt.Facts memory facts,
        RoundProof calldata proof,
        uint8 attempt
    ) private view returns (address[] memory) {
        if (attempt > 1) revert Accusations_OutOfRange("attempt", attempt, 2);
        bytes32 beacon = _ROUNDS.beaconAt(facts.taskId, facts.round);
        uint256 seatCount = _TASKS.paramsOf(facts.taskId).committeeSize;
        return CourtEvidence.committeeOf(proof, beacon, facts.subject, attempt, seatCount);
    }

    /// @dev The parties of a case about a vote are the committee and the challenger.
    function _requireMember(address[] memory parties, address validator, uint32 cohort) private pure {
        for (uint256 i = 0; i + 1 < parties.length; ++i) if (parties[i] == validator) return;
        revert Accusations_NotItsVote(validator, cohort);
    }

    function _withChallenger(address[] memory members) private view returns (address[] memory parties) {
        parties = new address[](members.length + 1);
        for (uint256 i = 0; i < members.length; ++i) parties[i] = members[i];
        parties[members.length] = msg.sender;
    }

    // ---- jurors

    /// @inheritdoc IAccusations
    function announceKeys(uint256 caseId, uint256 panelId, bytes32 keysBlob) external {
        if (keysBlob == 0) revert Accusations_NoKeys(caseId, panelId);

        emit EvidenceKeysAnnounced(caseId, panelId, msg.sender, keysBlob);
    }

    // ---- what all have in common

    /// @dev The parameters of the task, if its round was sealed, has closed and isn't final.
    function _requireOpenToCases(uint64 taskId, uint32 round) private view returns (ITasks.TaskParams memory params) {
        params = _TASKS.paramsOf(taskId);
        (, uint256 closedAt) = _ROUNDS.timesOf(taskId, round);
        uint256 finalAt = closedAt == 0 ? 0 : closedAt + params.challengeSeconds;
        bool isSealed = _ROUNDS.beaconAt(taskId, round) != 0;
        if (block.timestamp >= finalAt || !isSealed) {
            revert Accusations_RoundNotOpenToCases(taskId, round, closedAt, finalAt);
        }
    }

    function _factsOf(
        ICourt.CaseKind kind,
        uint64 taskId,
        uint32 round,
        address defendant
    ) private view returns (ICourt.Facts memory facts) {
        (facts.kind, facts.taskId, facts.round) = (kind, taskId, round);
        (facts.challenger, facts.defendant) = (msg.sender, defendant);
        facts.parties = new address[](2);
        (facts.parties[0], facts.parties[1]) = (msg.sender, defendant);
    }
}
