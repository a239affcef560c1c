// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundRecords} from "../libraries/RoundRecords.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {PlaceWord} from "../types/PlaceWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {WeightLanes} from "../types/WeightLanes.sol";
import {Candidates} from "./Candidates.sol";

/// @title Freezing the roster
/// @notice When a round opens, the next roster becomes the frozen one, from which committees are drawn. A bid counts
/// from its first round on, if its validator is ready for the pool.
abstract contract Freezing is Candidates {
    /// @dev Seats candidates, copies what changed to the frozen roster and counts the validators with weight. A
    /// validator that drops out can be released at `releaseAt`, in unix seconds, when the last round is final.
    ///
    /// With fewer than `minimum` of them no round could open, and no later round would come for which newer bids count.
    /// Then those count too that have stood for as long as a whole round.
    function _freezeRoster(
        uint64 taskId,
        uint32 round,
        uint256 releaseAt,
        uint256 minimum
    ) internal returns (uint256 weighted) {
        _changePool(taskId, round);
        Opening memory opening;
        (opening.taskId, opening.round, opening.hastySeconds) = (taskId, round, type(uint256).max);
        uint256[4] memory weights = _frozenWeights[taskId];
        weighted = _freezeDue(opening, releaseAt, weights);
        if (weighted < minimum) {
            opening.hastySeconds = _roundTerms[taskId].wholeRoundSeconds();
            weighted = _freezeDue(opening, releaseAt, weights);
        }
        if (!opening.hasChanged) return weighted;

        _frozenWeights[taskId] = weights;
        _noteRoster(taskId, round, weights);
    }

    /// @dev Freezes all bids that are due.
    function _freezeDue(
        Opening memory opening,
        uint256 releaseAt,
        uint256[4] memory weights
    ) private returns (uint256 weighted) {
        uint64 taskId = opening.taskId;
        _seatCandidates(opening);
        uint256 changed = _rosterBits[taskId].changed();
        uint256 early = 0;
        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            if ((changed >> index) & 1 == 0) continue;
            if (!_freezePlace(opening, index, releaseAt, weights)) early |= 1 << index;
        }
        if (changed != early) _rosterBits[taskId] = _rosterBits[taskId].withoutChanges().withAllChanged(early);

        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            if (WeightLanes.weightAt(weights, index) != 0) ++weighted;
        }
    }

    /// @dev Freezes the validator at one roster index, and writes its weight into `weights`. False if the bid there
    /// doesn't count yet.
    function _freezePlace(
        Opening memory opening,
        uint256 index,
        uint256 releaseAt,
        uint256[4] memory weights
    ) private returns (bool isDue) {
        uint64 taskId = opening.taskId;
        mapping(address validator => ValidatorWord) storage validators = _validators[taskId];
        address before = _frozenRoster[taskId][index];
        PlaceWord place = _nextRoster[taskId][index];
        isDue = place.isNone() || _isDue(opening, place);
        address next = isDue && place.isReady() ? place.account() : address(0);

        // A validator that left and joined again may already be frozen at another index.
        if (before != next && validators[before].frozenPlace() == index + 1) {
            validators[before] = validators[before].withoutFrozenPlace(releaseAt);
        }
        if (next != address(0)) validators[next] = validators[next].withFrozenPlace(index + 1);
        uint256 weight = next == address(0) ? 0 : place.weight();
        if (before == next && WeightLanes.weightAt(weights, index) == weight) return isDue;

        opening.hasChanged = true;
        _frozenRoster[taskId][index] = next;
        WeightLanes.setWeight(weights, index, weight);
    }

    /// @dev Stores the digest of the roster that was just frozen, and emits the roster.
    function _noteRoster(uint64 taskId, uint32 round, uint256[4] memory lanes) private {
        address[] memory validators = new address[](Sampling.MAX_VALIDATORS);
        uint16[] memory weights = new uint16[](Sampling.MAX_VALIDATORS);
        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            weights[index] = WeightLanes.weightAt(lanes, index);
            validators[index] = _frozenRoster[taskId][index];
        }
        _rosterDigests[taskId] = RoundRecords.rosterDigest(lanes, validators);

        emit RosterFrozen(taskId, round, validators, weights);
    }
}
