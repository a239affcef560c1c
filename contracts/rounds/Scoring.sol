// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsValidators} from "../interfaces/IRoundsValidators.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {ScoreWords} from "../libraries/ScoreWords.sol";
import {CohortWord} from "../types/CohortWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {TaggedHash, TaggedHashLibrary} from "../types/TaggedHash.sol";
import {Committees} from "./Committees.sol";
import {StorageKeys} from "./StorageKeys.sol";

/// @title Committing to score sheets and revealing them
/// @notice Each attempt has a commit phase and a reveal phase. A commitment binds chain, contract, task, round, attempt
/// and validator: a copy of it is worthless to others.
abstract contract Scoring is Committees, IRoundsValidators {
    /// What all cohorts of one reveal share.
    /// @param taskId the task
    /// @param round its current round
    /// @param attempt 0, or 1 in the redraw
    /// @param seatCount k, seats of a committee
    /// @param cohorts number of cohorts in the round
    /// @param member the caller's index in the frozen roster
    struct Reveal {
        uint64 taskId;
        RoundWord round;
        uint256 attempt;
        uint256 seatCount;
        uint256 cohorts;
        uint256 member;
    }

    /// @inheritdoc IRoundsValidators
    function commitScores(uint64 taskId, bytes32 digest) external {
        RoundWord round = _rounds[taskId];
        uint8 attempt = _openAttempt(taskId, round, true);
        _requireSeated(taskId);
        mapping(uint256 key => TaggedHash) storage sheets = _sheets[taskId][msg.sender];
        uint256 key = StorageKeys.sheet(round.round(), attempt);
        if (sheets[key].round() == round.round()) {
            revert Rounds_AlreadyCommitted(taskId, round.round(), attempt);
        }

        sheets[key] = TaggedHashLibrary.pack(round.round(), digest);

        emit ScoresCommitted(taskId, round.round(), msg.sender, attempt, digest);
    }

    /// @inheritdoc IRoundsValidators
    function revealScores(uint64 taskId, uint32[] calldata cohorts, uint256[] calldata words, bytes32 salt) external {
        RoundWord round = _rounds[taskId];
        uint8 attempt = _openAttempt(taskId, round, false);
        uint256 member = _requireSeated(taskId);
        if (words.length != 2 * cohorts.length) revert Rounds_LengthMismatch(2 * cohorts.length, words.length);
        _requireCommitted(taskId, round, attempt, keccak256(abi.encode(cohorts, words)), salt);

        Reveal memory reveal = Reveal({
            taskId: taskId,
            round: round,
            attempt: attempt,
            seatCount: _roundTerms[taskId].committeeSize(),
            cohorts: Sampling.cohortCount(round.submissions()),
            member: member
        });
        // No calldata holds 2²⁵⁵ cohorts.
        unchecked {
            for (uint256 i = 0; i < cohorts.length; ++i) {
                _revealCohort(reveal, cohorts[i], words[2 * i], words[2 * i + 1]);
            }
        }

        emit ScoresRevealed(taskId, round.round(), msg.sender, attempt, cohorts, words, salt);
    }

    // ---- attempts and commitments

    /// @dev The attempt whose commit or reveal phase it is now.
    function _openAttempt(uint64 taskId, RoundWord round, bool isCommit) private view returns (uint8 attempt) {
        Phase actual = _phaseOf(taskId, round);
        if (actual == (isCommit ? Phase.Commit : Phase.Reveal)) return 0;
        if (actual == (isCommit ? Phase.RedrawCommit : Phase.RedrawReveal)) return 1;
        _wrongPhase(taskId, actual, isCommit ? Phase.Commit : Phase.Reveal);
    }

    /// @dev Requires that the caller committed to exactly these sheets in this round and attempt.
    function _requireCommitted(
        uint64 taskId,
        RoundWord round,
        uint8 attempt,
        bytes32 sheetHash,
        bytes32 salt
    ) private view {
        bytes32 digest = keccak256(
            abi.encode(block.chainid, address(this), taskId, round.round(), attempt, msg.sender, sheetHash, salt)
        );
        bytes32 committed = _sheets[taskId][msg.sender][StorageKeys.sheet(round.round(), attempt)].raw();
        bytes32 revealed = TaggedHashLibrary.pack(round.round(), digest).raw();
        if (committed != revealed) revert Rounds_CommitmentMismatch(committed, revealed);
    }

    // ---- one cohort's sheet

    /// @dev Stores the caller's two words about one cohort.
    function _revealCohort(Reveal memory reveal, uint32 cohort, uint256 word0, uint256 word1) private {
        CohortWord word = _drawnForReveal(reveal, cohort);
        uint256 seat = _requireSeat(cohort, word, reveal.member, reveal.seatCount);
        if (word.hasActed(seat)) revert Rounds_AlreadyRevealed(cohort, msg.sender);
        _requireValid(reveal, cohort, word0, word1);

        mapping(uint256 key => uint256) storage scores = _scores[reveal.taskId];
        uint256 key = StorageKeys.score(cohort, seat);
        scores[key] = word0;
        scores[key + 1] = word1;
        _cohorts[reveal.taskId][cohort] = word.withActed(seat);
    }

    /// @dev Requires every entry to be in range, and none beyond the cohort's members.
    function _requireValid(Reveal memory reveal, uint32 cohort, uint256 word0, uint256 word1) private pure {
        (, uint256 size) = Sampling.cohortBounds(reveal.round.submissions(), cohort);
        if (ScoreWords.areValid(word0, word1, size)) return;

        uint256 position = ScoreWords.firstInvalid(word0, word1, size);
        revert Rounds_BadEntry(cohort, position, ScoreWords.entryAt(word0, word1, position));
    }

    /// @dev The cohort's committee in this attempt, drawn here by the first caller that needs it.
    function _drawnForReveal(Reveal memory reveal, uint32 cohort) private returns (CohortWord word) {
        if (cohort >= reveal.cohorts) revert Rounds_UnknownCohort(cohort, reveal.cohorts);
        word = _committeeOf(reveal.taskId, reveal.round, cohort);
        if (reveal.attempt == 0 || word.attempt() == 1) return word;

        if (2 * word.acted() > reveal.seatCount) revert Rounds_NoRedraw(cohort);
        return _redraw(reveal.taskId, reveal.round, cohort, word);
    }
}
