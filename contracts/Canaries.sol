// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAccusations} from "./interfaces/IAccusations.sol";
import {IAssayToken} from "./interfaces/IAssayToken.sol";
import {ICanaries} from "./interfaces/ICanaries.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IRoundsEvidence} from "./interfaces/IRoundsEvidence.sol";
import {ISlotReader} from "./interfaces/ISlotReader.sol";
import {IStakeRegistry} from "./interfaces/IStakeRegistry.sol";
import {ITasks} from "./interfaces/ITasks.sol";
import {IWindowAccusations} from "./interfaces/IWindowAccusations.sol";
import {ContractCode} from "./libraries/ContractCode.sol";
import {CourtEvidence} from "./libraries/CourtEvidence.sol";
import {ScoreWords} from "./libraries/ScoreWords.sol";
import {SeatEvidence} from "./libraries/SeatEvidence.sol";
import {RoundsReader} from "./lens/RoundsReader.sol";
import {ResultWord} from "./types/ResultWord.sol";
import {RoundWord, RoundWordLibrary} from "./types/RoundWord.sol";

/// @title Canaries
/// @notice See {ICanaries}.
///
/// Assumed for safety: Tasks, Rounds, ASSAY and the court are this project's contracts. A reward token may be anybody's: it is called
/// last, and harms only who opens canaries of its task.
contract Canaries is ICanaries {
    using RoundsReader for ISlotReader;
    using SafeERC20 for IERC20;

    enum Judgement {
        Nothing,
        Right,
        Wrong
    }

    struct Accuracy {
        uint128 right;
        uint128 judged;
    }

    ITasks private immutable _TASKS;
    IStakeRegistry private immutable _REGISTRY;
    address private immutable _ROUNDS;
    IAssayToken private immutable _TOKEN;

    /// @inheritdoc ICanaries
    uint256 public canaryCount;

    mapping(uint256 canaryId => Canary) private _canaries;
    /// By {_keyOf}: what was opened, and by nobody's name what is proven to have no opening.
    mapping(bytes32 key => bool) private _isOpened;
    mapping(uint256 canaryId => mapping(address validator => bool)) private _isJudged;
    /// Of canaries by owner, and by nobody's name of the proven ones.
    mapping(uint64 taskId => mapping(address validator => mapping(address owner => Accuracy))) private _accuracies;

    /// @notice Sets the contracts that it works with, for good.
    /// @param tasks_ a connected {Tasks}
    constructor(ITasks tasks_) {
        _requireContract(address(tasks_));
        _requireContract(tasks_.rounds());

        _TASKS = tasks_;
        _ROUNDS = tasks_.rounds();
        _REGISTRY = IStakeRegistry(tasks_.registry());
        _TOKEN = IAssayToken(_REGISTRY.token());
    }

    function _requireContract(address account) private view {
        if (!ContractCode.isContract(account)) revert Canaries_NotAContract(account);
    }

    /// @inheritdoc ICanaries
    function wiring() external view returns (ITasks, IRoundsEvidence, address) {
        return (_TASKS, _evidence(), address(_TOKEN));
    }

    function _evidence() private view returns (IRoundsEvidence) {
        return IRoundsEvidence(_ROUNDS);
    }

    function _roundOf(uint64 taskId) private view returns (RoundWord) {
        return ISlotReader(_ROUNDS).roundOf(taskId);
    }

    // ---- commitments

    /// @inheritdoc ICanaries
    function commit(uint64 taskId, uint32 round, bytes32 digest) external returns (uint256 canaryId) {
        ITasks.TaskParams memory params = _TASKS.paramsOf(taskId);
        if (_TASKS.isClosed(taskId)) revert ITasks.Tasks_Closed(taskId);
        uint32 current = _roundOf(taskId).round();
        if (round <= current || round > params.maxRounds) {
            revert Canaries_RoundNotAhead(taskId, round, current, params.maxRounds);
        }
        if (digest == 0) revert Canaries_ZeroDigest();

        canaryId = ++canaryCount;
        Canary storage canary = _canaries[canaryId];
        (canary.owner, canary.bond) = (msg.sender, params.contributorStake);
        (canary.taskId, canary.round, canary.digest) = (taskId, round, digest);
        canary.status = Status.Committed;

        // The project's token moves exact amounts or reverts.
        _TOKEN.transferFrom(msg.sender, address(this), params.contributorStake);

        emit CanaryCommitted(canaryId, taskId, round, msg.sender, params.contributorStake, digest);
    }

    /// @inheritdoc ICanaries
    function unopenableOf(
        address owner,
        uint64 taskId,
        uint32 round,
        address contributor,
        bytes32 salt
    ) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), owner, taskId, round, contributor, salt));
    }

    /// @dev Reverts unless this is what the canary's commitment hides.
    function _requireHidden(
        uint256 canaryId,
        Canary memory canary,
        address contributor,
        Truth calldata truth,
        bytes32 salt
    ) private view {
        bytes32 given = keccak256(
            bytes.concat(
                abi.encode(block.chainid, address(this), canary.owner, canary.taskId, canary.round, contributor),
                abi.encode(truth, salt)
            )
        );
        if (given != canary.digest) revert Canaries_WrongDigest(canaryId, given, canary.digest);
    }

    /// @dev A canary that its owner, the caller, has committed to and not opened.
    function _requireOwn(uint256 canaryId) private view returns (Canary memory canary) {
        canary = _requireStatus(canaryId, Status.Committed);
        if (msg.sender != canary.owner) revert Canaries_OnlyOwner(canaryId, msg.sender, canary.owner);
    }

    function _requireStatus(uint256 canaryId, Status needed) private view returns (Canary memory canary) {
        canary = _canaries[canaryId];
        if (canary.status != needed) revert Canaries_WrongStatus(canaryId, canary.status, needed);
    }

    // ---- openings

    /// @inheritdoc ICanaries
    function open(
        uint256 canaryId,
        address contributor,
        Truth calldata truth,
        bytes32 salt,
        IAccusations.PageProof calldata page,
        PayProof calldata paid
    ) external {
        Canary memory canary = _requireOwn(canaryId);
        _requireHidden(canaryId, canary, contributor, truth, salt);
        if (truth.leastQualityBps > truth.mostQualityBps || truth.mostQualityBps > ScoreWords.MAX_QUALITY) {
            revert Canaries_WrongRange(truth.leastQualityBps, truth.mostQualityBps);
        }
        _requireTime(canaryId, canary);
        _requireSubmission(canary, contributor, truth, salt, page);
        uint256 pay = _payOf(canary, page.index, paid);

        bytes32 key = _keyOf(canary.taskId, canary.round, contributor, truth.hasOpening ? canary.owner : address(0));
        if (_isOpened[key]) revert Canaries_OpenedBefore(canaryId, page.index);
        _isOpened[key] = true;
        Canary storage opened = _canaries[canaryId];
        (opened.status, opened.truth, opened.submission) = (Status.Opened, truth, uint32(page.index));

        if (!truth.hasOpening) {
            _exempt(canary, contributor, unopenableOf(canary.owner, canary.taskId, canary.round, contributor, salt));
        }
        _TOKEN.transfer(canary.owner, canary.bond);
        emit CanaryOpened(canaryId, contributor, truth, pay);
        if (pay != 0) _giveBack(canary.taskId, canary.owner, pay);
    }

    /// @dev Tells the court, if there is one, that nobody can be asked for this opening.
    function _exempt(Canary memory canary, address contributor, bytes32 commitment) private {
        address court = _REGISTRY.court();
        if (court == address(0)) return;
        (, , , , IAccusations accusations) = ICourt(court).wiring();
        accusations.exempt(canary.taskId, canary.round, contributor, commitment);
    }

    /// @dev To the task's owner, who gets all that the task doesn't spend: that works in every state of the task.
    function _giveBack(uint64 taskId, address from, uint256 pay) private {
        IERC20(_TASKS.paramsOf(taskId).rewardToken).safeTransferFrom(from, _TASKS.ownerOf(taskId), pay);
    }

    /// @dev Reverts unless all cohorts of the canary's round are done, and it isn't final.
    function _requireTime(uint256 canaryId, Canary memory canary) private view {
        RoundWord word = _roundOf(canary.taskId);
        uint32 current = word.round();
        uint256 status = word.status();
        bool isOpen = current == canary.round && status != RoundWordLibrary.IDLE;
        if (current < canary.round || (isOpen && status < RoundWordLibrary.AGGREGATING)) {
            revert Canaries_TooEarly(canaryId, current);
        }
        if (isOpen) return;
        uint256 finalAt = _finalAt(canary);
        if (block.timestamp >= finalAt) revert Canaries_TooLate(canaryId, finalAt);
    }

    /// @dev When a round that has ended is final, 0 if the chain has forgotten it.
    function _finalAt(Canary memory canary) private view returns (uint256) {
        (, uint256 closedAt) = _evidence().timesOf(canary.taskId, canary.round);
        return closedAt == 0 ? 0 : closedAt + _TASKS.caseTermsOf(canary.taskId).challengeSeconds;
    }

    /// @dev Reverts unless the contributor submitted there, and what it submitted is as the truth says.
    function _requireSubmission(
        Canary memory canary,
        address contributor,
        Truth calldata truth,
        bytes32 salt,
        IAccusations.PageProof calldata page
    ) private view {
        bytes32 given = CourtEvidence.commitmentOf(_evidence(), canary.taskId, canary.round, contributor, page);
        if (truth.hasOpening) return;
        bytes32 needed = unopenableOf(canary.owner, canary.taskId, canary.round, contributor, salt);
        if (given != needed) revert Canaries_HasOpening(given, needed);
    }

    /// @dev What the submission was paid: reward wei credited or held, none in a void cohort.
    function _payOf(Canary memory canary, uint256 submission, PayProof calldata paid) private view returns (uint256) {
        (uint224 record, uint256 submissions) = _evidence().recordOf(canary.taskId, canary.round);
        CourtEvidence.requireRecord(record, canary.round, paid.record);
        bytes32 beacon = _evidence().beaconAt(canary.taskId, canary.round);
        SeatEvidence.requireSubmission(beacon, submissions, paid.cohort, paid.member, submission);
        bytes32 stored = 0;
        for (uint256 i = 0; i < paid.record.cohorts.length; ++i) {
            if (paid.record.cohorts[i] == paid.cohort) stored = paid.record.resultsHashes[i];
        }
        bytes32 given = paid.results.length == 0 ? bytes32(0) : keccak256(abi.encodePacked(paid.results));
        if (given != stored) revert Canaries_WrongResults(paid.cohort, given, stored);

        return stored == 0 ? 0 : ResultWord.wrap(paid.results[paid.member]).totalPay();
    }

    /// @inheritdoc ICanaries
    function isUnopenable(uint64 taskId, uint32 round, address contributor) external view returns (bool) {
        return _isOpened[_keyOf(taskId, round, contributor, address(0))];
    }

    function _keyOf(uint64 taskId, uint32 round, address contributor, address owner) private pure returns (bytes32) {
        return keccak256(abi.encode(taskId, round, contributor, owner));
    }

    // ---- bonds of canaries that weren't opened

    /// @inheritdoc ICanaries
    function withdraw(uint256 canaryId) external {
        Canary memory canary = _requireOwn(canaryId);
        uint32 current = _roundOf(canary.taskId).round();
        if (current >= canary.round && !_isVoid(canary)) revert Canaries_StillBound(canaryId, current);

        _return(canaryId, canary);
    }

    /// @dev Whether the round ended without a seal, as far as the chain knows.
    function _isVoid(Canary memory canary) private view returns (bool) {
        (, uint256 submissions) = _evidence().recordOf(canary.taskId, canary.round);
        (, uint256 closedAt) = _evidence().timesOf(canary.taskId, canary.round);
        return closedAt != 0 && submissions == 0;
    }

    /// @inheritdoc ICanaries
    function withdrawUnsubmitted(uint256 canaryId, address contributor, Truth calldata truth, bytes32 salt) external {
        Canary memory canary = _requireOwn(canaryId);
        _requireHidden(canaryId, canary, contributor, truth, salt);
        RoundWord word = _roundOf(canary.taskId);
        bool isSealed = word.round() > canary.round || word.sealedAt() != 0;
        if (word.round() < canary.round || !isSealed) revert Canaries_TooEarly(canaryId, word.round());
        uint32 lastRound = ISlotReader(_ROUNDS).participantOf(canary.taskId, contributor).lastRound();
        if (lastRound >= canary.round) revert Canaries_Submitted(canaryId, contributor, lastRound);

        _return(canaryId, canary);
    }

    function _return(uint256 canaryId, Canary memory canary) private {
        _canaries[canaryId].status = Status.Withdrawn;

        _TOKEN.transfer(canary.owner, canary.bond);

        emit CanaryWithdrawn(canaryId);
    }

    /// @inheritdoc ICanaries
    function burn(uint256 canaryId) external {
        Canary memory canary = _requireStatus(canaryId, Status.Committed);
        RoundWord word = _roundOf(canary.taskId);
        bool isOver =
            word.round() > canary.round || (word.round() == canary.round && word.status() == RoundWordLibrary.IDLE);
        // Forgotten rounds are final since 0.
        uint256 finalAt = isOver ? _finalAt(canary) : 0;
        if (!isOver || _isVoid(canary) || block.timestamp < finalAt) revert Canaries_NotExpired(canaryId, finalAt);

        _canaries[canaryId].status = Status.Burnt;

        _TOKEN.burn(canary.bond);

        emit CanaryBurnt(canaryId, canary.bond);
    }

    // ---- what seats said

    /// @inheritdoc ICanaries
    function judge(uint256 canaryId, address validator, IWindowAccusations.SeatProof calldata said) external {
        Canary memory canary = _requireStatus(canaryId, Status.Opened);
        if (_isJudged[canaryId][validator]) revert Canaries_JudgedBefore(canaryId, validator);
        uint256 entry = _entryOf(canary, validator, said);
        Judgement judgement = _judgementOf(canary.truth, entry);
        if (judgement == Judgement.Nothing) revert Canaries_SaysNothing(canaryId, entry);

        _isJudged[canaryId][validator] = true;
        bool isRight = judgement == Judgement.Right;
        address owner = canary.truth.hasOpening ? canary.owner : address(0);
        Accuracy storage accuracy = _accuracies[canary.taskId][validator][owner];
        ++accuracy.judged;
        if (isRight) ++accuracy.right;

        emit SeatJudged(canaryId, validator, entry, isRight);
    }

    /// @dev What a validator's sheet says of an opened canary.
    function _entryOf(
        Canary memory canary,
        address validator,
        IWindowAccusations.SeatProof calldata said
    ) private view returns (uint256 entry) {
        (, uint256 seatCount) = _TASKS.shapeOf(canary.taskId);
        (, entry) = SeatEvidence.entryOf(
            _evidence(),
            SeatEvidence.Place({
                taskId: canary.taskId,
                round: canary.round,
                validator: validator,
                submission: canary.submission,
                seatCount: seatCount,
                index: said.index,
                member: said.member
            }),
            said.statement,
            said.record
        );
    }

    /// @dev Whether an entry is right. Reasons that say that a seat couldn't look, or judged nothing, say nothing: without
    /// an opening that is "not looked at in time", with one all of "not audited", "no decision", "shown no window" and S0
    /// too.
    function _judgementOf(Truth memory truth, uint256 entry) private pure returns (Judgement) {
        uint256 quality = entry & 0x3fff;
        uint256 reason = (entry >> ScoreWords.RARITY_OFFSET) & 0x3fff;
        if (quality == ScoreWords.TASK_FAULT) return Judgement.Nothing;
        if (!truth.hasOpening) {
            if (quality == ScoreWords.NOT_AUDITED && reason != 0) return Judgement.Nothing;
            return quality == ScoreWords.GATE_FAILED && reason == 0 ? Judgement.Right : Judgement.Wrong;
        }
        if (quality == ScoreWords.NOT_AUDITED || quality == ScoreWords.NO_DECISION) return Judgement.Nothing;
        if (quality == ScoreWords.GATE_FAILED) {
            if (reason == 0) return Judgement.Nothing;
            // Who sees that targets are false says as much as a quality of 0.
            bool isZero = reason == ScoreWords.FALSE_TARGETS && truth.leastQualityBps == 0;
            return isZero ? Judgement.Right : Judgement.Wrong;
        }
        if (quality == 0 && reason != 0) return Judgement.Nothing;
        bool isInside = quality >= truth.leastQualityBps && quality <= truth.mostQualityBps;
        return isInside ? Judgement.Right : Judgement.Wrong;
    }

    // ---- views

    /// @inheritdoc ICanaries
    function canaryOf(uint256 canaryId) external view returns (Canary memory) {
        return _canaries[canaryId];
    }

    /// @inheritdoc ICanaries
    function accuracyOf(
        uint64 taskId,
        address validator,
        address owner
    ) external view returns (uint256 right, uint256 judged) {
        Accuracy memory accuracy = _accuracies[taskId][validator][owner];
        return (accuracy.right, accuracy.judged);
    }
}
