// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsWork} from "../interfaces/IRounds.sol";
import {CohortWord, Cohorts} from "./CohortWords.sol";
import {Settlement} from "./Settlement.sol";
import {RoundStates, RoundWord, TimingWord} from "./TaskWords.sol";

/// @title Votes on the aggregates of settled cohorts
/// @notice A vote is evidence: it is final, and a wrong one can be proven wrong by anyone who computes the aggregate.
abstract contract AggregateVotes is Settlement {
    /// @inheritdoc IRoundsWork
    function voteAggregates(uint64 taskId, uint32[] calldata cohorts, bytes32[] calldata hashes) external {
        RoundWord round = _rounds[taskId];
        TimingWord timing = _timings[taskId];
        if (
            round.status() != RoundStates.AGGREGATING || block.timestamp >= round.doneAt() + timing.aggregateSeconds()
        ) {
            _wrongPhase(taskId, Phase.CohortVote);
        }
        uint256 member = _requireSeated(taskId);
        if (hashes.length != cohorts.length) revert Rounds_LengthMismatch(cohorts.length, hashes.length);

        for (uint256 i = 0; i < cohorts.length; ++i) {
            _voteAggregate(taskId, round, member, cohorts[i], hashes[i]);
        }

        emit AggregatesVoted(taskId, round.round(), msg.sender, cohorts, hashes);
    }

    function _voteAggregate(uint64 taskId, RoundWord round, uint256 member, uint32 cohort, bytes32 hash) private {
        if (hash == 0) revert Rounds_ZeroHash();
        CohortWord word = _cohorts[taskId][cohort];
        if (cohort == ROOT || word.round() != round.round() || word.state() != Cohorts.SETTLED) {
            revert Rounds_CohortNotSettled(cohort);
        }
        uint256 seat = _seatOf(taskId, cohort, word, member);
        uint256 place = uint256(cohort) * 16 + seat;
        if (_votes[taskId][place] >> TAG_SHIFT == round.round()) revert Rounds_AlreadyVoted(cohort, msg.sender);

        _votes[taskId][place] = _tagged(round, hash);
    }
}
