// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsEvidence} from "../interfaces/IRoundsEvidence.sol";
import {RecordWord} from "../types/RecordWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {TaggedHash} from "../types/TaggedHash.sol";
import {RoundsStorage} from "./RoundsStorage.sol";
import {StorageKeys} from "./StorageKeys.sol";

/// @title What the rings hold of a round
/// @notice The record of a round says whether the rings still hold it, and what was written to them: its slots in the
/// other rings have values of the round eight before it as long as it has written none.
abstract contract Evidence is RoundsStorage, IRoundsEvidence {
    /// @inheritdoc IRoundsEvidence
    function recordOf(uint64 taskId, uint32 round) external view returns (uint224 record, uint256 submissions) {
        RecordWord word = _recordOf(taskId, round);
        return (word.chain(), word.submissions());
    }

    /// @inheritdoc IRoundsEvidence
    function beaconAt(uint64 taskId, uint32 round) external view returns (bytes32) {
        bool isSealed = _recordOf(taskId, round).submissions() != 0;
        return isSealed ? _beacons[taskId][StorageKeys.beacon(round)] : bytes32(0);
    }

    /// @inheritdoc IRoundsEvidence
    function timesOf(uint64 taskId, uint32 round) external view returns (uint256 openedAt, uint256 closedAt) {
        if (!_isKept(taskId, round)) return (0, 0);
        RoundWord latest = _rounds[taskId];
        bool isOpen = latest.round() == round && latest.status() != RoundWordLibrary.IDLE;
        return (_openedAt(taskId, round), isOpen ? 0 : _closedAt(taskId, round));
    }

    /// @inheritdoc IRoundsEvidence
    function pageOf(uint64 taskId, uint32 round, uint256 page) external view returns (bytes32) {
        uint256 submissions = _recordOf(taskId, round).submissions();
        bool exists = page < (submissions + StorageKeys.PAGE_SIZE - 1) / StorageKeys.PAGE_SIZE;
        return exists ? _pages[taskId][StorageKeys.page(round, page)] : bytes32(0);
    }

    /// @inheritdoc IRoundsEvidence
    function sheetOf(
        uint64 taskId,
        address validator,
        uint32 round,
        uint8 attempt
    ) external view returns (bytes32 word) {
        if (!_isKept(taskId, round)) return 0;
        TaggedHash said = _sheets[taskId][validator][StorageKeys.sheet(round, attempt)];
        return said.round() == round ? said.raw() : bytes32(0);
    }

    /// @dev The record of a round that the ring holds, else zero.
    function _recordOf(uint64 taskId, uint32 round) private view returns (RecordWord word) {
        word = _records[taskId][StorageKeys.record(round)];
        if (word.round() != round) return RecordWord.wrap(0);
    }

    /// @dev Whether the rings hold a round.
    function _isKept(uint64 taskId, uint32 round) private view returns (bool) {
        return round != 0 && _recordOf(taskId, round).round() == round;
    }
}
