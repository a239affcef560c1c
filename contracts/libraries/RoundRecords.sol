// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ResultWord} from "../types/ResultWord.sol";

/// @title The hash chains that evidence is proven against
/// @notice Pure functions for Rounds, which writes the chains, and for whoever proves something against them. All
/// preimages are in events. Twin: `sdk/protocol/round-record.ts`.
///
/// The record of a round begins with `opening` and goes on with `settled`, once for each cohort, in the order of the
/// events `CohortSettled`. What a validator said begins with its commitment to the sheets of the first attempt, or with
/// zero, and goes on with `voted`, once for each call, in the order of the events `AggregatesVoted` and `ModelVoted`.
library RoundRecords {
    /// @notice The digest of a frozen roster. Preimage: the event `RosterFrozen`.
    /// @param lanes weights by roster index, packed as in {WeightLanes}
    /// @param validators 64, by roster index; a free place is the zero address
    /// @return keccak256 of the four lanes and the 64 addresses, a word each
    function rosterDigest(uint256[4] memory lanes, address[] memory validators) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(lanes, validators));
    }

    /// @notice The record of a round that opens.
    /// @param round its number
    /// @param baseModelHash model that it trains from
    /// @param previousBeacon beacon of the last sealed round before it, 0 if there is none
    /// @param roster digest of the frozen roster
    /// @return low 224 bits of a hash
    function opening(
        uint32 round,
        bytes32 baseModelHash,
        bytes32 previousBeacon,
        bytes32 roster
    ) internal pure returns (uint224) {
        return uint224(uint256(keccak256(abi.encode(round, baseModelHash, previousBeacon, roster))));
    }

    /// @notice The record of a round in which one more cohort is settled.
    /// @param record of the round before
    /// @param cohort its number
    /// @param results of its members, as in the event `CohortSettled`
    /// @return low 224 bits of a hash
    function settled(uint224 record, uint32 cohort, ResultWord[] memory results) internal pure returns (uint224) {
        bytes32 resultsHash;
        assembly ("memory-safe") {
            resultsHash := keccak256(add(results, 0x20), shl(5, mload(results)))
        }
        return settled(record, cohort, resultsHash);
    }

    /// @notice The same with the hash of the results, for cohorts that a proof is not about.
    /// @param record of the round before
    /// @param cohort its number
    /// @param resultsHash keccak256 of the results, a word each
    /// @return low 224 bits of a hash
    function settled(uint224 record, uint32 cohort, bytes32 resultsHash) internal pure returns (uint224) {
        return uint224(uint256(keccak256(abi.encode(record, cohort, resultsHash))));
    }

    /// @notice What a validator said in a round, after one more call with votes. A vote on the next model is one for the
    /// cohort type(uint32).max.
    /// @param word what it said before, as {IRoundsCourt.sheetOf} returns it; 0 if nothing
    /// @param round the round
    /// @param votes hash of the call's votes, see `votesHash`
    /// @return the round in the high 32 bits, and the low 224 bits of a hash
    function voted(bytes32 word, uint32 round, bytes32 votes) internal pure returns (bytes32) {
        uint256 digest = uint224(uint256(keccak256(abi.encode(word, votes))));
        return bytes32((uint256(round) << 224) | digest);
    }

    /// @notice The hash of the votes of one call.
    /// @param cohorts in the order of the call
    /// @param hashes one for each of them
    /// @return keccak256(abi.encode(cohorts, hashes))
    function votesHash(uint32[] memory cohorts, bytes32[] memory hashes) internal pure returns (bytes32) {
        return keccak256(abi.encode(cohorts, hashes));
    }
}
