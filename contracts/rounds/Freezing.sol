// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Sampling} from "../libraries/Sampling.sol";
import {PlaceWord} from "../types/PlaceWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {WeightLanes} from "../types/WeightLanes.sol";
import {RoundsStorage} from "./RoundsStorage.sol";

/// @title Freezing the roster
/// @notice When a round opens, the next roster becomes the frozen one, from which committees are drawn.
abstract contract Freezing is RoundsStorage {
    /// @dev Copies the next roster to the frozen one and counts the validators with weight. A validator that drops out
    /// can be released at `releaseAt`, in unix seconds, when the last round is final.
    function _freezeRoster(uint64 taskId, uint32 round, uint256 releaseAt) internal returns (uint256 weighted) {
        uint256[4] memory weights = _frozenWeights[taskId];
        uint256 changed = _rosterBits[taskId].changed();
        if (changed != 0) {
            for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
                if ((changed >> index) & 1 == 1) _freezePlace(taskId, index, releaseAt, weights);
            }
            _frozenWeights[taskId] = weights;
            _rosterBits[taskId] = _rosterBits[taskId].withoutChanges();
            _emitRoster(taskId, round, weights);
        }

        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            if (WeightLanes.weightAt(weights, index) != 0) ++weighted;
        }
    }

    /// @dev Freezes the validator at one roster index, and writes its weight into `weights`.
    function _freezePlace(uint64 taskId, uint256 index, uint256 releaseAt, uint256[4] memory weights) private {
        mapping(address validator => ValidatorWord) storage validators = _validators[taskId];
        address before = _frozenRoster[taskId][index];
        PlaceWord place = _nextRoster[taskId][index];
        address next = place.account();

        // A validator that left and joined again may already be frozen at another index.
        if (before != next && validators[before].frozenPlace() == index + 1) {
            validators[before] = validators[before].withoutFrozenPlace(releaseAt);
        }
        if (next != address(0)) validators[next] = validators[next].withFrozenPlace(index + 1);
        _frozenRoster[taskId][index] = next;

        uint256 weight =
            next == address(0) ? 0 : Sampling.weightOf(place.stake(), _validationTerms[taskId].minValidatorStake());
        WeightLanes.setWeight(weights, index, weight);
    }

    /// @dev Emits the roster that was just frozen.
    function _emitRoster(uint64 taskId, uint32 round, uint256[4] memory lanes) private {
        address[] memory validators = new address[](Sampling.MAX_VALIDATORS);
        uint16[] memory weights = new uint16[](Sampling.MAX_VALIDATORS);
        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            weights[index] = WeightLanes.weightAt(lanes, index);
            if (_rosterBits[taskId].isTaken(index)) validators[index] = _frozenRoster[taskId][index];
        }
        emit RosterFrozen(taskId, round, validators, weights);
    }
}
