// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {IRoundsKeeping} from "../interfaces/IRounds.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {CohortWord, Cohorts} from "./CohortWords.sol";
import {Roster} from "./Roster.sol";
import {Openings, PopulationWord, RoundStates, RoundWord, TimingWord} from "./TaskWords.sol";

/// @title What moves a round on
/// @notice Anyone may call these when they are due; each leaves the round in a phase that ends by itself or by another such call.
abstract contract Turning is Roster {
    // ---- opening

    /// @inheritdoc IRoundsKeeping
    function openRound(uint64 taskId) external {
        TimingWord timing = _timingOf(taskId);
        RoundWord last = _rounds[taskId];
        if (last.status() != RoundStates.IDLE) _wrongPhase(taskId, Phase.Idle);
        if (_TASKS.isClosed(taskId)) revert Rounds_TaskClosed(taskId);
        uint32 round = _nextRound(taskId);
        PopulationWord population = _populations[taskId];
        if (population.enrolled() < timing.minContributors()) {
            revert Rounds_TooFewContributors(population.enrolled(), timing.minContributors());
        }

        _requireValidators(taskId, timing, round);
        uint256 submitEnd = block.timestamp + timing.submitSeconds();
        uint256 slots = timing.slots();
        _rounds[taskId] = RoundStates.opened(round, slots, submitEnd, population.enrolled() > slots);
        if (last.sealedAt() != 0) _previousBeacons[taskId] = _beaconOf(taskId, last);

        uint256 reserved = _TASKS.reserveRound(taskId);
        _openings[taskId] = Openings.pack(reserved, block.number, population.enrolled(), population.reputationSum());

        emit RoundOpened(taskId, round, _baseModels[taskId], reserved, submitEnd);
    }

    /// @dev Freezes the roster; a round needs 2k + 1 validators with weight in it.
    function _requireValidators(uint64 taskId, TimingWord timing, uint32 round) private {
        uint256 releaseAt = round == 1 ? 0 : _closedAt(taskId, round - 1) + timing.challengeSeconds();
        uint256 weighted = _freezeRoster(taskId, round, releaseAt);
        uint256 minimum = 2 * timing.committeeSize() + 1;
        if (weighted < minimum) revert Rounds_TooFewValidators(weighted, minimum);
    }

    // ---- closing and sealing

    /// @inheritdoc IRoundsKeeping
    function closeSubmissions(uint64 taskId) external {
        RoundWord round = _rounds[taskId];
        if (round.status() != RoundStates.SUBMIT || block.timestamp < round.submitEnd()) {
            _wrongPhase(taskId, Phase.CloseDue);
        }
        if (round.submissions() == 0) {
            _voidRound(taskId, round, VoidReason.NoSubmissions);
            return;
        }

        _rounds[taskId] = round.withStatus(RoundStates.SEALING);
        uint64 beaconId = _BEACON.request();
        _openings[taskId] = _openings[taskId].withBeaconId(beaconId);

        emit SubmissionsClosed(taskId, round.round(), round.submissions(), beaconId);
    }

    /// @inheritdoc IRoundsKeeping
    function seal(uint64 taskId) external {
        RoundWord round = _rounds[taskId];
        if (round.status() != RoundStates.SEALING) _wrongPhase(taskId, Phase.SealDue);
        uint64 beaconId = _openings[taskId].beaconId();
        (IBeacon.Status status, bytes32 value) = _BEACON.read(beaconId);
        if (status == IBeacon.Status.Pending) revert Rounds_BeaconPending(beaconId);
        if (status == IBeacon.Status.Expired) {
            _voidRound(taskId, round, VoidReason.BeaconExpired);
            return;
        }

        _beacons[taskId][round.round() % RING] = value;
        _rounds[taskId] = round.withSeal(block.timestamp);

        emit RoundSealed(taskId, round.round(), value);
    }

    /// @dev Ends a round without pay or fault.
    function _voidRound(uint64 taskId, RoundWord round, VoidReason reason) private {
        _closeRound(taskId, round);
        emit RoundVoided(taskId, round.round(), reason);

        _tryCollect(taskId);
    }

    // ---- cohorts without a majority

    /// @inheritdoc IRoundsKeeping
    function voidCohort(uint64 taskId, uint32 cohort) external {
        RoundWord round = _requireScoring(taskId);
        uint256 cohorts = Sampling.cohortCount(round.submissions());
        if (cohort >= cohorts) revert Rounds_UnknownCohort(cohort, cohorts);
        TimingWord timing = _timings[taskId];
        if (block.timestamp < timing.redrawRevealEnd(round.sealedAt())) _wrongPhase(taskId, Phase.SettleDue);
        CohortWord word = _cohorts[taskId][cohort];
        if (word.round() != round.round()) word = _draw(taskId, round, cohort, 0, 0);
        if (word.state() != Cohorts.OPEN) revert Rounds_CohortDone(cohort);
        if (2 * word.acted() > timing.committeeSize()) revert Rounds_HasMajority(cohort, word.acted());

        // The second committee was drawn whether anybody asked for it or not: its silence is a fault too.
        if (word.attempt() == 0) word = _redraw(taskId, round, cohort, word);
        _endAttempt(taskId, round, cohort, word);
        _cohorts[taskId][cohort] = word.withState(Cohorts.VOID);
        _rounds[taskId] = _withDone(round.withCohorts(round.cohortsDone() + 1, round.cohortsVoid() + 1));

        emit CohortVoided(taskId, round.round(), cohort);
    }

    // ---- the books

    /// @dev Ends a round in every way that it can end: the time is noted and the escrow gets back what isn't owed.
    function _closeRound(uint64 taskId, RoundWord round) internal {
        uint256 place = (round.round() % RING) / 4;
        uint256 shift = 64 * (round.round() % 4);
        uint256 times = _closings[taskId][place] & ~(uint256(type(uint64).max) << shift);

        _closings[taskId][place] = times | (block.timestamp << shift);
        _rounds[taskId] = round.withStatus(RoundStates.IDLE);

        _TASKS.closeRound(taskId, _openings[taskId].reserve(), _populations[taskId].liability());
    }
}
