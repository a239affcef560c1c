// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {IRoundsKeepers} from "../interfaces/IRoundsKeepers.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {RoundRecords} from "../libraries/RoundRecords.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {TaskBounds} from "../libraries/TaskBounds.sol";
import {CohortWord, CohortWordLibrary} from "../types/CohortWord.sol";
import {NewcomersWord} from "../types/NewcomersWord.sol";
import {RecordWordLibrary} from "../types/RecordWord.sol";
import {RoundStartWordLibrary} from "../types/RoundStartWord.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {Committees} from "./Committees.sol";
import {Freezing} from "./Freezing.sol";
import {Purse} from "./Purse.sol";
import {StorageKeys} from "./StorageKeys.sol";

/// @title Starting, closing, sealing and voiding a round
/// @notice Anyone may call these functions when they are due. Each leaves the round in a phase that ends by the clock,
/// or by another call that anyone can make.
abstract contract Lifecycle is Committees, Freezing, Purse {
    // ---- starting

    /// @inheritdoc IRoundsKeepers
    function openRound(uint64 taskId) external {
        RoundTermsWord terms = _termsOf(taskId);
        RoundWord last = _rounds[taskId];
        _requirePhase(taskId, last, Phase.Idle);
        ITasks tasks = _tasks();
        if (tasks.isClosed(taskId)) revert Rounds_TaskClosed(taskId);
        uint32 round = _nextRound(taskId);
        (uint256 enrolled, uint256 reputationSum, bool hasNewcomers) = _countEnrolled(taskId);
        if (enrolled < terms.minContributors()) revert Rounds_TooFewContributors(enrolled, terms.minContributors());

        _requireValidators(taskId, terms, round);
        uint256 submitEnd = block.timestamp + terms.submitSeconds();
        bool isSelective = hasNewcomers || enrolled > terms.slots();
        _rounds[taskId] = _inSeason(taskId, last.opened(round, terms.slots(), submitEnd, isSelective));
        if (last.sealedAt() != 0) _previousBeacons[taskId] = _beaconOf(taskId, last);
        bytes32 baseModel = _beginRecord(taskId, round);

        uint256 reserved = tasks.reserveRound(taskId);
        _starts[taskId] = RoundStartWordLibrary.pack(reserved, block.number, enrolled, reputationSum);

        emit RoundOpened(taskId, round, baseModel, reserved, submitEnd);
    }

    /// @dev Begins the record of a round that opens, after its roster was frozen and the previous beacon is known.
    function _beginRecord(uint64 taskId, uint32 round) private returns (bytes32 baseModel) {
        baseModel = _baseModels[taskId];
        uint224 chain = RoundRecords.opening(round, baseModel, _previousBeacons[taskId], _rosterDigests[taskId]);
        _records[taskId][StorageKeys.record(round)] = RecordWordLibrary.opened(round, chain);
    }

    /// @dev The contributors that a round which opens now counts, and the sum of their reputations in bps. Those who
    /// enrolled in this block don't count: nobody can fill a round, or block its opening, at a moment's notice.
    function _countEnrolled(
        uint64 taskId
    ) private view returns (uint256 enrolled, uint256 reputationSum, bool hasNewcomers) {
        TaskTotalsWord totals = _totals[taskId];
        (enrolled, reputationSum) = (totals.enrolled(), totals.reputationSum());
        NewcomersWord newcomers = _newcomers[taskId];
        hasNewcomers = newcomers.enrolledAt() == block.timestamp;
        if (hasNewcomers) {
            enrolled -= newcomers.count();
            reputationSum -= newcomers.reputationSum();
        }
    }

    /// @dev The word of a round that opens now; the first one after a pause begins a season. Called before it is stored.
    function _inSeason(uint64 taskId, RoundWord opened) private returns (RoundWord) {
        uint256 round = opened.round();
        if (round == 1 || block.timestamp < _finalAt(taskId, round - 1) + PAUSE_SECONDS) return opened;

        _totals[taskId] = _totals[taskId].withResumed(block.timestamp);
        return opened.withNextSeason();
    }

    /// @dev Freezes the roster and requires 2k + 1 validators with weight in it.
    function _requireValidators(uint64 taskId, RoundTermsWord terms, uint32 round) private {
        uint256 releaseAt = round == 1 ? 0 : _closedAt(taskId, round - 1) + terms.challengeSeconds();
        uint256 minimum = 2 * terms.committeeSize() + 1;
        uint256 weighted = _freezeRoster(taskId, round, releaseAt, minimum);
        if (weighted < minimum) revert Rounds_TooFewValidators(weighted, minimum);
    }

    // ---- closing and sealing

    /// @inheritdoc IRoundsKeepers
    function closeSubmissions(uint64 taskId) external {
        RoundWord round = _rounds[taskId];
        _requirePhase(taskId, round, Phase.CloseDue);
        if (round.submissions() == 0) {
            _voidRound(taskId, round, VoidReason.NoSubmissions);
            return;
        }

        _rounds[taskId] = round.withRequest(block.timestamp);
        uint64 beaconId = _beacon().request();
        _starts[taskId] = _starts[taskId].withBeaconId(beaconId);

        emit SubmissionsClosed(taskId, round.round(), round.submissions(), beaconId);
    }

    /// @inheritdoc IRoundsKeepers
    function seal(uint64 taskId) external {
        RoundWord round = _rounds[taskId];
        _requirePhase(taskId, round, Phase.SealDue);
        uint64 beaconId = _starts[taskId].beaconId();
        (IBeacon.Status status, bytes32 value) = _readBeacon(beaconId);
        if (status == IBeacon.Status.Pending) {
            if (block.timestamp < round.requestedAt() + TaskBounds.BEACON_WAIT_SECONDS) {
                revert Rounds_BeaconPending(beaconId);
            }
            _voidRound(taskId, round, VoidReason.BeaconSilent);
            return;
        }
        if (status == IBeacon.Status.Expired) {
            _voidRound(taskId, round, VoidReason.BeaconExpired);
            return;
        }

        _beacons[taskId][StorageKeys.beacon(round.round())] = value;
        uint256 key = StorageKeys.record(round.round());
        _records[taskId][key] = _records[taskId][key].withSubmissions(round.submissions());
        _rounds[taskId] = round.withSeal(block.timestamp);

        emit RoundSealed(taskId, round.round(), value);
    }

    /// @dev Reads the beacon. One that reverts counts as pending: it must not lock the round.
    function _readBeacon(uint64 beaconId) private view returns (IBeacon.Status, bytes32) {
        try _beacon().read(beaconId) returns (IBeacon.Status status, bytes32 value) {
            return (status, value);
        } catch {
            return (IBeacon.Status.Pending, 0);
        }
    }

    /// @dev Ends a round that pays nothing and fines nobody.
    function _voidRound(uint64 taskId, RoundWord round, VoidReason reason) private {
        _closeRound(taskId, round);
        emit RoundVoided(taskId, round.round(), reason);

        _tryCollect(taskId);
    }

    // ---- cohorts without a majority

    /// @inheritdoc IRoundsKeepers
    function redrawCommittees(uint64 taskId, uint32[] calldata cohorts) external {
        RoundWord round = _rounds[taskId];
        Phase phase = _phaseOf(taskId, round);
        if (phase != Phase.RedrawCommit && phase != Phase.RedrawReveal) _wrongPhase(taskId, phase, Phase.RedrawCommit);
        uint256 count = Sampling.cohortCount(round.submissions());
        uint256 seatCount = _roundTerms[taskId].committeeSize();
        for (uint256 i = 0; i < cohorts.length; ++i) {
            uint32 cohort = cohorts[i];
            if (cohort >= count) revert Rounds_UnknownCohort(cohort, count);
            CohortWord word = _committeeOf(taskId, round, cohort);
            if (word.attempt() == 1 || 2 * word.acted() > seatCount) continue;
            _cohorts[taskId][cohort] = _redraw(taskId, round, cohort, word);
        }
    }

    /// @inheritdoc IRoundsKeepers
    function voidCohort(uint64 taskId, uint32 cohort) external {
        RoundWord round = _rounds[taskId];
        _requirePhase(taskId, round, Phase.SettleDue);
        uint256 cohorts = Sampling.cohortCount(round.submissions());
        if (cohort >= cohorts) revert Rounds_UnknownCohort(cohort, cohorts);
        RoundTermsWord terms = _roundTerms[taskId];
        CohortWord word = _committeeOf(taskId, round, cohort);
        if (word.state() != CohortWordLibrary.OPEN) revert Rounds_CohortDone(cohort);
        if (2 * word.acted() > terms.committeeSize()) revert Rounds_HasMajority(cohort, word.acted());

        // The second committee is drawn even if no call asked for it: its silent seats have missed a duty too.
        if (word.attempt() == 0) word = _redraw(taskId, round, cohort, word);
        _endAttempt(taskId, round, cohort, word);
        _cohorts[taskId][cohort] = word.withState(CohortWordLibrary.VOID);
        _rounds[taskId] = _withDone(round.withCohorts(round.cohortsDone() + 1, round.cohortsVoid() + 1));

        emit CohortVoided(taskId, round.round(), cohort);
    }
}
