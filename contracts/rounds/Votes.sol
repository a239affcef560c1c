// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundRecords} from "../libraries/RoundRecords.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {TaggedHash} from "../types/TaggedHash.sol";
import {Committees} from "./Committees.sol";
import {StorageKeys} from "./StorageKeys.sol";

/// @title What all votes share
/// @notice A vote is evidence: anyone can compute the aggregate or the model and show that a vote is wrong.
abstract contract Votes is Committees {
    /// @dev Folds the votes of a call into what the caller said in this round: the word of its first sheet. A validator
    /// that committed to no sheet in the first attempt has none of this round there yet.
    function _noteVotes(uint64 taskId, RoundWord round, uint32[] memory cohorts, bytes32[] memory hashes) internal {
        mapping(uint256 key => TaggedHash) storage sheets = _sheets[taskId][msg.sender];
        uint256 key = StorageKeys.sheet(round.round(), 0);
        TaggedHash said = sheets[key];
        bytes32 word = said.round() == round.round() ? said.raw() : bytes32(0);
        word = RoundRecords.voted(word, round.round(), RoundRecords.votesHash(cohorts, hashes));
        sheets[key] = TaggedHash.wrap(uint256(word));
    }
}
