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
/// What an account committed to in a task before its latest data root or key is a chain of `replaced`.
library RoundRecords {
    /// Bits of a chain; the bits above are tags.
    uint256 private constant CHAIN_BITS = 224;

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
    /// @return chain low 224 bits of a hash
    function opening(
        uint32 round,
        bytes32 baseModelHash,
        bytes32 previousBeacon,
        bytes32 roster
    ) internal pure returns (uint224 chain) {
        return uint224(uint256(keccak256(abi.encode(round, baseModelHash, previousBeacon, roster))));
    }

    /// @notice The record of a round after one more cohort was settled.
    /// @param chain before it
    /// @param cohort its number
    /// @param results hash of its members' results, see `resultsHash`
    /// @return next low 224 bits of keccak256(abi.encode(chain, cohort, results))
    function settled(uint224 chain, uint32 cohort, bytes32 results) internal pure returns (uint224 next) {
        // Shorter types may have any bits above.
        (uint256 chain_, uint256 cohort_) = (chain, cohort);
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, chain_)
            mstore(add(free, 0x20), cohort_)
            mstore(add(free, 0x40), results)
            next := shr(sub(256, CHAIN_BITS), shl(sub(256, CHAIN_BITS), keccak256(free, 0x60)))
        }
    }

    /// @notice The hash of the results of a cohort's members.
    /// @param results as in the event `CohortSettled`
    /// @return hash keccak256 of the results, a word each
    function resultsHash(ResultWord[] memory results) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(add(results, 0x20), mul(mload(results), 0x20))
        }
    }

    /// @notice What a validator said in a round, after one more call with votes.
    /// @param word what it said before, as {IRoundsEvidence.sheetOf} returns it; 0 if nothing
    /// @param round the round
    /// @param votes hash of the call's votes, see `votesHash`
    /// @return the round in the high 32 bits, and the low 224 bits of keccak256(abi.encode(word, votes))
    function voted(bytes32 word, uint32 round, bytes32 votes) internal pure returns (bytes32) {
        uint224 chain = uint224(uint256(keccak256(abi.encode(word, votes))));
        return bytes32((uint256(round) << CHAIN_BITS) | chain);
    }

    /// @notice The hash chain of what an account committed to in a task before, after one more was replaced.
    /// @param former before it; 0 if nothing was replaced yet
    /// @param commitment data root or hash of an encryption key
    /// @param firstRound the first round that it doesn't count in any more
    /// @return keccak256(abi.encode(former, commitment, firstRound))
    function replaced(bytes32 former, bytes32 commitment, uint32 firstRound) internal pure returns (bytes32) {
        return keccak256(abi.encode(former, commitment, firstRound));
    }

    /// @notice The hash of the votes of one call. A vote on the next model is one for the cohort type(uint32).max.
    /// @param cohorts in the order of the call
    /// @param hashes one for each of them
    /// @return keccak256(abi.encode(cohorts, hashes)): of the data of the event `AggregatesVoted`
    function votesHash(uint32[] memory cohorts, bytes32[] memory hashes) internal pure returns (bytes32) {
        return keccak256(abi.encode(cohorts, hashes));
    }
}
