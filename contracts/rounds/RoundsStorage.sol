// SPDX-License-Identifier: MIT
// All state variables of Rounds are declared here and nowhere else.
// solhint-disable max-states-count
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {IRoundsErrors} from "../interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../interfaces/IRoundsEvents.sol";
import {IRoundsWiring} from "../interfaces/IRoundsWiring.sol";
import {IStakeRegistry} from "../interfaces/IStakeRegistry.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {Phases} from "../libraries/Phases.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {ClosingTimesWord} from "../types/ClosingTimesWord.sol";
import {CohortWord} from "../types/CohortWord.sol";
import {EarningsWord} from "../types/EarningsWord.sol";
import {HeldWord} from "../types/HeldWord.sol";
import {NewcomersWord} from "../types/NewcomersWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {PayTermsWord} from "../types/PayTermsWord.sol";
import {PlaceWord} from "../types/PlaceWord.sol";
import {PoolWord} from "../types/PoolWord.sol";
import {PurseWord} from "../types/PurseWord.sol";
import {RecordWord} from "../types/RecordWord.sol";
import {RosterWord} from "../types/RosterWord.sol";
import {RoundStartWord} from "../types/RoundStartWord.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {TaggedHash} from "../types/TaggedHash.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {ValidationTermsWord} from "../types/ValidationTermsWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {StorageKeys} from "./StorageKeys.sol";

