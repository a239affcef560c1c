// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsCourt} from "../interfaces/IRoundsCourt.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {CourtOnly} from "./CourtOnly.sol";

/// @title Models that verdicts undo
/// @notice A false model undoes its round and all that trained from it. The rounds of such a span have no successors any
/// more: a later verdict on one of them must not bring back a model that descends from an undone one.
abstract contract RollBacks is CourtOnly, IRoundsCourt {
    uint256 private constant FIRST_OFFSET = 32;

    /// @inheritdoc IRoundsCourt
    function rollBackModel(uint64 taskId, uint32 round, bytes32 baseModelHash) external onlyCourt {
        RoundWord latest = _rounds[taskId];
        bool exists = round != 0 && round <= latest.round() && baseModelHash != 0;
        if (!exists || !_undo(taskId, round, latest.round() + 1)) {
            emit RollBackIgnored(taskId, round);
            return;
        }

        // The model of an open round stays: its end applies the roll-back.
        if (latest.status() == RoundWordLibrary.IDLE) _baseModels[taskId] = baseModelHash;
        else _rollBacks[taskId] = baseModelHash;

        emit ModelRolledBack(taskId, round, baseModelHash);
    }

    /// @dev Undoes the rounds from `first` on; the round `next` opens next. False if `first` is undone already. Spans
    /// that begin later are part of the new one.
    function _undo(uint64 taskId, uint256 first, uint256 next) private returns (bool) {
        uint64[] storage spans = _undone[taskId];
        uint256 kept = spans.length;
        for (; kept != 0; --kept) {
            uint256 span = spans[kept - 1];
            if (first >= uint32(span)) break;
            if (first >= span >> FIRST_OFFSET) return false;
        }

        while (spans.length > kept) spans.pop();
        spans.push(uint64((first << FIRST_OFFSET) | next));
        return true;
    }
}
