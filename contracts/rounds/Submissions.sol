// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsContributors} from "../interfaces/IRoundsContributors.sol";
import {Phases} from "../libraries/Phases.sol";
import {Slots} from "../libraries/Slots.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {Committees} from "./Committees.sol";
import {StorageKeys} from "./StorageKeys.sol";

/// @title Submitting updates, alone or relayed
/// @notice A submission has no storage slot of its own. The contributor's word says that it submitted, the digest of
/// its page says what.
abstract contract Submissions is Committees, IRoundsContributors {
    bytes32 private constant DOMAIN_TYPE_HASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant DOMAIN_NAME_HASH = keccak256("Assay Rounds");
    bytes32 private constant DOMAIN_VERSION_HASH = keccak256("1");
    bytes32 private constant SUBMISSION_TYPE_HASH = keccak256(
        "Submission(uint64 taskId,uint32 round,bytes32 commitment)"
    );
    uint256 private constant SIGNATURE_BYTES = 65;

    /// Submissions being accepted by one call.
    /// @param taskId the task
    /// @param round its current round, counting the accepted submissions
    /// @param page digest of the last page so far, 0 if that page is empty
    /// @param domain EIP-712 domain separator, for relayed submissions
    struct Intake {
        uint64 taskId;
        RoundWord round;
        bytes32 page;
        bytes32 domain;
    }

    // ---- submitting

    /// @inheritdoc IRoundsContributors
    function submit(uint64 taskId, bytes32 commitment) external {
        RoundWord round = _requireSubmitting(taskId);
        if (commitment == 0) revert Rounds_ZeroCommitment();
        ParticipantWord participant = _participants[taskId][msg.sender];
        uint256 obstacle = _obstacle(taskId, round, msg.sender, participant);
        if (obstacle != Slots.NONE) _revertFor(taskId, round, Slots.reasonOf(obstacle));

        Intake memory intake = _newIntake(taskId, round);
        _accept(intake, msg.sender, participant, commitment);
        _storeIntake(intake);

        emit Submitted(taskId, round.round(), msg.sender, round.submissions(), commitment);
    }

    /// @inheritdoc IRoundsContributors
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

        Intake memory intake = _newIntake(taskId, word);
        intake.domain = domainSeparator();
        address[] memory who = new address[](count);
        bytes32[] memory what = new bytes32[](count);
        // All three lists have `count` items, checked above.
        unchecked {
            for (uint256 i = 0; i < count; ++i) {
                if (!_relay(intake, contributors[i], commitments[i], signatures, i)) continue;
                (who[accepted], what[accepted]) = (contributors[i], commitments[i]);
                ++accepted;
            }
        }
        _storeIntake(intake);
        if (accepted != 0) _emitBatch(taskId, word, who, what, accepted);
    }

    /// @dev Emits one event for all: a tenth of the gas of one event each.
    function _emitBatch(
        uint64 taskId,
        RoundWord before,
        address[] memory who,
        bytes32[] memory what,
        uint256 accepted
    ) private {
        // Shortens both lists to the accepted submissions; each has at least that many items.
        assembly ("memory-safe") {
            mstore(who, accepted)
            mstore(what, accepted)
        }

        emit BatchSubmitted(taskId, before.round(), before.submissions(), who, what);
    }

    /// @dev Accepts one relayed submission, or emits why not.
    function _relay(
        Intake memory intake,
        address contributor,
        bytes32 commitment,
        bytes calldata signatures,
        uint256 i
    ) private returns (bool) {
        ParticipantWord participant = _participants[intake.taskId][contributor];
        uint256 obstacle = _obstacle(intake.taskId, intake.round, contributor, participant);
        if (obstacle == Slots.NONE) {
            bytes32 digest = _submissionDigest(intake, commitment);
            bool isSigned = commitment != 0 && _signerOf(digest, signatures, i) == contributor;
            if (!isSigned) obstacle = Slots.codeOf(SkipReason.BadSignature);
        }
        if (obstacle != Slots.NONE) {
            emit SubmissionSkipped(intake.taskId, intake.round.round(), contributor, Slots.reasonOf(obstacle));
            return false;
        }

        _accept(intake, contributor, participant, commitment);
        return true;
    }

    /// @dev EIP-712: keccak256(0x1901 ‖ domain ‖ keccak256(abi.encode(type hash, taskId, round, commitment))). Both
    /// hashes use the free memory without allocating it; abi.encode would allocate more for each signature.
    function _submissionDigest(Intake memory intake, bytes32 commitment) private pure returns (bytes32 digest) {
        (bytes32 typeHash, bytes32 domain) = (SUBMISSION_TYPE_HASH, intake.domain);
        (uint256 taskId, uint256 round) = (intake.taskId, intake.round.round());
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), taskId)
            mstore(add(free, 0x40), round)
            mstore(add(free, 0x60), commitment)
            let submission := keccak256(free, 0x80)
            mstore(free, shl(240, 0x1901))
            mstore(add(free, 0x02), domain)
            mstore(add(free, 0x22), submission)
            digest := keccak256(free, 0x42)
        }
    }

    /// @dev The account that made the i-th signature (65 bytes: r, s, v), zero for an invalid one. The second valid
    /// form of a signature (high s) does no harm: only the first accepted submission counts. The caller has checked the
    /// length of `signatures`.
    function _signerOf(bytes32 digest, bytes calldata signatures, uint256 i) private pure returns (address) {
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly {
            let start := add(signatures.offset, mul(i, SIGNATURE_BYTES))
            r := calldataload(start)
            s := calldataload(add(start, 0x20))
            v := byte(0, calldataload(add(start, 0x40)))
        }
        return ecrecover(digest, v, r, s);
    }

    /// @inheritdoc IRoundsContributors
    function domainSeparator() public view returns (bytes32) {
        // Never cached: after a fork a signature for one chain must not count on the other.
        return
            keccak256(
                abi.encode(DOMAIN_TYPE_HASH, DOMAIN_NAME_HASH, DOMAIN_VERSION_HASH, block.chainid, address(this))
            );
    }

    /// @dev The current round. Reverts unless it is in its Submit phase.
    function _requireSubmitting(uint64 taskId) private view returns (RoundWord round) {
        round = _rounds[taskId];
        if (!Phases.takesSubmissions(round, block.timestamp)) {
            _wrongPhase(taskId, _phaseOf(taskId, round), Phase.Submit);
        }
    }

    /// @dev Why a contributor can't submit now, as a code of {Slots}.
    function _obstacle(
        uint64 taskId,
        RoundWord round,
        address contributor,
        ParticipantWord participant
    ) private view returns (uint256 obstacle) {
        obstacle = Slots.obstacle(round, participant);
        if (obstacle != Slots.NONE || !round.isSelective()) return obstacle;
        if (_isNewcomer(taskId, round, contributor, participant)) return Slots.codeOf(SkipReason.EnrolledTooLate);
        if (!_isDrawnToSubmit(taskId, round, contributor, participant)) return Slots.codeOf(SkipReason.NotDrawn);
    }

    /// @dev Whether the contributor enrolled in the block in which the round opened.
    function _isNewcomer(
        uint64 taskId,
        RoundWord round,
        address contributor,
        ParticipantWord participant
    ) private view returns (bool) {
        if (participant.firstRound() != round.round()) return false;
        return _enrolledAt[taskId][contributor] == _openedAt(taskId, round.round());
    }

    /// @dev Reverts with the error for what keeps the caller from submitting.
    function _revertFor(uint64 taskId, RoundWord round, SkipReason reason) private view {
        if (reason == SkipReason.NotEnrolled) revert Rounds_NotEnrolled(taskId, msg.sender);
        if (reason == SkipReason.EnrolledTooLate) revert Rounds_EnrolledTooLate(taskId, round.round(), msg.sender);
        if (reason == SkipReason.AlreadySubmitted) {
            revert Rounds_AlreadySubmitted(taskId, round.round(), msg.sender);
        }
        if (reason == SkipReason.SlotsFull) revert Rounds_SlotsFull(taskId, round.slots());
        revert Rounds_NotDrawnToSubmit(taskId, round.round(), msg.sender);
    }

    // ---- pages

    /// @dev Starts from the round's last page.
    function _newIntake(uint64 taskId, RoundWord round) private view returns (Intake memory intake) {
        (intake.taskId, intake.round) = (taskId, round);
        uint256 index = round.submissions();
        if (index % StorageKeys.PAGE_SIZE != 0) intake.page = _pages[taskId][_pagePlace(round.round(), index)];
    }

    /// @dev Accepts a submission. A full page is stored at once, the last one by {_storeIntake}.
    function _accept(
        Intake memory intake,
        address contributor,
        ParticipantWord participant,
        bytes32 commitment
    ) private {
        RoundWord round = intake.round;
        uint256 index = round.submissions();
        _participants[intake.taskId][contributor] = participant.withSubmission(round.round(), index, round.season());
        intake.round = round.withSubmission();
        intake.page = _digestWith(intake.page, contributor, commitment);
        if (index % StorageKeys.PAGE_SIZE == StorageKeys.PAGE_SIZE - 1) {
            _pages[intake.taskId][_pagePlace(round.round(), index)] = intake.page;
            intake.page = 0;
        }
    }

    /// @dev keccak256(abi.encode(digest so far, contributor, commitment)), in free memory that isn't allocated.
    function _digestWith(bytes32 page, address contributor, bytes32 commitment) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, page)
            mstore(add(free, 0x20), contributor)
            mstore(add(free, 0x40), commitment)
            digest := keccak256(free, 0x60)
        }
    }

    /// @dev Stores the round and the digest of its last page.
    function _storeIntake(Intake memory intake) private {
        uint256 count = intake.round.submissions();
        if (count % StorageKeys.PAGE_SIZE != 0)
            _pages[intake.taskId][_pagePlace(intake.round.round(), count)] = intake.page;
        _rounds[intake.taskId] = intake.round;
    }

    /// @dev Key of the page that the submission at `index` belongs to.
    function _pagePlace(uint256 round, uint256 index) private pure returns (uint256) {
        return StorageKeys.page(round, index / StorageKeys.PAGE_SIZE);
    }
}
