// SPDX-License-Identifier: MIT
// All state of Rounds stands here, and nowhere else.
// solhint-disable max-states-count
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {IRoundsTypes} from "../interfaces/IRounds.sol";
import {IStakeRegistry} from "../interfaces/IStakeRegistry.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {CohortWord} from "./CohortWords.sol";
import {EarningsWord, HeldAmounts, HeldWord, ParticipantWord, PlaceWord, ValidatorWord} from "./PeopleWords.sol";
import {
    OpeningWord,
    PopulationWord,
    PriceWord,
    PurseWord,
    RoundStates,
    RoundWord,
    ServiceWord,
    TimingWord
} from "./TaskWords.sol";

/// @title What Rounds remembers, and what all its parts ask of it
/// @notice No state grows with the number of rounds: words are reused, evidence lies in rings of {RING} rounds.
abstract contract RoundsStorage is IRoundsTypes {
    /// Rounds for which evidence is kept. Tasks bounds the challenge window by what seven rounds last at least.
    uint256 internal constant RING = 8;
    /// Pages of 32 submissions that the ring has room for in a round: four times what the most slots need.
    uint256 internal constant PAGES = 256;
    uint32 internal constant ROOT = type(uint32).max;
    /// How far the round stands left of the 224 bits of a hash that it tags.
    uint256 internal constant TAG_SHIFT = 224;

    ITasks internal immutable _TASKS;
    IStakeRegistry internal immutable _REGISTRY;
    IBeacon internal immutable _BEACON;

    // ---- a task: terms copied at its creation, people, the round

    mapping(uint64 taskId => TimingWord) internal _timings;
    mapping(uint64 taskId => PriceWord) internal _prices;
    mapping(uint64 taskId => ServiceWord) internal _services;
    mapping(uint64 taskId => PopulationWord) internal _populations;
    mapping(uint64 taskId => PurseWord) internal _purses;
    mapping(uint64 taskId => RoundWord) internal _rounds;
    mapping(uint64 taskId => OpeningWord) internal _openings;
    /// The model that the round trains from; while Idle the next round's.
    mapping(uint64 taskId => bytes32 modelHash) internal _baseModels;
    /// The beacon of the last sealed round before this one.
    mapping(uint64 taskId => bytes32 beacon) internal _previousBeacons;
    /// Ring: round % 8.
    mapping(uint64 taskId => mapping(uint256 place => bytes32 beacon)) internal _beacons;
    /// Ring: four unix times of 64 bits a word, round % 4 in word (round % 8) / 4.
    mapping(uint64 taskId => mapping(uint256 place => uint256 times)) internal _closings;

    // ---- accounts

    mapping(uint64 taskId => mapping(address contributor => ParticipantWord)) internal _participants;
    mapping(uint64 taskId => mapping(address validator => ValidatorWord)) internal _validators;
    mapping(uint64 taskId => mapping(address account => EarningsWord)) internal _earnings;
    mapping(uint64 taskId => mapping(address contributor => HeldWord)) internal _held;

    // ---- the roster: the frozen one that this round draws from, and the next one

    /// Lane i % 16 of word i / 16 is the weight of roster index i, 16 bits.
    mapping(uint64 taskId => uint256[4] lanes) internal _frozenWeights;
    mapping(uint64 taskId => mapping(uint256 index => address validator)) internal _frozenRoster;
    mapping(uint64 taskId => mapping(uint256 index => PlaceWord)) internal _nextRoster;
    /// Bit i: index i of the next roster is taken; bit 64 + i: it differs from the frozen one.
    mapping(uint64 taskId => uint256 bits) internal _rosterBits;

    // ---- evidence of a round

    /// Ring: digest of page p of round r at (r % 8) · 256 + p.
    mapping(uint64 taskId => mapping(uint256 place => bytes32 digest)) internal _pages;
    /// Ring: at (r % 8) · 2 + attempt, round in the high 32 bits and the commitment's low 224.
    mapping(uint64 taskId => mapping(address validator => mapping(uint256 place => uint256))) internal _sheets;
    mapping(uint64 taskId => mapping(uint32 cohort => CohortWord)) internal _cohorts;
    /// Two words a seat: cohort · 32 + seat · 2 + half. Valid for the seats that the cohort's word says have revealed.
    mapping(uint64 taskId => mapping(uint256 place => uint256 word)) internal _scores;
    /// At cohort · 16 + seat, round in the high 32 bits and the aggregate hash's low 224.
    mapping(uint64 taskId => mapping(uint256 place => uint256)) internal _votes;
    /// Votes of the root seats that the root's word says have voted.
    mapping(uint64 taskId => mapping(uint256 seat => bytes32 modelHash)) internal _modelVotes;

    /// @notice Fixes for ever whom Rounds works with; {Rounds} checks that they are contracts.
    /// @param tasks_ the escrow that registers tasks here and pays
    /// @param registry_ the stake that a missed duty is taken from
    /// @param beacon_ the randomness of all draws
    constructor(ITasks tasks_, IStakeRegistry registry_, IBeacon beacon_) {
        _TASKS = tasks_;
        _REGISTRY = registry_;
        _BEACON = beacon_;
    }

    // ---- reading

    /// @dev The timing of a task that exists.
    function _timingOf(uint64 taskId) internal view returns (TimingWord timing) {
        timing = _timings[taskId];
        if (timing.isNone()) revert Rounds_UnknownTask(taskId);
    }

    /// @dev The phase by clock and state, as {IRoundsTypes.RoundView} tells it.
    function _phaseOf(uint64 taskId) internal view returns (Phase) {
        RoundWord round = _rounds[taskId];
        uint256 status = round.status();
        if (status == RoundStates.IDLE) return Phase.Idle;
        if (status == RoundStates.SUBMIT) return block.timestamp < round.submitEnd() ? Phase.Submit : Phase.CloseDue;
        if (status == RoundStates.SEALING) return Phase.SealDue;

        TimingWord timing = _timings[taskId];
        if (status == RoundStates.SCORING) return _scoringPhase(timing, round.sealedAt());
        if (_isVotingOver(taskId, round, timing)) return Phase.FinalizeDue;
        return block.timestamp < round.doneAt() + timing.aggregateSeconds() ? Phase.CohortVote : Phase.RootVote;
    }

    /// @dev The phase of a sealed round by clock, while cohorts are not all done.
    function _scoringPhase(TimingWord timing, uint256 sealedAt) private view returns (Phase) {
        uint256 time = block.timestamp;
        if (time < timing.openEnd(sealedAt)) return Phase.Open;
        if (time < timing.commitEnd(sealedAt)) return Phase.Commit;
        if (time < timing.revealEnd(sealedAt)) return Phase.Reveal;
        if (time < timing.redrawCommitEnd(sealedAt)) return Phase.RedrawCommit;
        if (time < timing.redrawRevealEnd(sealedAt)) return Phase.RedrawReveal;
        return Phase.SettleDue;
    }

    /// @dev Over when time is up, when every root seat has voted, or when there is nothing to vote on.
    function _isVotingOver(uint64 taskId, RoundWord round, TimingWord timing) internal view returns (bool) {
        if (round.cohortsVoid() == round.cohortsDone()) return true;
        if (block.timestamp >= round.doneAt() + 2 * timing.aggregateSeconds()) return true;

        CohortWord root = _cohorts[taskId][ROOT];
        return root.round() == round.round() && root.acted() == timing.committeeSize();
    }

    /// @dev Reverts with the phase that it is and the one that it should be.
    function _wrongPhase(uint64 taskId, Phase needed) internal view {
        revert Rounds_WrongPhase(taskId, _phaseOf(taskId), needed);
    }

    // ---- time and rings

    /// @dev Number of the current epoch of earnings since 1970, modulo 2¹⁶.
    function _epochOf(TimingWord timing) internal view returns (uint256) {
        return uint16(block.timestamp / timing.epochSeconds());
    }

    /// @dev Unix seconds at which a closed round becomes final. The open round has no such time yet: the largest number. A round whose
    /// place in the ring was taken since is final: Tasks bounds the challenge window by the seven rounds between.
    function _finalAt(uint64 taskId, uint256 round) internal view returns (uint256) {
        RoundWord latest = _rounds[taskId];
        if (round == latest.round() && latest.status() != RoundStates.IDLE) return type(uint256).max;
        if (latest.round() - round >= RING) return 0;
        return _closedAt(taskId, round) + _timings[taskId].challengeSeconds();
    }

    /// @dev Unix seconds at which a round closed, while the ring holds it.
    function _closedAt(uint64 taskId, uint256 round) internal view returns (uint256) {
        return uint64(_closings[taskId][(round % RING) / 4] >> (64 * (round % 4)));
    }

    // ---- earnings

    /// @dev Unix seconds at which the next bucket matures, 0 when both are empty; `earnings` as of now.
    function _nextMaturity(TimingWord timing, EarningsWord earnings) internal view returns (uint256) {
        if (earnings.previous() == 0 && earnings.current() == 0) return 0;
        uint256 epochSeconds = timing.epochSeconds();
        return (block.timestamp / epochSeconds + (earnings.previous() != 0 ? 1 : 2)) * epochSeconds;
    }

    /// @dev Empties what waited for a passed audit.
    function _takeHeld(uint64 taskId, uint32 round, address contributor) internal returns (uint256 amount) {
        amount = _held[taskId][contributor].amount();
        _held[taskId][contributor] = HeldAmounts.pack(0, round);
    }
}
