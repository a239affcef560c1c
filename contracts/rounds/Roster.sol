// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTasks} from "../interfaces/IRoundsTasks.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {PlaceWord, PlaceWordLibrary} from "../types/PlaceWord.sol";
import {RosterWord} from "../types/RosterWord.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {WeightLanes} from "../types/WeightLanes.sol";
import {Committees} from "./Committees.sol";
import {Registration} from "./Registration.sol";

/// @title The roster of validators
/// @notice Joining and leaving change only the next roster. It becomes the frozen roster, from which committees are
/// drawn, when a round opens.
abstract contract Roster is Registration, Committees {
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
            boundUntil = _boundUntil(_roundTerms[taskId]);
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

    /// @dev Unix seconds until which a validator keeps a place that it took from another one: long enough for a whole
    /// round to use it. Otherwise stake that risks nothing could empty a roster.
    function _boundUntil(RoundTermsWord terms) private view returns (uint256) {
        uint256 scoredAt = terms.redrawRevealEnd(block.timestamp + terms.submitSeconds());
        return scoredAt + 2 * terms.aggregateSeconds() + terms.challengeSeconds();
    }

    /// @dev Frees the validator's place in the next roster. The caller stores the returned word.
    function _vacate(uint64 taskId, ValidatorWord word) internal returns (ValidatorWord) {
        uint256 index = word.nextPlace() - 1;
        _nextRoster[taskId][index] = PlaceWord.wrap(0);
        _rosterBits[taskId] = _rosterBits[taskId].withFree(index);
        return word.withoutNextPlace();
    }

    /// @dev Updates the stake in the next roster after a slash.
    function _refreshStake(uint64 taskId, ValidatorWord word, uint256 stake) internal {
        if (word.nextPlace() == 0) return;
        uint256 index = word.nextPlace() - 1;
        PlaceWord place = _nextRoster[taskId][index];
        if (place.stake() == stake) return;

        _nextRoster[taskId][index] = PlaceWordLibrary.pack(place.account(), stake);
        _rosterBits[taskId] = _rosterBits[taskId].withChanged(index);
    }

    /// @dev The place with the smallest stake, in ASSAY wei; among equals the lowest index. A free place counts as 0.
    function _smallestPlace(uint64 taskId) private view returns (uint256 index, uint256 smallest) {
        smallest = type(uint256).max;
        for (uint256 i = 0; i < Sampling.MAX_VALIDATORS; ++i) {
            uint256 stake = _nextRoster[taskId][i].stake();
            if (stake < smallest) (index, smallest) = (i, stake);
        }
    }

    // ---- freezing

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
