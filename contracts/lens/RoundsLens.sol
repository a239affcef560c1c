// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../interfaces/IRoundsErrors.sol";
import {IRoundsLens} from "../interfaces/IRoundsLens.sol";
import {ISlotReader} from "../interfaces/ISlotReader.sol";
import {ContractCode} from "../libraries/ContractCode.sol";
import {Phases} from "../libraries/Phases.sol";
import {Reputation} from "../libraries/Reputation.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {Slots} from "../libraries/Slots.sol";
import {StorageKeys} from "../rounds/StorageKeys.sol";
import {CohortWord, CohortWordLibrary} from "../types/CohortWord.sol";
import {EarningsWord} from "../types/EarningsWord.sol";
import {HeldWord} from "../types/HeldWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {PlaceWord} from "../types/PlaceWord.sol";
import {PoolWord} from "../types/PoolWord.sol";
import {RosterWordLibrary} from "../types/RosterWord.sol";
import {RoundStartWord} from "../types/RoundStartWord.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {WeightLanes} from "../types/WeightLanes.sol";
import {RoundsReader} from "./RoundsReader.sol";

/// @title RoundsLens
/// @notice See {IRoundsLens}. Unpacks the words of Rounds. It has no state, and nobody has to trust it: anyone can read
/// the same storage slots.
contract RoundsLens is IRoundsLens, IRoundsErrors {
    using RoundsReader for ISlotReader;

    ISlotReader private immutable _ROUNDS;

    /// @notice Sets the Rounds that is read, for good.
    /// @param rounds_ a deployed {Rounds}
    constructor(ISlotReader rounds_) {
        if (!ContractCode.isContract(address(rounds_))) revert Rounds_NotAContract(address(rounds_));
        _ROUNDS = rounds_;
    }

    // ---- the round

    /// @inheritdoc IRoundsLens
    function roundOf(uint64 taskId) external view returns (RoundView memory view_) {
        RoundTermsWord terms = _termsOf(taskId);
        RoundWord round = _ROUNDS.roundOf(taskId);
        RoundStartWord start = _ROUNDS.startOf(taskId);

        view_.round = round.round();
        view_.phase = _phaseOf(round, terms);
        view_.submissions = uint32(round.submissions());
        view_.openedBlock = uint64(start.openedBlock());
        view_.submitEnd = uint64(round.submitEnd());
        view_.beaconId = start.beaconId();
        view_.previousBeacon = _ROUNDS.previousBeaconOf(taskId);
        view_.baseModelHash = _ROUNDS.baseModelOf(taskId);
        view_.rollBackHash = _ROUNDS.rollBackOf(taskId);
        uint256 closed = round.status() == RoundWordLibrary.IDLE ? round.round() : round.round() - 1;
        if (closed != 0) view_.closedAt = _ROUNDS.closedAt(taskId, closed);
        if (round.sealedAt() != 0) _addSeal(view_, taskId, terms, round);
    }

    /// @dev Adds what a round has from its seal on.
    function _addSeal(RoundView memory view_, uint64 taskId, RoundTermsWord terms, RoundWord round) private view {
        uint256 sealedAt = round.sealedAt();
        view_.beacon = _ROUNDS.beaconOf(taskId, round.round());
        view_.cohorts = uint32(Sampling.cohortCount(round.submissions()));
        view_.cohortsDone = uint32(round.cohortsDone());
        view_.cohortsVoid = uint32(round.cohortsVoid());
        view_.openEnd = uint64(terms.openEnd(sealedAt));
        view_.commitEnd = uint64(terms.commitEnd(sealedAt));
        view_.revealEnd = uint64(terms.revealEnd(sealedAt));
        view_.redrawCommitEnd = uint64(terms.redrawCommitEnd(sealedAt));
        view_.redrawRevealEnd = uint64(terms.redrawRevealEnd(sealedAt));
        if (round.doneAt() == 0) return;
        view_.cohortVoteEnd = uint64(round.doneAt() + terms.aggregateSeconds());
        view_.rootVoteEnd = uint64(round.doneAt() + 2 * terms.aggregateSeconds());
    }

    // ---- accounts

    /// @inheritdoc IRoundsLens
    function participantOf(uint64 taskId, address contributor) external view returns (ParticipantView memory) {
        ParticipantWord word = _ROUNDS.participantOf(taskId, contributor);
        return
            ParticipantView({
                enrolled: word.isEnrolled(),
                flagged: word.isFlagged(),
                judged: word.isJudged(),
                heldRounds: _heldRounds(_ROUNDS.heldOf(taskId, contributor)),
                lastRound: word.lastRound(),
                index: uint32(word.index()),
                settledRound: word.settledRound(),
                runningQualityBps: uint16(word.runningQuality()),
                runningRarityBps: uint16(word.runningRarity()),
                reputationBps: uint16(word.reputation()),
                provenWindows: uint8(word.provenWindows()),
                dataUnits: word.dataUnits(),
                seen: uint16(word.seen()),
                firstRound: word.firstRound(),
                enrolledAt: uint64(_ROUNDS.enrolledAtOf(taskId, contributor))
            });
    }

    /// @dev The rounds of the word's set, the first one first.
    function _heldRounds(HeldWord word) private pure returns (uint32[] memory rounds) {
        rounds = new uint32[](word.roundCount());
        uint256 left = rounds.length;
        for (uint256 back = 0; left != 0; ++back) {
            if ((word.rounds() >> back) & 1 == 1) rounds[--left] = uint32(word.round() - back);
        }
    }

    /// @inheritdoc IRoundsLens
    function validatorOf(uint64 taskId, address validator) external view returns (ValidatorView memory view_) {
        ValidatorWord word = _ROUNDS.validatorOf(taskId, validator);
        uint256 frozenPlace = word.frozenPlace();
        uint256 nextPlace = word.nextPlace();
        if (frozenPlace != 0) {
            view_.rosterIndex = uint8(frozenPlace - 1);
            view_.seated = true;
            view_.frozenWeight = WeightLanes.weightAt(_ROUNDS.frozenWeightsOf(taskId), frozenPlace - 1);
        }
        if (nextPlace != 0 && frozenPlace == 0) view_.rosterIndex = uint8(nextPlace - 1);
        view_.bid = _bidOf(taskId, validator, nextPlace);
        view_.boundUntil = uint64(word.boundUntil());
        view_.lastRound = word.tallyRound();
        view_.accurateEntries = uint32(word.entries());
        view_.dutySum = uint32(word.dutySum());
        view_.doneSum = uint32(word.doneSum());
        view_.dutyTotal = uint16(word.dutyTotal());
        view_.uptimeBps = uint16(Reputation.uptimeBps(word.dutySum(), word.doneSum(), word.dutyTotal()));
        view_.missedRounds = uint16(word.missedRounds());
    }

    /// @dev A validator's bid, with a place or without one.
    function _bidOf(uint64 taskId, address validator, uint256 nextPlace) private view returns (BidView memory) {
        if (nextPlace == 0) {
            PlaceWord joined = _ROUNDS.joinedOf(taskId, validator);
            return _viewOf(joined, joined.isNone() ? Standing.None : Standing.Joined);
        }
        bool isCandidate = nextPlace > RosterWordLibrary.PLACES;
        return _viewOf(_ROUNDS.nextPlaceOf(taskId, nextPlace - 1), isCandidate ? Standing.Candidate : Standing.Placed);
    }

    /// @dev Unpacks a bid.
    function _viewOf(PlaceWord word, Standing standing) private pure returns (BidView memory) {
        return
            BidView({
                validator: word.account(),
                standing: standing,
                weight: uint16(word.weight()),
                firstRound: uint32(word.firstRound()),
                bidAt: uint64(word.bidAt()),
                isReady: word.isReady(),
                isReadyForAnnounced: word.isReadyForAnnounced()
            });
    }

    /// @inheritdoc IRoundsLens
    function earningsOf(uint64 taskId, address account) external view returns (EarningsView memory) {
        RoundTermsWord terms = _termsOf(taskId);
        EarningsWord earnings = _ROUNDS.earningsOf(taskId, account).rolled(terms.epochAt(block.timestamp));
        EarningsWord seized = _ROUNDS.seizedOf(taskId, account);
        return
            EarningsView({
                matured: earnings.claimable(),
                pending: earnings.pending(),
                held: _ROUNDS.heldOf(taskId, account).amount(),
                seized: seized.claimable() + seized.pending(),
                cases: uint16(_ROUNDS.participantOf(taskId, account).cases()),
                nextMaturesAt: earnings.nextMaturity(terms.epochSeconds(), block.timestamp)
            });
    }

    /// @inheritdoc IRoundsLens
    function totalsOf(
        uint64 taskId
    ) external view returns (uint256 credited, uint256 held, uint256 enrolled, uint256 reputationSum) {
        TaskTotalsWord totals = _ROUNDS.totalsOf(taskId);
        return (totals.credited(), totals.held(), totals.enrolled(), totals.reputationSum());
    }

    /// @inheritdoc IRoundsLens
    function purseOf(uint64 taskId) external view returns (uint256) {
        return _ROUNDS.purseOf(taskId).amount();
    }

    // ---- rosters and committees

    /// @inheritdoc IRoundsLens
    function forfeitedOf(uint64 taskId) external view returns (uint256) {
        return _ROUNDS.forfeitedOf(taskId);
    }

    /// @inheritdoc IRoundsLens
    function rosterOf(uint64 taskId) external view returns (address[] memory validators, uint16[] memory weights) {
        validators = _ROUNDS.frozenRosterOf(taskId, Sampling.MAX_VALIDATORS);
        weights = new uint16[](Sampling.MAX_VALIDATORS);
        uint256[4] memory lanes = _ROUNDS.frozenWeightsOf(taskId);
        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            weights[index] = WeightLanes.weightAt(lanes, index);
        }
    }

    /// @inheritdoc IRoundsLens
    function bidsOf(uint64 taskId) external view returns (BidView[] memory bids) {
        PlaceWord[] memory places = _ROUNDS.nextPlacesOf(taskId);
        bids = new BidView[](places.length);
        for (uint256 i = 0; i < places.length; ++i) {
            if (places[i].isNone()) continue;
            bids[i] = _viewOf(places[i], i < RosterWordLibrary.PLACES ? Standing.Placed : Standing.Candidate);
        }
    }

    /// @inheritdoc IRoundsLens
    function poolOf(uint64 taskId) external view returns (PoolView memory view_) {
        _termsOf(taskId);
        PoolWord pool = _ROUNDS.poolOf(taskId);
        view_.poolRoot = _ROUNDS.poolRootOf(taskId, pool.current());
        view_.firstRound = uint32(pool.firstRound());
        view_.announcedFor = uint32(pool.announcedFor());
        if (view_.announcedFor != 0) view_.announcedRoot = _ROUNDS.poolRootOf(taskId, pool.announced());
    }

    /// @inheritdoc IRoundsLens
    function rootSeatsOf(uint64 taskId) external view returns (address[] memory) {
        uint32 root = uint32(Sampling.ROOT_COHORT);
        return _seatsOf(taskId, _committeeOf(taskId, _requireCohort(taskId, root), root));
    }

    /// @inheritdoc IRoundsLens
    function cohortOf(uint64 taskId, uint32 cohort) external view returns (CohortView memory view_) {
        CohortWord word = _committeeOf(taskId, _requireCohort(taskId, cohort), cohort);
        view_.attempt = uint8(word.attempt());
        view_.settled = word.state() == CohortWordLibrary.SETTLED;
        view_.isVoid = word.state() == CohortWordLibrary.VOID;
        view_.revealed = uint16(word.acted());
        view_.seats = _seatsOf(taskId, word);
    }

    /// @inheritdoc IRoundsLens
    function votesOf(uint64 taskId, uint32 cohort) external view returns (uint224[] memory votes) {
        uint32 round = _requireCohort(taskId, cohort).round();
        bool isRoot = cohort == Sampling.ROOT_COHORT;
        CohortWord root = _ROUNDS.cohortOf(taskId, uint32(Sampling.ROOT_COHORT));
        votes = new uint224[](_ROUNDS.termsOf(taskId).committeeSize());
        for (uint256 seat = 0; seat < votes.length; ++seat) {
            if (!isRoot) {
                votes[seat] = _ROUNDS.voteOf(taskId, cohort, seat).hashOf(round);
            } else if (root.round() == round && root.hasActed(seat)) {
                votes[seat] = uint224(uint256(_ROUNDS.modelVoteOf(taskId, seat)));
            }
        }
    }

    // ---- submissions and commitments

    /// @inheritdoc IRoundsLens
    function maySubmit(uint64 taskId, address contributor) external view returns (bool) {
        RoundWord round = _ROUNDS.roundOf(taskId);
        if (!Phases.takesSubmissions(round, block.timestamp)) return false;

        ParticipantWord participant = _ROUNDS.participantOf(taskId, contributor);
        if (Slots.obstacle(round, participant) != Slots.NONE) return false;
        if (!round.isSelective()) return true;
        uint256 openedAt = round.submitEnd() - _ROUNDS.termsOf(taskId).submitSeconds();
        bool isFirst = participant.firstRound() == round.round();
        if (isFirst && _ROUNDS.enrolledAtOf(taskId, contributor) == openedAt) return false;
        RoundStartWord start = _ROUNDS.startOf(taskId);
        return Slots.isDrawn(taskId, round, start, _ROUNDS.previousBeaconOf(taskId), contributor, participant);
    }

    /// @inheritdoc IRoundsLens
    function submissionPage(uint64 taskId, uint32 round, uint256 page) external view returns (bytes32) {
        uint32 latest = _ROUNDS.roundOf(taskId).round();
        if (page >= StorageKeys.PAGES || round == 0 || round > latest) return 0;
        return latest - round >= StorageKeys.RING ? bytes32(0) : _ROUNDS.pageOf(taskId, round, page);
    }

    /// @inheritdoc IRoundsLens
    function scoreCommitment(
        uint64 taskId,
        uint32 round,
        uint8 attempt,
        address validator
    ) external view returns (bytes32) {
        return bytes32(uint256(_ROUNDS.sheetOf(taskId, round, attempt, validator).hashOf(round)));
    }

    // ---- reading

    /// @dev The terms of a task. Reverts with `Rounds_UnknownTask` if it doesn't exist.
    function _termsOf(uint64 taskId) private view returns (RoundTermsWord terms) {
        terms = _ROUNDS.termsOf(taskId);
        if (terms.isNone()) revert Rounds_UnknownTask(taskId);
    }

    /// @dev The current phase of a round.
    function _phaseOf(RoundWord round, RoundTermsWord terms) private view returns (Phase) {
        if (round.status() < RoundWordLibrary.SCORING) return Phases.beforeSeal(round, block.timestamp);
        return Phases.sinceSeal(round, terms, block.timestamp);
    }

    /// @dev The current round. Reverts unless it is sealed and has this cohort; a sealed round always has the root.
    function _requireCohort(uint64 taskId, uint32 cohort) private view returns (RoundWord round) {
        round = _ROUNDS.roundOf(taskId);
        uint256 cohorts = round.sealedAt() == 0 ? 0 : Sampling.cohortCount(round.submissions());
        bool exists = cohort < cohorts || (cohort == Sampling.ROOT_COHORT && cohorts != 0);
        if (!exists) revert Rounds_UnknownCohort(cohort, cohorts);
    }

    /// @dev A cohort's latest committee; if it isn't drawn yet, the committee that will be drawn.
    function _committeeOf(uint64 taskId, RoundWord round, uint32 cohort) private view returns (CohortWord word) {
        word = _ROUNDS.cohortOf(taskId, cohort);
        if (word.round() == round.round()) return word;

        bytes32 seed = Sampling.committeeSeed(_ROUNDS.beaconOf(taskId, round.round()), cohort, 0);
        uint256 seatCount = _ROUNDS.termsOf(taskId).committeeSize();
        uint256 seats = Sampling.drawCommittee(seed, _ROUNDS.frozenWeightsOf(taskId), seatCount, 0);
        return CohortWordLibrary.drawn(round.round(), 0, seats);
    }

    /// @dev A committee's addresses, by seat.
    function _seatsOf(uint64 taskId, CohortWord word) private view returns (address[] memory seats) {
        address[] memory roster = _ROUNDS.frozenRosterOf(taskId, Sampling.MAX_VALIDATORS);
        seats = new address[](_ROUNDS.termsOf(taskId).committeeSize());
        for (uint256 seat = 0; seat < seats.length; ++seat) seats[seat] = roster[word.memberAt(seat)];
    }
}
