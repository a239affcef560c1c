// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsWork} from "../interfaces/IRounds.sol";
import {CohortWord, Cohorts} from "./CohortWords.sol";
import {Settlement} from "./Settlement.sol";
import {RoundStates, RoundWord, TimingWord} from "./TaskWords.sol";

/// @title Votes on the aggregates of settled cohorts
/// @notice A vote is evidence: it is final, and a wrong one can be proven wrong by anyone who computes the aggregate.
abstract contract AggregateVotes is Settlement {
    /// What is the same for all votes of one call.
    /// @param taskId the task
    /// @param round its word
    /// @param seatCount k
    /// @param member the caller's index in the frozen roster
    struct Voter {
        uint64 taskId;
        RoundWord round;
        uint256 seatCount;
        uint256 member;
    }

    /// @inheritdoc IRoundsWork
    function voteAggregates(uint64 taskId, uint32[] calldata cohorts, bytes32[] calldata hashes) external {
        RoundWord round = _rounds[taskId];
        TimingWord timing = _timings[taskId];
        if (
            round.status() != RoundStates.AGGREGATING || block.timestamp >= round.doneAt() + timing.aggregateSeconds()
        ) {
            _wrongPhase(taskId, Phase.CohortVote);
        }
        if (hashes.length != cohorts.length) revert Rounds_LengthMismatch(cohorts.length, hashes.length);

        Voter memory voter = Voter({
            taskId: taskId,
            round: round,
            seatCount: timing.committeeSize(),
            member: _requireSeated(taskId)
        });
        for (uint256 i = 0; i < cohorts.length; ++i) _voteAggregate(voter, cohorts[i], hashes[i]);

        emit AggregatesVoted(taskId, round.round(), msg.sender, cohorts, hashes);
    }

    /// @dev Stores the caller's vote on one settled cohort.
    function _voteAggregate(Voter memory voter, uint32 cohort, bytes32 hash) private {
        if (hash == 0) revert Rounds_ZeroHash();
        CohortWord word = _cohorts[voter.taskId][cohort];
        uint256 round = voter.round.round();
        if (cohort == ROOT || word.round() != round || word.state() != Cohorts.SETTLED) {
            revert Rounds_CohortNotSettled(cohort);
        }
        uint256 seat = _requireSeat(cohort, word, voter.member, voter.seatCount);
        mapping(uint256 place => uint256) storage votes = _votes[voter.taskId];
        uint256 place = _votePlace(cohort, seat);
        if (votes[place] >> TAG_SHIFT == round) revert Rounds_AlreadyVoted(cohort, msg.sender);

        votes[place] = _tagged(voter.round, hash);
    }

    /// @inheritdoc IRoundsWork
    function cohortOf(uint64 taskId, uint32 cohort) external view returns (CohortView memory view_) {
        RoundWord round = _requireCohort(taskId, cohort);
        CohortWord word = _cohorts[taskId][cohort];
        if (word.round() != round.round()) word = _draw(taskId, round, cohort, 0, 0);
        view_.attempt = uint8(word.attempt());
        view_.settled = word.state() == Cohorts.SETTLED;
        view_.isVoid = word.state() == Cohorts.VOID;
        view_.revealed = uint16(word.acted());
        view_.seats = _seatsOf(taskId, word);
    }

    /// @inheritdoc IRoundsWork
    function votesOf(uint64 taskId, uint32 cohort) external view returns (uint224[] memory votes) {
        RoundWord round = _requireCohort(taskId, cohort);
        CohortWord root = _cohorts[taskId][ROOT];
        votes = new uint224[](_timings[taskId].committeeSize());
        for (uint256 seat = 0; seat < votes.length; ++seat) {
            if (cohort != ROOT) {
                uint256 word = _votes[taskId][_votePlace(cohort, seat)];
                if (word >> TAG_SHIFT == round.round()) votes[seat] = uint224(word);
            } else if (root.round() == round.round() && root.hasActed(seat)) {
                votes[seat] = uint224(uint256(_modelVotes[taskId][seat]));
            }
        }
    }
}
