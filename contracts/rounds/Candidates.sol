// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PlaceWord, PlaceWordLibrary} from "../types/PlaceWord.sol";
import {PoolWord} from "../types/PoolWord.sol";
import {RosterWord, RosterWordLibrary} from "../types/RosterWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {RoundsStorage} from "./RoundsStorage.sol";

/// @title Candidates for the places of a full roster
/// @notice An opening seats the candidates with the largest weights: on free places, on places whose bids don't count yet
/// or have no weight, and on up to four others, the smallest first. Those are outbid: their bids count as new ones.
///
/// Let T be the weight of all bids that count and had a place before an opening or have one after it, and L that of the
/// m places with weight that it replaced. These are the smallest of 64 + m bids, so L ≤ T · m / (64 + m). A group of bids with the sum s gets
/// at most s / (T − L) of the drawn weight, which exceeds its share s / T by at most L / T < m / 64. So nobody's weight
/// exceeds its share of what was bid by more than 1/64 for each replaced place, four of them at most.
abstract contract Candidates is RoundsStorage {
    /// Places with weight that one opening may take from their validators.
    uint256 private constant MOST_REPLACED = 4;

    /// A round that opens.
    /// @param taskId the task
    /// @param round its number
    /// @param hasChanged whether the frozen roster differs from that of the round before
    /// @param hastySeconds bids that have stood for so long count before their first round
    struct Opening {
        uint64 taskId;
        uint32 round;
        bool hasChanged;
        uint256 hastySeconds;
    }

    /// @dev Makes the announced pool the current one if the round is its first. Who isn't ready for it has no weight.
    function _changePool(uint64 taskId, uint32 round) internal {
        PoolWord pool = _pools[taskId];
        if (pool.announcedFor() != round) return;

        _pools[taskId] = pool.withChanged(round);
        RosterWord bits = _rosterBits[taskId];
        mapping(uint256 index => PlaceWord) storage places = _nextRoster[taskId];
        for (uint256 i = 0; i < RosterWordLibrary.PLACES + RosterWordLibrary.CANDIDATES; ++i) {
            if (bits.isTaken(i)) places[i] = places[i].withPoolChanged();
        }
        _rosterBits[taskId] = bits.withAllChanged(type(uint64).max);

        emit PoolChanged(taskId, round, _poolRoots[taskId][pool.announced()]);
    }

    /// @dev Gives places to candidates, the largest weight first.
    function _seatCandidates(Opening memory opening) internal {
        uint64 taskId = opening.taskId;
        if (_rosterBits[taskId].hasNoCandidates()) return;

        mapping(uint256 index => PlaceWord) storage places = _nextRoster[taskId];
        uint256[] memory weights = new uint256[](RosterWordLibrary.PLACES);
        for (uint256 i = 0; i < RosterWordLibrary.PLACES; ++i) {
            if (_isDue(opening, places[i])) weights[i] = places[i].readyWeight();
        }
        uint256 replaced = 0;
        while (true) {
            (uint256 from, uint256 weight) = _largestCandidate(opening);
            if (weight == 0) return;
            uint256 to = _smallest(weights);
            if (!_rosterBits[taskId].isFull()) to = _rosterBits[taskId].firstFree(0);
            else if (weights[to] >= weight || (weights[to] != 0 && replaced++ == MOST_REPLACED)) return;
            _seat(opening, from, to);
            weights[to] = weight;
        }
    }

    /// @dev The due candidate with the largest weight for the current pool; among equals the first place. Weight 0 if
    /// there is none.
    function _largestCandidate(Opening memory opening) private view returns (uint256 index, uint256 weight) {
        mapping(uint256 index => PlaceWord) storage places = _nextRoster[opening.taskId];
        for (uint256 i = 0; i < RosterWordLibrary.CANDIDATES; ++i) {
            PlaceWord place = places[RosterWordLibrary.PLACES + i];
            if (place.readyWeight() <= weight || !_isDue(opening, place)) continue;
            (index, weight) = (RosterWordLibrary.PLACES + i, place.readyWeight());
        }
    }

    /// @dev Moves a candidate to a place of the roster. Whoever has the place is outbid: its stake stays reserved, and
    /// it may bid again or leave.
    function _seat(Opening memory opening, uint256 from, uint256 to) private {
        uint64 taskId = opening.taskId;
        mapping(uint256 index => PlaceWord) storage places = _nextRoster[taskId];
        mapping(address validator => ValidatorWord) storage validators = _validators[taskId];
        (PlaceWord candidate, PlaceWord before) = (places[from], places[to]);
        uint256 boundUntil = 0;
        if (!before.isNone()) {
            address outbid = before.account();
            validators[outbid] = validators[outbid].withoutNextPlace();
            _joined[taskId][outbid] = PlaceWordLibrary.bid(outbid, opening.round + 2, block.timestamp);
            // Long enough for a whole round to use the place: otherwise stake that risks nothing could empty a roster.
            boundUntil = block.timestamp + _roundTerms[taskId].wholeRoundSeconds();
            emit ValidatorOutbid(taskId, opening.round, outbid, candidate.account());
        }

        places[to] = candidate;
        places[from] = PlaceWord.wrap(0);
        validators[candidate.account()] = validators[candidate.account()].withNextPlace(to + 1, boundUntil);
        _rosterBits[taskId] = _rosterBits[taskId].withFree(from).withTaken(to);
    }

    /// @dev Whether a bid counts for the round that opens now: not in the block of the bid, and not before its first
    /// round unless it has stood for long.
    function _isDue(Opening memory opening, PlaceWord place) internal view returns (bool) {
        uint256 age = block.timestamp - place.bidAt();
        return age != 0 && (place.firstRound() <= opening.round || age >= opening.hastySeconds);
    }

    /// @dev The index of the smallest weight; among equals the lowest.
    function _smallest(uint256[] memory weights) internal pure returns (uint256 index) {
        for (uint256 i = 1; i < weights.length; ++i) if (weights[i] < weights[index]) index = i;
    }
}
