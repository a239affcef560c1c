// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsVotes} from "../interfaces/IRoundsVotes.sol";
import {CohortWord} from "../types/CohortWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {Votes} from "./Votes.sol";

/// @title Votes on the next model
/// @notice The root committee may vote once all cohorts are done. Its time ends one `aggregateSeconds` after that for
/// votes on aggregates. A vote is final.
abstract contract ModelVotes is Votes, IRoundsVotes {
    /// @inheritdoc IRoundsVotes
    function voteModel(uint64 taskId, bytes32 modelHash) external {
        RoundWord round = _rounds[taskId];
        Phase phase = _phaseOf(taskId, round);
        if (phase != Phase.CohortVote && phase != Phase.RootVote) {
            _wrongPhase(taskId, phase, Phase.RootVote);
        }
        uint256 member = _requireSeated(taskId);
        if (modelHash == 0) revert Rounds_ZeroHash();
        CohortWord root = _committeeOf(taskId, round, ROOT);
        uint256 seatCount = _roundTerms[taskId].committeeSize();
        uint256 seat = _requireSeat(ROOT, root, member, seatCount);
        if (root.hasActed(seat)) revert Rounds_AlreadyVoted(ROOT, msg.sender);

        _modelVotes[taskId][seat] = modelHash;
        root = root.withActed(seat);
        _cohorts[taskId][ROOT] = root;
        if (root.acted() == seatCount) _rounds[taskId] = round.withStatus(RoundWordLibrary.VOTED);

        _noteModelVote(taskId, round, modelHash);

        emit ModelVoted(taskId, round.round(), msg.sender, modelHash);
    }

    /// @dev Notes a vote on the model like one for the root's aggregate.
    function _noteModelVote(uint64 taskId, RoundWord round, bytes32 modelHash) private {
        (uint32[] memory cohorts, bytes32[] memory hashes) = (new uint32[](1), new bytes32[](1));
        (cohorts[0], hashes[0]) = (ROOT, modelHash);
        _noteVotes(taskId, round, cohorts, hashes);
    }
}
