// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsKeeping} from "../interfaces/IRounds.sol";
import {Reputation} from "../libraries/Reputation.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {Finalizing} from "./Finalizing.sol";
import {EarningsWord, ParticipantWord, PlaceWord, ValidatorWord} from "./PeopleWords.sol";
import {OpeningWord, PopulationWord, RoundStates, RoundWord, TimingWord} from "./TaskWords.sol";

/// @title What everybody may read
/// @notice Unpacks the words; nothing is stored for a view's sake.
abstract contract RoundsViews is Finalizing {
    // ---- the round

    /// @inheritdoc IRoundsKeeping
    function roundOf(uint64 taskId) external view returns (RoundView memory view_) {
        TimingWord timing = _timingOf(taskId);
        RoundWord round = _rounds[taskId];
        OpeningWord opening = _openings[taskId];

        view_.round = round.round();
        view_.phase = _phaseOf(taskId);
        view_.submissions = uint32(round.submissions());
        view_.openedBlock = uint64(opening.openedBlock());
        view_.submitEnd = uint64(round.submitEnd());
        view_.beaconId = opening.beaconId();
        view_.previousBeacon = _previousBeacons[taskId];
        view_.baseModelHash = _baseModels[taskId];
        uint256 closed = round.status() == RoundStates.IDLE ? round.round() : round.round() - 1;
        if (closed != 0) view_.closedAt = uint64(_closedAt(taskId, closed));
        if (round.sealedAt() != 0) _addSeal(view_, taskId, timing, round);
    }

    /// @dev What a round has only from its seal on.
    function _addSeal(RoundView memory view_, uint64 taskId, TimingWord timing, RoundWord round) private view {
        uint256 sealedAt = round.sealedAt();
        view_.beacon = _beaconOf(taskId, round);
        view_.cohorts = uint32(Sampling.cohortCount(round.submissions()));
        view_.cohortsDone = uint32(round.cohortsDone());
        view_.cohortsVoid = uint32(round.cohortsVoid());
        view_.openEnd = uint64(timing.openEnd(sealedAt));
        view_.commitEnd = uint64(timing.commitEnd(sealedAt));
        view_.revealEnd = uint64(timing.revealEnd(sealedAt));
        view_.redrawCommitEnd = uint64(timing.redrawCommitEnd(sealedAt));
        view_.redrawRevealEnd = uint64(timing.redrawRevealEnd(sealedAt));
        if (round.doneAt() == 0) return;
        view_.cohortVoteEnd = uint64(round.doneAt() + timing.aggregateSeconds());
        view_.rootVoteEnd = uint64(round.doneAt() + 2 * timing.aggregateSeconds());
    }

    // ---- accounts

    /// @inheritdoc IRoundsKeeping
    function participantOf(uint64 taskId, address contributor) external view returns (ParticipantView memory) {
        ParticipantWord word = _participants[taskId][contributor];
        return
            ParticipantView({
                enrolled: word.isEnrolled(),
                flagged: word.isFlagged(),
                lastRound: word.lastRound(),
                index: uint32(word.index()),
                settledRound: word.settledRound(),
                runningQualityBps: uint16(word.runningQuality()),
                runningRarityBps: uint16(word.runningRarity()),
                reputationBps: uint16(word.reputation()),
                provenSteps: uint8(word.proven()),
                dataUnits: word.dataUnits(),
                seen: uint16(word.seen())
            });
    }

    /// @inheritdoc IRoundsKeeping
    function validatorOf(uint64 taskId, address validator) external view returns (ValidatorView memory view_) {
        ValidatorWord word = _validators[taskId][validator];
        uint256 frozenPlace = word.frozenPlace();
        uint256 nextPlace = word.nextPlace();
        if (frozenPlace != 0) {
            view_.rosterIndex = uint8(frozenPlace - 1);
            view_.seated = true;
            view_.frozenWeight = _laneOf(_weightsOf(taskId), frozenPlace - 1);
        }
        if (nextPlace != 0) {
            if (frozenPlace == 0) view_.rosterIndex = uint8(nextPlace - 1);
            PlaceWord place = _nextRoster[taskId][nextPlace - 1];
            view_.nextWeight = Sampling.weightOf(place.stake(), _services[taskId].minValidatorStake());
        }
        view_.lastRound = word.tallyRound();
        view_.accurateEntries = uint32(word.entries());
        view_.dutySum = uint32(word.dutySum());
        view_.doneSum = uint32(word.doneSum());
        view_.dutyTotal = uint16(word.dutyTotal());
        view_.uptimeBps = uint16(Reputation.uptimeBps(word.dutySum(), word.doneSum(), word.dutyTotal()));
        view_.missedRounds = uint16(_bitsIn(word.history()));
    }

    /// @inheritdoc IRoundsKeeping
    function earningsOf(uint64 taskId, address account) external view returns (EarningsView memory) {
        TimingWord timing = _timingOf(taskId);
        EarningsWord earnings = _earnings[taskId][account].rolled(_epochOf(timing));
        return
            EarningsView({
                matured: earnings.claimable(),
                pending: earnings.current() + earnings.previous(),
                held: _held[taskId][account].amount(),
                nextMaturesAt: _nextMaturity(timing, earnings)
            });
    }

    /// @inheritdoc IRoundsKeeping
    function totalsOf(
        uint64 taskId
    ) external view returns (uint256 credited, uint256 held, uint256 enrolled, uint256 reputationSum) {
        PopulationWord population = _populations[taskId];
        return (population.credited(), population.held(), population.enrolled(), population.reputationSum());
    }

    /// @inheritdoc IRoundsKeeping
    function purseOf(uint64 taskId) external view returns (uint256) {
        return _purses[taskId].amount();
    }

    // ---- rosters and committees

    /// @inheritdoc IRoundsKeeping
    function rosterOf(uint64 taskId) external view returns (address[] memory validators, uint16[] memory weights) {
        validators = new address[](Sampling.MAX_VALIDATORS);
        weights = new uint16[](Sampling.MAX_VALIDATORS);
        uint256[4] memory lanes = _weightsOf(taskId);
        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            validators[index] = _frozenRoster[taskId][index];
            weights[index] = _laneOf(lanes, index);
        }
    }

    /// @inheritdoc IRoundsKeeping
    function rootSeatsOf(uint64 taskId) external view returns (address[] memory) {
        return _seatsOf(taskId, _rootOf(taskId, _requireSealed(taskId, ROOT)));
    }
}
