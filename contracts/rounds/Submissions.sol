// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IRoundsWork} from "../interfaces/IRounds.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {Committees} from "./Committees.sol";
import {ParticipantWord} from "./PeopleWords.sol";
import {OpeningWord, RoundStates, RoundWord} from "./TaskWords.sol";

/// @title Commitments of contributors, one by one or relayed
abstract contract Submissions is Committees, IRoundsWork {
    bytes32 private constant DOMAIN_TYPE_HASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant DOMAIN_NAME_HASH = keccak256("Assay Rounds");
    bytes32 private constant DOMAIN_VERSION_HASH = keccak256("1");
    bytes32 private constant SUBMISSION_TYPE_HASH = keccak256(
        "Submission(uint64 taskId,uint32 round,bytes32 commitment)"
    );
    uint256 private constant SIGNATURE_BYTES = 65;
    uint256 private constant PAGE_SIZE = 16;

    /// What is the same for all submissions of one batch, and the round as it grows.
    struct Relay {
        uint64 taskId;
        RoundWord round;
        bytes32 domain;
    }

    // ---- submitting

    /// @inheritdoc IRoundsWork
    function submit(uint64 taskId, bytes32 commitment) external {
        RoundWord round = _requireSubmitting(taskId);
        if (commitment == 0) revert Rounds_ZeroCommitment();
        ParticipantWord participant = _participants[taskId][msg.sender];
        (bool isBarred, SkipReason reason) = _obstacle(taskId, round, msg.sender, participant);
        if (isBarred) _revertFor(taskId, round, reason);

        _rounds[taskId] = _accept(taskId, round, msg.sender, participant, commitment);
    }

    /// @inheritdoc IRoundsWork
    function submitBatch(
        uint64 taskId,
        uint32 round,
        address[] calldata contributors,
        bytes32[] calldata commitments,
        bytes calldata signatures
    ) external returns (uint256 accepted) {
        RoundWord word = _requireSubmitting(taskId);
        if (word.round() != round) revert Rounds_WrongRound(taskId, round, word.round());
        uint256 count = contributors.length;
        if (commitments.length != count) revert Rounds_LengthMismatch(count, commitments.length);
        if (signatures.length != count * SIGNATURE_BYTES) {
            revert Rounds_LengthMismatch(count * SIGNATURE_BYTES, signatures.length);
        }

        Relay memory relay = Relay({taskId: taskId, round: word, domain: domainSeparator()});
        for (uint256 i = 0; i < count; ++i) {
            bytes calldata signature = signatures[i * SIGNATURE_BYTES:(i + 1) * SIGNATURE_BYTES];
            if (_relay(relay, contributors[i], commitments[i], signature)) ++accepted;
        }
        _rounds[taskId] = relay.round;
    }

    /// @dev Takes one relayed submission, or says why not.
    function _relay(
        Relay memory relay,
        address contributor,
        bytes32 commitment,
        bytes calldata signature
    ) private returns (bool) {
        ParticipantWord participant = _participants[relay.taskId][contributor];
        (bool isBarred, SkipReason reason) = _obstacle(relay.taskId, relay.round, contributor, participant);
        if (!isBarred) {
            (address signer, , ) = ECDSA.tryRecoverCalldata(_submissionDigest(relay, commitment), signature);
            reason = SkipReason.BadSignature;
            isBarred = commitment == 0 || signer != contributor;
        }
        if (isBarred) {
            emit SubmissionSkipped(relay.taskId, relay.round.round(), contributor, reason);
            return false;
        }

        relay.round = _accept(relay.taskId, relay.round, contributor, participant, commitment);
        return true;
    }

    function _submissionDigest(Relay memory relay, bytes32 commitment) private pure returns (bytes32) {
        bytes32 submission = keccak256(abi.encode(SUBMISSION_TYPE_HASH, relay.taskId, relay.round.round(), commitment));
        return MessageHashUtils.toTypedDataHash(relay.domain, submission);
    }

    /// @inheritdoc IRoundsWork
    function domainSeparator() public view returns (bytes32) {
        // Never cached: after a fork signatures of one chain must not count on the other.
        return
            keccak256(
                abi.encode(DOMAIN_TYPE_HASH, DOMAIN_NAME_HASH, DOMAIN_VERSION_HASH, block.chainid, address(this))
            );
    }

    /// @inheritdoc IRoundsWork
    function maySubmit(uint64 taskId, address contributor) external view returns (bool) {
        RoundWord round = _rounds[taskId];
        if (round.status() != RoundStates.SUBMIT || block.timestamp >= round.submitEnd()) return false;
        (bool isBarred, ) = _obstacle(taskId, round, contributor, _participants[taskId][contributor]);
        return !isBarred;
    }

    function _requireSubmitting(uint64 taskId) private view returns (RoundWord round) {
        round = _rounds[taskId];
        if (round.status() != RoundStates.SUBMIT || block.timestamp >= round.submitEnd()) {
            _wrongPhase(taskId, Phase.Submit);
        }
    }

    /// @dev Why a contributor can't submit now, if it can't.
    function _obstacle(
        uint64 taskId,
        RoundWord round,
        address contributor,
        ParticipantWord participant
    ) private view returns (bool isBarred, SkipReason reason) {
        if (!participant.isEnrolled()) return (true, SkipReason.NotEnrolled);
        if (participant.lastRound() == round.round()) return (true, SkipReason.AlreadySubmitted);
        if (round.submissions() >= round.slots()) return (true, SkipReason.SlotsFull);
        if (round.isOversubscribed() && !_isDrawn(taskId, round, contributor, participant)) {
            return (true, SkipReason.NotDrawn);
        }
        return (false, SkipReason.NotEnrolled);
    }

    function _revertFor(uint64 taskId, RoundWord round, SkipReason reason) private view {
        if (reason == SkipReason.NotEnrolled) revert Rounds_NotEnrolled(taskId, msg.sender);
        if (reason == SkipReason.AlreadySubmitted) {
            revert Rounds_AlreadySubmitted(taskId, round.round(), msg.sender);
        }
        if (reason == SkipReason.SlotsFull) revert Rounds_SlotsFull(taskId, round.slots());
        revert Rounds_NotDrawnToSubmit(taskId, round.round(), msg.sender);
    }

    /// @dev The draw's terms are those of the opening, so that enrolling later changes nobody's luck.
    function _isDrawn(
        uint64 taskId,
        RoundWord round,
        address contributor,
        ParticipantWord participant
    ) private view returns (bool) {
        OpeningWord opening = _openings[taskId];
        uint256 probabilityBps = Sampling.slotProbabilityBps(
            participant.reputation(),
            opening.reputationSum(),
            round.slots(),
            opening.enrolled()
        );
        return Sampling.isDrawnToSubmit(_previousBeacons[taskId], taskId, round.round(), contributor, probabilityBps);
    }

    /// @dev Takes a submission; the caller stores the round's word.
    function _accept(
        uint64 taskId,
        RoundWord round,
        address contributor,
        ParticipantWord participant,
        bytes32 commitment
    ) private returns (RoundWord) {
        uint256 index = round.submissions();
        _participants[taskId][contributor] = participant.withSubmission(round.round(), index);

        uint256 page = (round.round() % RING) * PAGES + index / PAGE_SIZE;
        bytes32 digest = index % PAGE_SIZE == 0 ? bytes32(0) : _pages[taskId][page];
        _pages[taskId][page] = keccak256(abi.encode(digest, contributor, commitment));

        emit Submitted(taskId, round.round(), contributor, index, commitment);
        return round.withSubmission();
    }
}
