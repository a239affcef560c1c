// SPDX-License-Identifier: MIT
// All state of Rounds stands here, and nowhere else.
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
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {PayTermsWord} from "../types/PayTermsWord.sol";
import {PlaceWord} from "../types/PlaceWord.sol";
import {PurseWord} from "../types/PurseWord.sol";
import {RosterWord} from "../types/RosterWord.sol";
import {RoundStartWord} from "../types/RoundStartWord.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {TaggedHash} from "../types/TaggedHash.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {ValidationTermsWord} from "../types/ValidationTermsWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {StoragePlaces} from "./StoragePlaces.sol";

/// @title What Rounds remembers, and what all its parts ask of it
/// @notice No state grows with the number of rounds: words are reused, evidence lies in rings, see {StoragePlaces}.
abstract contract RoundsStorage is IRoundsEvents, IRoundsErrors {
    /// The cohort number of the root committee.
    uint32 internal constant ROOT = uint32(Sampling.ROOT_COHORT);

    // ---- a task: terms copied at its creation, people, the round

    mapping(uint64 taskId => RoundTermsWord) internal _roundTerms;
    mapping(uint64 taskId => PayTermsWord) internal _payTerms;
    mapping(uint64 taskId => ValidationTermsWord) internal _validationTerms;
    mapping(uint64 taskId => TaskTotalsWord) internal _totals;
    mapping(uint64 taskId => PurseWord) internal _purses;
    mapping(uint64 taskId => RoundWord) internal _rounds;
    mapping(uint64 taskId => RoundStartWord) internal _starts;
    /// The model that the round trains from; while Idle the next round's.
    mapping(uint64 taskId => bytes32 modelHash) internal _baseModels;
    /// The beacon of the last sealed round before this one.
    mapping(uint64 taskId => bytes32 beacon) internal _previousBeacons;
    /// Ring, at {StoragePlaces.beacon}.
    mapping(uint64 taskId => mapping(uint256 place => bytes32 beacon)) internal _beacons;
    /// Ring, at {StoragePlaces.closing}.
    mapping(uint64 taskId => mapping(uint256 place => ClosingTimesWord)) internal _closings;

    // ---- accounts

    mapping(uint64 taskId => mapping(address contributor => ParticipantWord)) internal _participants;
    mapping(uint64 taskId => mapping(address validator => ValidatorWord)) internal _validators;
    mapping(uint64 taskId => mapping(address account => EarningsWord)) internal _earnings;
    mapping(uint64 taskId => mapping(address contributor => HeldWord)) internal _held;

    // ---- the roster: the frozen one that this round draws from, and the next one

    /// By roster index, as {WeightLanes} has them.
    mapping(uint64 taskId => uint256[4] lanes) internal _frozenWeights;
    mapping(uint64 taskId => mapping(uint256 index => address validator)) internal _frozenRoster;
    mapping(uint64 taskId => mapping(uint256 index => PlaceWord)) internal _nextRoster;
    mapping(uint64 taskId => RosterWord) internal _rosterBits;

    // ---- evidence of a round

    /// Ring: digests of pages of submissions, at {StoragePlaces.page}.
    mapping(uint64 taskId => mapping(uint256 place => bytes32 digest)) internal _pages;
    /// Ring: commitments to sheets, at {StoragePlaces.sheet}.
    mapping(uint64 taskId => mapping(address validator => mapping(uint256 place => TaggedHash))) internal _sheets;
    mapping(uint64 taskId => mapping(uint32 cohort => CohortWord)) internal _cohorts;
    /// Two words a seat, at {StoragePlaces.score} and after it. Valid for the seats that the cohort's word says have revealed.
    mapping(uint64 taskId => mapping(uint256 place => uint256 word)) internal _scores;
    /// Aggregates' hashes, at {StoragePlaces.vote}.
    mapping(uint64 taskId => mapping(uint256 place => TaggedHash)) internal _votes;
    /// Votes of the root seats that the root's word says have voted.
    mapping(uint64 taskId => mapping(uint256 seat => bytes32 modelHash)) internal _modelVotes;

    // ---- reading

    /// @dev The terms of a task that exists.
    function _termsOf(uint64 taskId) internal view returns (RoundTermsWord terms) {
        terms = _roundTerms[taskId];
        if (terms.isNone()) revert Rounds_UnknownTask(taskId);
    }

    // ---- phases: {Phases} has the table, this reads what it asks for

    /// @dev Reverts unless the round is in the phase that a call belongs to.
    function _requirePhase(uint64 taskId, RoundWord round, Phase needed) internal view {
        Phase actual = _phaseOf(taskId, round);
        if (actual != needed) _wrongPhase(taskId, actual, needed);
    }

    /// @dev Reverts with the phase that it is and the one that a call belongs to.
    function _wrongPhase(uint64 taskId, Phase actual, Phase needed) internal pure {
        revert Rounds_WrongPhase(taskId, actual, needed);
    }

    /// @dev The phase of a task's round; the terms are read once they matter.
    function _phaseOf(uint64 taskId, RoundWord round) internal view returns (Phase) {
        if (round.status() < RoundWordLibrary.SCORING) return Phases.beforeSeal(round, block.timestamp);
        return Phases.sinceSeal(round, _roundTerms[taskId], block.timestamp);
    }

    // ---- whom Rounds works with; the extension has no immutables, so it asks the contract on whose storage it runs

    function _tasks() internal view returns (ITasks tasks) {
        (tasks, , , ) = IRoundsWiring(address(this)).wiring();
    }

    function _registry() internal view returns (IStakeRegistry registry) {
        (, registry, , ) = IRoundsWiring(address(this)).wiring();
    }

    function _beacon() internal view returns (IBeacon beacon) {
        (, , beacon, ) = IRoundsWiring(address(this)).wiring();
    }

    // ---- time and rings

    /// @dev Number of the current epoch of earnings since 1970, modulo 2¹⁶.
    function _epochOf(RoundTermsWord terms) internal view returns (uint256) {
        return terms.epochAt(block.timestamp);
    }

    /// @dev Unix seconds at which a closed round becomes final. The open round has no such time yet: the largest number. A round whose
    /// place in the ring was taken since is final: Tasks bounds the challenge window by the seven rounds between.
    function _finalAt(uint64 taskId, uint256 round) internal view returns (uint256) {
        RoundWord latest = _rounds[taskId];
        if (round == latest.round() && latest.status() != RoundWordLibrary.IDLE) return type(uint256).max;
        if (latest.round() - round >= StoragePlaces.RING) return 0;
        return _closedAt(taskId, round) + _roundTerms[taskId].challengeSeconds();
    }

    /// @dev Unix seconds at which a round closed, while the ring holds it.
    function _closedAt(uint64 taskId, uint256 round) internal view returns (uint256) {
        return _closings[taskId][StoragePlaces.closing(round)].timeOf(round);
    }
}
