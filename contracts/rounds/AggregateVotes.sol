// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsVotes} from "../interfaces/IRoundsVotes.sol";
import {CohortWord, CohortWordLibrary} from "../types/CohortWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {TaggedHash, TaggedHashLibrary} from "../types/TaggedHash.sol";
import {StorageKeys} from "./StorageKeys.sol";
import {Votes} from "./Votes.sol";

/// @title Votes on the aggregates of settled cohorts
/// @notice A cohort's seats compute its aggregate from what was settled. A vote is final.
abstract contract AggregateVotes is Votes, IRoundsVotes {
    /// What all votes of one call share.
    /// @param taskId the task
    /// @param round its current round
    /// @param seatCount k, seats of a committee
    /// @param member the caller's index in the frozen roster
    struct Voter {
        uint64 taskId;
        RoundWord round;
        uint256 seatCount;
        uint256 member;
    }

    /// @inheritdoc IRoundsVotes
    function voteAggregates(uint64 taskId, uint32[] calldata cohorts, bytes32[] calldata hashes) external {
        RoundWord round = _rounds[taskId];
        _requirePhase(taskId, round, Phase.CohortVote);
        if (hashes.length != cohorts.length) revert Rounds_LengthMismatch(cohorts.length, hashes.length);
        // With a vote in each, a validator makes no more calls than it has seats: its votes stay cheap to prove.
        if (cohorts.length == 0) revert Rounds_NoVotes();

        Voter memory voter = Voter({
            taskId: taskId,
            round: round,
            seatCount: _roundTerms[taskId].committeeSize(),
            member: _requireSeated(taskId)
        });
        for (uint256 i = 0; i < cohorts.length; ++i) _voteAggregate(voter, cohorts[i], hashes[i]);
        _noteVotes(taskId, round, cohorts, hashes);

        emit AggregatesVoted(taskId, round.round(), msg.sender, cohorts, hashes);
    }

    /// @dev Stores the caller's vote on one settled cohort.
    function _voteAggregate(Voter memory voter, uint32 cohort, bytes32 hash) private {
        if (hash == 0) revert Rounds_ZeroHash();
        CohortWord word = _cohorts[voter.taskId][cohort];
        uint256 round = voter.round.round();
        if (cohort == ROOT || word.round() != round || word.state() != CohortWordLibrary.SETTLED) {
            revert Rounds_CohortNotSettled(cohort);
        }
        uint256 seat = _requireSeat(cohort, word, voter.member, voter.seatCount);
        mapping(uint256 key => TaggedHash) storage votes = _votes[voter.taskId];
        uint256 key = StorageKeys.vote(cohort, seat);
        if (votes[key].round() == round) revert Rounds_AlreadyVoted(cohort, msg.sender);

        votes[key] = TaggedHashLibrary.pack(voter.round.round(), hash);
    }
}
