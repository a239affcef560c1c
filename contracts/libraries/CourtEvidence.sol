// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IAccusations} from "../interfaces/IAccusations.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {IRoundsEvidence} from "../interfaces/IRoundsEvidence.sol";
import {RoundRecords} from "./RoundRecords.sol";
import {Sampling} from "./Sampling.sol";
import {ScoreWords} from "./ScoreWords.sol";
import {StorageKeys} from "../rounds/StorageKeys.sol";
import {TaggedHashLibrary} from "../types/TaggedHash.sol";
import {WeightLanes} from "../types/WeightLanes.sol";

/// @title What accounts said, proven from what the chain keeps
/// @notice Rounds keeps hashes; a challenger gives their preimages. Each function reverts by name with both values when
/// they don't belong together.
library CourtEvidence {
    /// Byte of a committee with the number of its seats.
    uint256 private constant _SEAT_COUNT_OFFSET = 248;

    /// @notice The commitment that a contributor submitted.
    /// @param rounds where it is kept
    /// @param taskId the task
    /// @param round a sealed round that the ring holds
    /// @param contributor who submitted
    /// @param page of the submission
    /// @return the commitment
    function commitmentOf(
        IRoundsEvidence rounds,
        uint64 taskId,
        uint32 round,
        address contributor,
        IAccusations.PageProof calldata page
    ) internal view returns (bytes32) {
        uint256 count = page.contributors.length;
        if (page.commitments.length != count)
            revert IAccusations.Accusations_LengthMismatch(count, page.commitments.length);
        uint256 place = page.index % StorageKeys.PAGE_SIZE;
        if (place >= count) revert IAccusations.Accusations_OutOfRange("submission", place, count);

        bytes32 digest = _digestOf(page);
        bytes32 stored = rounds.pageOf(taskId, round, page.index / StorageKeys.PAGE_SIZE);
        if (digest != stored || stored == 0) revert IAccusations.Accusations_WrongPage(digest, stored);
        if (page.contributors[place] != contributor) {
            revert IAccusations.Accusations_NotItsSubmission(page.index, page.contributors[place], contributor);
        }
        return page.commitments[place];
    }

    /// @dev keccak256(abi.encode(digest so far, contributor, commitment)) over the page, in free memory that isn't allocated.
    function _digestOf(IAccusations.PageProof calldata page) private pure returns (bytes32 digest) {
        address[] calldata contributors = page.contributors;
        bytes32[] calldata commitments = page.commitments;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let commitment := commitments.offset
            let end := add(contributors.offset, shl(5, contributors.length))
            for {
                let contributor := contributors.offset
            } lt(contributor, end) {
                contributor := add(contributor, 0x20)
                commitment := add(commitment, 0x20)
            } {
                mstore(free, digest)
                // Bits beyond an address give another digest.
                mstore(add(free, 0x20), calldataload(contributor))
                mstore(add(free, 0x40), calldataload(commitment))
                digest := keccak256(free, 0x60)
            }
        }
    }

    /// @notice Reverts unless the fields are what the commitment hides.
    /// @param rounds where it was submitted
    /// @param taskId the task
    /// @param round the round
    /// @param contributor who submitted
    /// @param commitment from {commitmentOf}
    /// @param fields what it hides
    function requireOpening(
        IRoundsEvidence rounds,
        uint64 taskId,
        uint32 round,
        address contributor,
        bytes32 commitment,
        ICourt.OpeningFields calldata fields
    ) internal view {
        bytes32 given = keccak256(
            bytes.concat(
                abi.encode(block.chainid, address(rounds), taskId, round, contributor),
                abi.encode(fields.baseModelHash, fields.updateHash, fields.stateRoot),
                abi.encode(fields.steps, fields.dataRoot, fields.salt)
            )
        );
        if (given != commitment) revert ICourt.Court_WrongOpening(given, commitment);
    }

    /// @notice Reverts unless the two state hashes stand at both ends of the window.
    /// @param stateRoot of the opening
    /// @param windows of a round
    /// @param step the window and its state hashes
    function requireStep(bytes32 stateRoot, uint256 windows, IAccusations.StepProof calldata step) internal pure {
        if (step.window >= windows) revert IAccusations.Accusations_OutOfRange("window", step.window, windows);
        _requireState(stateRoot, step.window, windows + 1, step.before, step.proofBefore);
        _requireState(stateRoot, step.window + 1, windows + 1, step.afterwards, step.proofAfterwards);
    }

    /// @dev Pairs are hashed in sorted order, so a proof doesn't tell the place: the leaf does. Its length is that of a
    /// leaf at this place; else a tree could hold two leaves for one place.
    function _requireState(
        bytes32 root,
        uint256 position,
        uint256 count,
        bytes32 stateHash,
        bytes32[] calldata proof
    ) private pure {
        uint256 length = 0;
        uint256 place = position;
        for (uint256 width = count; width > 1; width = (width + 1) / 2) {
            // An odd node at the end is promoted.
            if (place != width - 1 || width % 2 == 0) ++length;
            place /= 2;
        }
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(position, stateHash))));
        if (proof.length != length || !MerkleProof.verifyCalldata(proof, root, leaf)) {
            revert IAccusations.Accusations_WrongState(position, stateHash);
        }
    }

    /// @notice Reverts unless the validator said that.
    /// @param rounds where it said it
    /// @param taskId the task
    /// @param round a round that the ring holds
    /// @param validator who said it
    /// @param statement what it said
    function requireStatement(
        IRoundsEvidence rounds,
        uint64 taskId,
        uint32 round,
        address validator,
        IAccusations.Statement calldata statement
    ) internal view {
        bytes32 word = 0;
        if (statement.hasSheets) {
            bytes32 digest = keccak256(
                bytes.concat(
                    abi.encode(block.chainid, address(rounds), taskId, round, statement.attempt, validator),
                    abi.encode(keccak256(abi.encode(statement.cohorts, statement.words)), statement.salt)
                )
            );
            word = TaggedHashLibrary.pack(round, digest).raw();
        }
        for (uint256 i = 0; i < statement.voteHashes.length; ++i) {
            word = RoundRecords.voted(word, round, statement.voteHashes[i]);
        }
        bytes32 stored = rounds.sheetOf(taskId, validator, round, statement.attempt);
        if (word != stored || stored == 0) revert IAccusations.Accusations_WrongStatement(word, stored);
    }

    /// @notice A seat's entry about a member of a cohort.
    /// @param statement proven by {requireStatement}
    /// @param submissions of the round
    /// @param index of the cohort in the sheets
    /// @param member of the cohort; entries beyond its size say nothing
    /// @return cohort its number
    /// @return entry 32 bits, see {ScoreWords}
    function entryOf(
        IAccusations.Statement calldata statement,
        uint256 submissions,
        uint256 index,
        uint256 member
    ) internal pure returns (uint32 cohort, uint256 entry) {
        uint256 count = statement.cohorts.length;
        if (index >= count || !statement.hasSheets) revert IAccusations.Accusations_OutOfRange("cohort", index, count);
        if (statement.words.length != 2 * count) {
            revert IAccusations.Accusations_LengthMismatch(2 * count, statement.words.length);
        }
        cohort = statement.cohorts[index];
        (, uint256 size) = Sampling.cohortBounds(submissions, cohort);
        if (member >= size) revert IAccusations.Accusations_OutOfRange("entry", member, size);
        entry = ScoreWords.entryAt(statement.words[2 * index], statement.words[2 * index + 1], member);
    }

    /// @notice The hash that a validator voted for.
    /// @param statement proven by {requireStatement}
    /// @param vote which of its votes
    /// @return cohort type(uint32).max for the next model
    /// @return hash it voted for
    function voteOf(
        IAccusations.Statement calldata statement,
        IAccusations.VoteProof calldata vote
    ) internal pure returns (uint32 cohort, bytes32 hash) {
        uint256 calls = statement.voteHashes.length;
        if (vote.call >= calls) revert IAccusations.Accusations_OutOfRange("call", vote.call, calls);
        bytes32 given = RoundRecords.votesHash(vote.cohorts, vote.hashes);
        bytes32 stated = statement.voteHashes[vote.call];
        if (given != stated) revert IAccusations.Accusations_WrongStatement(given, stated);
        if (vote.index >= vote.cohorts.length) {
            revert IAccusations.Accusations_OutOfRange("vote", vote.index, vote.cohorts.length);
        }
        return (vote.cohorts[vote.index], vote.hashes[vote.index]);
    }

    /// @notice Reverts unless this is the record of the round.
    /// @param stored the record on chain, 0 if the ring doesn't hold it
    /// @param round its round
    /// @param proof its preimages
    function requireRecord(uint224 stored, uint32 round, IAccusations.RoundProof calldata proof) internal pure {
        // Each look for a list in the proof costs as much as ten at its items.
        (uint32[] calldata cohorts, bytes32[] calldata results) = (proof.cohorts, proof.resultsHashes);
        if (results.length != cohorts.length) {
            revert IAccusations.Accusations_LengthMismatch(cohorts.length, results.length);
        }
        bytes32 roster = _rosterDigest(proof);
        uint224 record = RoundRecords.opening(round, proof.baseModelHash, proof.previousBeacon, roster);
        for (uint256 i = 0; i < cohorts.length; ++i) record = RoundRecords.settled(record, cohorts[i], results[i]);
        if (record != stored || stored == 0) revert IAccusations.Accusations_WrongRecord(record, stored);
    }

    /// @dev As {RoundRecords.rosterDigest}, straight from calldata.
    function _rosterDigest(IAccusations.RoundProof calldata proof) private pure returns (bytes32 digest) {
        uint256[4] calldata weights = proof.weights;
        address[] calldata validators = proof.validators;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := mul(validators.length, 0x20)
            calldatacopy(free, weights, 0x80)
            calldatacopy(add(free, 0x80), validators.offset, size)
            digest := keccak256(free, add(0x80, size))
        }
    }

    /// @notice A validator's place and weight in the frozen roster of a round.
    /// @param proof proven by {requireRecord}
    /// @param validator the account
    /// @return index its roster index
    /// @return weight in 1/256 of the task's least stake, not 0: without weight it could say nothing
    function weightOf(
        IAccusations.RoundProof calldata proof,
        address validator
    ) internal pure returns (uint256 index, uint256 weight) {
        address[] calldata validators = proof.validators;
        uint256[4] memory weights = proof.weights;
        for (index = _nextOf(validators, validator, 0); index < validators.length;) {
            weight = WeightLanes.weightAt(weights, index);
            if (weight != 0) return (index, weight);
            index = _nextOf(validators, validator, index + 1);
        }
        revert IAccusations.Accusations_NotInRoster(validator);
    }

    /// @dev The first place from `from` on that has the account; the number of places if none has.
    function _nextOf(address[] calldata list, address account, uint256 from) private pure returns (uint256 index) {
        uint256 wanted = uint160(account);
        assembly ("memory-safe") {
            for {
                index := from
            } lt(index, list.length) {
                index := add(index, 1)
            } {
                if eq(calldataload(add(list.offset, shl(5, index))), wanted) {
                    break
                }
            }
        }
    }

    /// @notice The seats of a committee.
    /// @param proof proven by {requireRecord}
    /// @param beacon of the round
    /// @param cohort type(uint32).max for the root
    /// @param attempt 0, or 1 in the redraw
    /// @param seatCount k, at most 15
    /// @return committee as in {ICourt.Facts}
    function committeeOf(
        IAccusations.RoundProof calldata proof,
        bytes32 beacon,
        uint32 cohort,
        uint256 attempt,
        uint256 seatCount
    ) internal pure returns (uint256 committee) {
        uint256 excluded = 0;
        for (uint256 i = 0; i <= attempt; ++i) {
            bytes32 seed = Sampling.committeeSeed(beacon, cohort, i);
            committee = Sampling.drawCommittee(seed, proof.weights, seatCount, excluded);
            if (i != attempt) excluded = Sampling.seatMask(committee, seatCount);
        }
        committee |= seatCount << _SEAT_COUNT_OFFSET;
    }

    /// @notice Whether a validator has a seat in a committee.
    /// @param committee from {committeeOf}
    /// @param index its roster index
    /// @return true if it has
    function isMember(uint256 committee, uint256 index) internal pure returns (bool) {
        for (uint256 left = committee >> _SEAT_COUNT_OFFSET; left > 0; --left) {
            if (uint8(committee) == index) return true;
            committee >>= 8;
        }
        return false;
    }

    /// @notice The accounts of a committee, and one more.
    /// @param committee from {committeeOf}
    /// @param proof of the same round
    /// @param other the last one
    /// @return members by seat
    function membersOf(
        uint256 committee,
        IAccusations.RoundProof calldata proof,
        address other
    ) internal pure returns (address[] memory members) {
        uint256 count = committee >> _SEAT_COUNT_OFFSET;
        address[] calldata validators = proof.validators;
        members = new address[](count + 1);
        for (uint256 seat = 0; seat < count; ++seat) members[seat] = validators[uint8(committee >> (8 * seat))];
        members[count] = other;
    }
}