/// @title The storage of Rounds, and what all its parts share
/// @notice Storage doesn't grow with the number of rounds: words are reused, and evidence is kept in rings, see
/// {StorageKeys}.
abstract contract RoundsStorage is IRoundsEvents, IRoundsErrors {
    /// The cohort number of the root committee.
    uint32 internal constant ROOT = uint32(Sampling.ROOT_COHORT);

    /// A round that opens this long after the one before it became final comes after a pause. Validators' oracles open
    /// a round as soon as they can, so a pause means that the escrow lacks funds or the task lacks people. Until then
    /// whoever has held pay must be ready to train.
    uint256 internal constant PAUSE_SECONDS = 3 days;

    // ---- a task: its terms, totals and purse, and its current round

    mapping(uint64 taskId => RoundTermsWord) internal _roundTerms;
    mapping(uint64 taskId => PayTermsWord) internal _payTerms;
    mapping(uint64 taskId => ValidationTermsWord) internal _validationTerms;
    mapping(uint64 taskId => TaskTotalsWord) internal _totals;
    mapping(uint64 taskId => PurseWord) internal _purses;
    mapping(uint64 taskId => RoundWord) internal _rounds;
    mapping(uint64 taskId => RoundStartWord) internal _starts;
    /// The model that the current round trains from; while Idle, that of the next round.
    mapping(uint64 taskId => bytes32 modelHash) internal _baseModels;
    /// The beacon of the last sealed round before this one.
    mapping(uint64 taskId => bytes32 beacon) internal _previousBeacons;
    /// Ring of beacons, at {StorageKeys.beacon}.
    mapping(uint64 taskId => mapping(uint256 key => bytes32 beacon)) internal _beacons;
    /// Ring of closing times, at {StorageKeys.closing}.
    mapping(uint64 taskId => mapping(uint256 key => ClosingTimesWord)) internal _closings;

    // ---- accounts

    mapping(uint64 taskId => mapping(address contributor => ParticipantWord)) internal _participants;
    mapping(uint64 taskId => mapping(address validator => ValidatorWord)) internal _validators;
    mapping(uint64 taskId => mapping(address account => EarningsWord)) internal _earnings;
    mapping(uint64 taskId => mapping(address contributor => HeldWord)) internal _held;

    // ---- rosters: the frozen one for the draws of this round, and the next one

    /// Weights by roster index, packed as in {WeightLanes}.
    mapping(uint64 taskId => uint256[4] lanes) internal _frozenWeights;
    mapping(uint64 taskId => mapping(uint256 index => address validator)) internal _frozenRoster;
    /// Places 0…63, and behind them the candidates for one.
    mapping(uint64 taskId => mapping(uint256 index => PlaceWord)) internal _nextRoster;
    mapping(uint64 taskId => RosterWord) internal _rosterBits;

    // ---- evidence of a round

    /// Ring of digests of pages of submissions, at {StorageKeys.page}.
    mapping(uint64 taskId => mapping(uint256 key => bytes32 digest)) internal _pages;
    /// Ring of commitments to sheets, at {StorageKeys.sheet}.
    mapping(uint64 taskId => mapping(address validator => mapping(uint256 key => TaggedHash))) internal _sheets;
    mapping(uint64 taskId => mapping(uint32 cohort => CohortWord)) internal _cohorts;
    /// Two score words a seat, the first at {StorageKeys.score}. Valid for the seats that have revealed by the
    /// cohort's word.
    mapping(uint64 taskId => mapping(uint256 key => uint256 word)) internal _scores;
    /// Votes for aggregates, at {StorageKeys.vote}.
    mapping(uint64 taskId => mapping(uint256 key => TaggedHash)) internal _votes;
    /// Votes for the next model. Valid for the seats that have voted by the root's word.
    mapping(uint64 taskId => mapping(uint256 seat => bytes32 modelHash)) internal _modelVotes;

    // ---- who entered lately

    /// Unix seconds of a contributor's last enrolment.
    mapping(uint64 taskId => mapping(address contributor => uint256 time)) internal _enrolledAt;
    mapping(uint64 taskId => NewcomersWord) internal _newcomers;
    /// Bids of validators that joined and have no place: they aren't ready yet, or were outbid.
    mapping(uint64 taskId => mapping(address validator => PlaceWord)) internal _joined;

    // ---- the held-out pool

    /// Merkle roots of the current and of an announced pool, by the keys in {PoolWord}.
    mapping(uint64 taskId => mapping(uint256 key => bytes32 poolRoot)) internal _poolRoots;
    mapping(uint64 taskId => PoolWord) internal _pools;

    // ---- what the court proves against

    /// Digests of the frozen rosters, see {RoundRecords}.
    mapping(uint64 taskId => bytes32 digest) internal _rosterDigests;
    /// Ring of the records of rounds, at {StorageKeys.record}.
    mapping(uint64 taskId => mapping(uint256 key => RecordWord)) internal _records;

    // ---- what cases freeze and take

    /// Earnings that open cases keep from an account.
    mapping(uint64 taskId => mapping(address account => EarningsWord)) internal _seized;
    /// Forfeited reward wei that the escrow hasn't got back yet.
    mapping(uint64 taskId => uint256 amount) internal _forfeited;
    /// Model that a verdict chose while a round was open: the next round trains from it. 0 for none.
    mapping(uint64 taskId => bytes32 modelHash) internal _rollBacks;
    /// Spans of rounds that verdicts undid, the earliest first, none overlapping: the first round × 2³² + the round that
    /// opened or will open next.
    mapping(uint64 taskId => uint64[] spans) internal _undone;

    // ---- reading

    /// @dev The terms of a task. Reverts with `Rounds_UnknownTask` if it doesn't exist.
    function _termsOf(uint64 taskId) internal view returns (RoundTermsWord terms) {
        terms = _roundTerms[taskId];
        if (terms.isNone()) revert Rounds_UnknownTask(taskId);
    }

    /// @dev The number of the next round. Reverts with `Rounds_AllRoundsDone` if there is none: nobody should pay to
    /// enter such a task.
    function _nextRound(uint64 taskId) internal view returns (uint32 round) {
        round = _rounds[taskId].round() + 1;
        uint256 maxRounds = _validationTerms[taskId].maxRounds();
        if (round > maxRounds) revert Rounds_AllRoundsDone(taskId, maxRounds);
    }

    // ---- phases, by the table in {Phases}

    /// @dev Reverts unless the round is in the phase `needed`.
    function _requirePhase(uint64 taskId, RoundWord round, Phase needed) internal view {
        Phase actual = _phaseOf(taskId, round);
        if (actual != needed) _wrongPhase(taskId, actual, needed);
    }

    /// @dev Reverts with the current phase and the phase that the call belongs to.
    function _wrongPhase(uint64 taskId, Phase actual, Phase needed) internal pure {
        revert Rounds_WrongPhase(taskId, actual, needed);
    }

    /// @dev The phase of a task's round. Reads the terms only if the phase depends on them.
    function _phaseOf(uint64 taskId, RoundWord round) internal view returns (Phase) {
        if (round.status() < RoundWordLibrary.SCORING) return Phases.beforeSeal(round, block.timestamp);
        return Phases.sinceSeal(round, _roundTerms[taskId], block.timestamp);
    }

    // ---- the other contracts: the other pieces have no immutables and ask the contract on whose storage they run

    function _tasks() internal view returns (ITasks tasks) {
        (tasks, , , , , ) = IRoundsWiring(address(this)).wiring();
    }

    function _registry() internal view returns (IStakeRegistry registry) {
        (, registry, , , , ) = IRoundsWiring(address(this)).wiring();
    }

    function _beacon() internal view returns (IBeacon beacon) {
        (, , beacon, , , ) = IRoundsWiring(address(this)).wiring();
    }

    // ---- time and rings

    /// @dev Number of the current epoch of earnings, counted from 1970, modulo 2¹⁶.
    function _epochOf(RoundTermsWord terms) internal view returns (uint256) {
        return terms.epochAt(block.timestamp);
    }

    /// @dev Unix seconds at which a closed round becomes final. For the open round the largest number, because that
    /// time isn't known yet. For a round that has left the ring 0: Tasks limits the challenge window to what seven
    /// rounds last at least, so such a round is final.
    function _finalAt(uint64 taskId, uint256 round) internal view returns (uint256) {
        RoundWord latest = _rounds[taskId];
        if (round == latest.round() && latest.status() != RoundWordLibrary.IDLE) return type(uint256).max;
        if (latest.round() - round >= StorageKeys.RING) return 0;
        return _closedAt(taskId, round) + _roundTerms[taskId].challengeSeconds();
    }

    /// @dev Unix seconds at which a round opened, for the latest one and those that the ring still holds. For one that
    /// lasted longer than 194 days it is a later time.
    function _openedAt(uint64 taskId, uint256 round) internal view returns (uint256) {
        RoundWord latest = _rounds[taskId];
        if (round == latest.round()) return latest.submitEnd() - _roundTerms[taskId].submitSeconds();
        ClosingTimesWord times = _closings[taskId][StorageKeys.closing(round)];
        return times.timeOf(round) - times.lengthOf(round);
    }

    /// @dev Unix seconds at which a round closed, for a round that the ring still holds.
    function _closedAt(uint64 taskId, uint256 round) internal view returns (uint256) {
        return _closings[taskId][StorageKeys.closing(round)].timeOf(round);
    }
}
