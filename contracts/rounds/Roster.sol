// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTasks} from "../interfaces/IRoundsTasks.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {PlaceWordLibrary} from "../types/PlaceWord.sol";
import {RosterWord} from "../types/RosterWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {NextRoster} from "./NextRoster.sol";
import {Registration} from "./Registration.sol";

/// @title Validators entering and leaving a task
/// @notice Joining and leaving change only the next roster. It becomes the frozen roster, from which committees are
/// drawn, when a round opens: {Freezing}.
abstract contract Roster is Registration, NextRoster {
    // ---- validators

    /// @inheritdoc IRoundsTasks
    function admitValidator(
        uint64 taskId,
        address validator,
        uint256 stakeAmount
    ) external onlyTasks returns (address outbid) {
        _nextRound(taskId);
        RosterWord bits = _rosterBits[taskId];
        uint256 index;
        uint256 boundUntil;
        if (bits.isFull()) {
            uint256 smallest;
            (index, smallest) = _smallestPlace(taskId);
            if (stakeAmount <= smallest) revert Rounds_RosterFull(taskId, smallest);
            outbid = _nextRoster[taskId][index].account();
            _validators[taskId][outbid] = _validators[taskId][outbid].withoutNextPlace();
            // Long enough for a whole round to use the place: otherwise stake that risks nothing could empty a roster.
            boundUntil = block.timestamp + _roundTerms[taskId].wholeRoundSeconds();
        } else {
            index = bits.firstFree();
        }

        _nextRoster[taskId][index] = PlaceWordLibrary.pack(validator, stakeAmount);
        ValidatorWord word = _validators[taskId][validator];
        _validators[taskId][validator] = word.withNextPlace(index + 1, boundUntil);
        _rosterBits[taskId] = bits.withTaken(index);
    }

    /// @inheritdoc IRoundsTasks
    function dismissValidator(uint64 taskId, address validator) external onlyTasks {
        ValidatorWord word = _validators[taskId][validator];
        if (word.nextPlace() == 0) revert Rounds_NotInRoster(taskId, validator);
        uint256 boundUntil = word.boundUntil();
        if (block.timestamp < boundUntil) revert Rounds_PlaceBound(taskId, boundUntil);

        _validators[taskId][validator] = _vacate(taskId, word);
    }

    /// @inheritdoc IRoundsTasks
    function requireReleasable(uint64 taskId, address validator) external view {
        ValidatorWord word = _validators[taskId][validator];
        RoundWord round = _rounds[taskId];
        bool isFrozen = word.frozenPlace() != 0;
        if (word.nextPlace() != 0 || (isFrozen && round.status() != RoundWordLibrary.IDLE)) {
            revert Rounds_StillDrawn(taskId, validator);
        }

        // Between rounds nothing more is drawn from the frozen roster: the last round is the one to wait for.
        _requireFinal(taskId, isFrozen ? _finalAt(taskId, round.round()) : word.releaseAt());
    }

    /// @dev The place with the smallest stake, in ASSAY wei; among equals the lowest index. A free place counts as 0.
    function _smallestPlace(uint64 taskId) private view returns (uint256 index, uint256 smallest) {
        smallest = type(uint256).max;
        for (uint256 i = 0; i < Sampling.MAX_VALIDATORS; ++i) {
            uint256 stake = _nextRoster[taskId][i].stake();
            if (stake < smallest) (index, smallest) = (i, stake);
        }
    }
}
