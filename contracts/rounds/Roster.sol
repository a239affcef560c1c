// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsMembers} from "../interfaces/IRoundsMembers.sol";
import {IRoundsTasks} from "../interfaces/IRoundsTasks.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {PlaceWord, PlaceWordLibrary} from "../types/PlaceWord.sol";
import {PoolWord} from "../types/PoolWord.sol";
import {RosterWord, RosterWordLibrary} from "../types/RosterWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {NextRoster} from "./NextRoster.sol";
import {Registration} from "./Registration.sol";

/// @title Validators entering and leaving a task
/// @notice Joining is a bid that everybody sees for a whole round. It gets a place when its validator is ready. Entering
/// and leaving change only the next roster; it becomes the frozen one, from which committees are drawn, when a round
/// opens: {Freezing}. In a full roster a bid becomes a candidate for a place: {Candidates}.
abstract contract Roster is Registration, NextRoster, IRoundsMembers {
    // ---- bids

    /// @inheritdoc IRoundsTasks
    function admitValidator(
        uint64 taskId,
        address validator,
        uint256 stakeAmount
    ) external onlyTasks returns (uint32 firstRound) {
        firstRound = _nextRound(taskId);
        _requireBeatable(taskId, _weightOf(taskId, stakeAmount));

        _joined[taskId][validator] = PlaceWordLibrary.bid(validator, _firstRoundOfBid(taskId), block.timestamp);
    }

    /// @inheritdoc IRoundsTasks
    function raiseStake(uint64 taskId, address validator, uint256 stakeAmount) external onlyTasks {
        ValidatorWord word = _validators[taskId][validator];
        uint256 place = word.nextPlace();
        if (place == 0) {
            PlaceWord joined = _requireJoined(taskId, validator);
            _joined[taskId][validator] = joined.withTimes(_firstRoundOfBid(taskId), block.timestamp);
            return;
        }

        // Only who has a place defends it at once. A candidate's larger weight is a new bid: others can answer it.
        PlaceWord bid = _nextRoster[taskId][place - 1];
        if (place > RosterWordLibrary.PLACES && bid.weight() != _weightOf(taskId, stakeAmount)) {
            bid = bid.withTimes(_firstRoundOfBid(taskId), block.timestamp);
            _nextRoster[taskId][place - 1] = bid;
            _validators[taskId][validator] = word.withNextPlace(place, _boundUntil(taskId, bid));
        }
        _refreshStake(taskId, word, stakeAmount);
    }

    /// @dev The first round that a bid of now counts for: the one after the next, so that everybody sees it for a whole
    /// round; before the task's first round that one, if it opens later than in this block. A bid before the last round
    /// counts only if it has to fill a gap: {Freezing}. Reverts with `Rounds_AllRoundsDone` if no round is left.
    function _firstRoundOfBid(uint64 taskId) private view returns (uint256) {
        uint256 next = _nextRound(taskId);
        return next == 1 ? next : next + 1;
    }

    /// @dev Unix seconds until which a candidate must keep its bid: as long as it may take to the opening that considers
    /// it. Otherwise stake that risks nothing could keep others out, or make them raise theirs.
    function _boundUntil(uint64 taskId, PlaceWord bid) private view returns (uint256) {
        (uint256 latest, uint256 first) = (_rounds[taskId].round(), bid.firstRound());
        uint256 rounds = first > latest ? first - latest : 1;
        return block.timestamp + rounds * _roundTerms[taskId].wholeRoundSeconds();
    }

    // ---- ready

    /// @inheritdoc IRoundsMembers
    function ready(uint64 taskId, bytes32 poolRoot) external {
        PoolWord pool = _pools[taskId];
        bool forAnnounced = poolRoot != _poolRoots[taskId][pool.current()];
        bool isAnnounced = pool.announcedFor() != 0 && poolRoot == _poolRoots[taskId][pool.announced()];
        if (poolRoot == 0 || (forAnnounced && !isAnnounced)) revert Rounds_UnknownPool(taskId, poolRoot);

        uint256 place = _validators[taskId][msg.sender].nextPlace();
        if (place == 0) place = _takePlace(taskId, msg.sender);
        _nextRoster[taskId][place - 1] = _nextRoster[taskId][place - 1].withReady(forAnnounced);
        _rosterBits[taskId] = _rosterBits[taskId].withChanged(place - 1);

        emit ValidatorReady(taskId, msg.sender, poolRoot);
    }

    /// @dev Gives a validator that joined a free place, or makes it a candidate for one. Returns its place, from 1.
    function _takePlace(uint64 taskId, address validator) private returns (uint256 place) {
        PlaceWord bid = _requireJoined(taskId, validator);
        bid = bid.withWeight(_weightOf(taskId, _registry().reservationOf(validator, taskId)));
        RosterWord bits = _rosterBits[taskId];
        uint256 boundUntil = 0;
        if (bits.isFull()) {
            _requireBeatable(taskId, bid.weight());
            place = _candidatePlace(taskId, bid.weight()) + 1;
            boundUntil = _boundUntil(taskId, bid);
        } else {
            place = bits.firstFree(0) + 1;
        }

        _joined[taskId][validator] = PlaceWord.wrap(0);
        _nextRoster[taskId][place - 1] = bid;
        _validators[taskId][validator] = _validators[taskId][validator].withNextPlace(place, boundUntil);
        _rosterBits[taskId] = _rosterBits[taskId].withTaken(place - 1);
    }

    /// @dev A free place among the candidates. If there is none, the smallest of them makes room for a larger weight.
    function _candidatePlace(uint64 taskId, uint256 weight) private returns (uint256 place) {
        RosterWord bits = _rosterBits[taskId];
        if (!bits.areCandidatesFull()) return bits.firstFree(RosterWordLibrary.PLACES);

        uint256 smallest;
        (uint256 start, uint256 count) = (RosterWordLibrary.PLACES, RosterWordLibrary.CANDIDATES);
        (place, smallest) = _smallestBid(taskId, start, count, type(uint256).max);
        if (weight <= smallest) _refuseBid(taskId, smallest);
        address outbid = _nextRoster[taskId][place].account();
        _validators[taskId][outbid] = _validators[taskId][outbid].withoutNextPlace();
        uint256 round = _rounds[taskId].round();
        _joined[taskId][outbid] = PlaceWordLibrary.bid(outbid, round + 2, block.timestamp);

        emit ValidatorOutbid(taskId, uint32(round + 1), outbid, msg.sender);
    }

    /// @dev Reverts if all places are taken and none by a smaller weight. A place whose bid doesn't count for the next
    /// round yet is one to be won: bids that are never due keep nobody out.
    function _requireBeatable(uint64 taskId, uint256 weight) private view {
        if (!_rosterBits[taskId].isFull()) return;
        (, uint256 smallest) = _smallestBid(taskId, 0, RosterWordLibrary.PLACES, _nextRound(taskId));
        if (weight <= smallest) _refuseBid(taskId, smallest);
    }

    /// @dev Reverts with the least stake that has more than `weight`; there is none above the largest weight.
    function _refuseBid(uint64 taskId, uint256 weight) private view {
        uint256 minStake = _validationTerms[taskId].minValidatorStake();
        uint256 wanted = weight < Sampling.MIN_WEIGHT ? Sampling.MIN_WEIGHT : weight + 1;
        uint256 leastStake = (minStake * wanted + Sampling.MIN_WEIGHT - 1) / Sampling.MIN_WEIGHT;
        revert Rounds_RosterFull(taskId, weight < Sampling.MAX_WEIGHT ? leastStake : type(uint256).max);
    }

    /// @dev The smallest of `count` bids from `start` on; among equals the lowest index. The weight of a validator that
    /// isn't ready for any pool counts as 0, and so does that of a bid whose first round is later than `round`.
    function _smallestBid(
        uint64 taskId,
        uint256 start,
        uint256 count,
        uint256 round
    ) private view returns (uint256 index, uint256 smallest) {
        smallest = type(uint256).max;
        for (uint256 i = start; i < start + count; ++i) {
            PlaceWord place = _nextRoster[taskId][i];
            bool counts = place.firstRound() <= round && (place.isReady() || place.isReadyForAnnounced());
            uint256 weight = counts ? place.weight() : 0;
            if (weight < smallest) (index, smallest) = (i, weight);
        }
    }

    /// @dev The bid of a validator that joined and has no place.
    function _requireJoined(uint64 taskId, address validator) private view returns (PlaceWord bid) {
        bid = _joined[taskId][validator];
        if (bid.isNone()) revert Rounds_NotInRoster(taskId, validator);
    }

    // ---- leaving

    /// @inheritdoc IRoundsTasks
    function dismissValidator(uint64 taskId, address validator) external onlyTasks returns (bool isReleasable) {
        ValidatorWord word = _validators[taskId][validator];
        if (word.nextPlace() == 0) {
            _requireJoined(taskId, validator);
            _joined[taskId][validator] = PlaceWord.wrap(0);
        } else {
            uint256 boundUntil = word.boundUntil();
            if (block.timestamp < boundUntil) revert Rounds_PlaceBound(taskId, boundUntil);
            _validators[taskId][validator] = _vacate(taskId, word);
        }

        (bool isDrawn, uint256 finalAt) = _releaseOf(taskId, word);
        return !isDrawn && block.timestamp >= finalAt;
    }

    /// @inheritdoc IRoundsTasks
    function requireReleasable(uint64 taskId, address validator) external view {
        ValidatorWord word = _validators[taskId][validator];
        (bool isDrawn, uint256 finalAt) = _releaseOf(taskId, word);
        if (word.nextPlace() != 0 || !_joined[taskId][validator].isNone() || isDrawn) {
            revert Rounds_StillDrawn(taskId, validator);
        }

        _requireFinal(taskId, finalAt);
    }

    /// @dev Whether the open round may draw the validator, and if not, when the last round is final that might have.
    function _releaseOf(uint64 taskId, ValidatorWord word) private view returns (bool isDrawn, uint256 finalAt) {
        RoundWord round = _rounds[taskId];
        if (word.frozenPlace() == 0) return (false, word.releaseAt());
        if (round.status() != RoundWordLibrary.IDLE) return (true, 0);
        // Between rounds nothing more is drawn from the frozen roster: the last round is the one to wait for.
        return (false, _finalAt(taskId, round.round()));
    }
}
