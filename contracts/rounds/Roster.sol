// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsKeeping} from "../interfaces/IRounds.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {Collecting} from "./Collecting.sol";
import {EarningsWord, HeldAmounts, ParticipantWord, Places, PlaceWord, ValidatorWord} from "./PeopleWords.sol";
import {PopulationWord, Prices, Purses, RoundStates, RoundWord, Services, Timings, TimingWord} from "./TaskWords.sol";

/// @title Who takes part: tasks, contributors, and the roster that committees are drawn from
/// @notice Joining and leaving change the next roster only; it becomes the frozen one when a round opens.
abstract contract Roster is Collecting {
    uint256 private constant ALL_PLACES = type(uint64).max;
    /// A task that has had no round for so long, beyond the last one's challenge window, is over for whoever leaves it.
    uint256 private constant ABANDONED_SECONDS = 14 days;

    /// @dev People and tasks come from the escrow alone.
    modifier onlyTasks() {
        if (msg.sender != address(_TASKS)) revert Rounds_OnlyTasks(msg.sender, address(_TASKS));
        _;
    }

    // ---- tasks

    /// @inheritdoc IRoundsKeeping
    function registerTask(uint64 taskId, ITasks.TaskParams calldata params) external onlyTasks {
        _timings[taskId] = Timings.pack(params);
        _prices[taskId] = Prices.pack(params);
        _services[taskId] = Services.pack(params);
        _purses[taskId] = Purses.empty(params.rewardToken);
        _baseModels[taskId] = params.initialModelHash;
    }

    /// @dev The round that opens next: nobody pays to enter a task that has none left. Reverts `Rounds_AllRoundsDone` then.
    function _nextRound(uint64 taskId) internal view returns (uint32 round) {
        round = _rounds[taskId].round() + 1;
        uint256 maxRounds = _services[taskId].maxRounds();
        if (round > maxRounds) revert Rounds_AllRoundsDone(taskId, maxRounds);
    }

    // ---- contributors

    /// @inheritdoc IRoundsKeeping
    function admitContributor(uint64 taskId, address contributor, uint32 dataUnits) external onlyTasks {
        uint256 firstRound = _nextRound(taskId);
        ParticipantWord participant = _participants[taskId][contributor].enrol(dataUnits, firstRound);
        PopulationWord population = _populations[taskId];

        _participants[taskId][contributor] = participant;
        // Taken here, at the newcomer's cost, the slot is not new to whoever first settles a round that holds pay in it.
        _held[taskId][contributor] = HeldAmounts.pack(_held[taskId][contributor].amount(), firstRound);
        _populations[taskId] = population.withPeople(
            population.enrolled() + 1,
            population.reputationSum() + participant.reputation()
        );
    }

    /// @inheritdoc IRoundsKeeping
    function dismissContributor(uint64 taskId, address contributor) external onlyTasks {
        ParticipantWord participant = _participants[taskId][contributor];
        if (!participant.isEnrolled()) revert Rounds_NotEnrolled(taskId, contributor);
        if (participant.lastRound() != 0) _requireFinal(taskId, _finalAt(taskId, participant.lastRound()));

        PopulationWord population = _populations[taskId];
        population = population.withPeople(
            population.enrolled() - 1,
            population.reputationSum() - participant.reputation()
        );
        if (participant.hasHeld()) population = _resolveHeld(taskId, contributor, participant, population);
        _participants[taskId][contributor] = participant.dismissed().withHeld(false);
        _populations[taskId] = population;

        // Between rounds nobody else would tell the escrow what is no longer owed, and collect what is.
        if (participant.hasHeld() && _rounds[taskId].status() == RoundStates.IDLE) {
            _TASKS.closeRound(taskId, 0, population.liability());
            _tryCollect(taskId);
        }
    }

    /// @dev What is held when a contributor leaves. Where another audit may come, it leaves before the one that the pay was waiting for
    /// and loses it. Where none comes any more there is nothing to wait for: an owner must not gain by closing a task or starving it.
    function _resolveHeld(
        uint64 taskId,
        address contributor,
        ParticipantWord participant,
        PopulationWord population
    ) private returns (PopulationWord) {
        uint32 round = participant.settledRound();
        uint256 amount = _takeHeld(taskId, round, contributor);
        if (participant.isFlagged() || !_isOver(taskId, contributor, participant)) {
            emit HeldCancelled(taskId, round, contributor, amount);
            return population.withMoney(population.credited(), population.held() - amount);
        }

        mapping(address account => EarningsWord) storage earnings = _earnings[taskId];
        earnings[contributor] = earnings[contributor].credited(_epochOf(_timings[taskId]), amount);
        emit HeldReleased(taskId, round, contributor, amount);
        return population.withMoney(population.credited() + amount, population.held() - amount);
    }

    /// @dev Whether no audit of this contributor is to come. The last round audits everybody, and a passed audit releases what is held:
    /// whoever was settled in it and still has some did not pass, and whoever sat it out must not gain by that. It has nothing to say of
    /// those whom it could not judge: in void cohorts, and without a place.
    function _isOver(uint64 taskId, address contributor, ParticipantWord participant) private view returns (bool) {
        if (_TASKS.isClosed(taskId)) return true;
        RoundWord round = _rounds[taskId];
        if (round.status() != RoundStates.IDLE) return false;
        if (round.round() < _services[taskId].maxRounds()) {
            return block.timestamp >= _finalAt(taskId, round.round()) + ABANDONED_SECONDS;
        }
        if (participant.lastRound() == round.round()) return participant.settledRound() != round.round();
        if (round.submissions() == round.slots()) return true;
        return round.isOversubscribed() && !_isDrawnToSubmit(taskId, round, contributor, participant);
    }

    /// @dev Nobody leaves before `finalAt`, in unix seconds.
    function _requireFinal(uint64 taskId, uint256 finalAt) private view {
        if (block.timestamp < finalAt) revert Rounds_NotFinal(taskId, finalAt);
    }

    // ---- validators

    /// @inheritdoc IRoundsKeeping
    function admitValidator(
        uint64 taskId,
        address validator,
        uint256 stakeAmount
    ) external onlyTasks returns (address outbid) {
        _nextRound(taskId);
        uint256 bits = _rosterBits[taskId];
        uint256 index;
        uint256 boundUntil;
        if (bits & ALL_PLACES == ALL_PLACES) {
            uint256 smallest;
            (index, smallest) = _smallestPlace(taskId);
            if (stakeAmount <= smallest) revert Rounds_RosterFull(taskId, smallest);
            outbid = _nextRoster[taskId][index].account();
            _validators[taskId][outbid] = _validators[taskId][outbid].withNextPlace(0).withRelease(0);
            boundUntil = _boundUntil(_timings[taskId]);
        } else {
            while ((bits >> index) & 1 == 1) ++index;
        }

        _nextRoster[taskId][index] = Places.pack(validator, stakeAmount);
        ValidatorWord word = _validators[taskId][validator];
        _validators[taskId][validator] = word.withNextPlace(index + 1).withRelease(boundUntil);
        _rosterBits[taskId] = bits | (1 << index) | (1 << (64 + index));
    }

    /// @inheritdoc IRoundsKeeping
    function dismissValidator(uint64 taskId, address validator) external onlyTasks {
        ValidatorWord word = _validators[taskId][validator];
        if (word.nextPlace() == 0) revert Rounds_NotInRoster(taskId, validator);
        uint256 boundUntil = word.releaseAt();
        if (block.timestamp < boundUntil) revert Rounds_PlaceBound(taskId, boundUntil);

        _validators[taskId][validator] = _vacate(taskId, word);
    }

    /// @inheritdoc IRoundsKeeping
    function requireReleasable(uint64 taskId, address validator) external view {
        ValidatorWord word = _validators[taskId][validator];
        RoundWord round = _rounds[taskId];
        bool isFrozen = word.frozenPlace() != 0;
        if (word.nextPlace() != 0 || (isFrozen && round.status() != RoundStates.IDLE)) {
            revert Rounds_StillDrawn(taskId, validator);
        }

        // Between rounds the frozen roster draws nothing more: the last round is the one to wait for.
        _requireFinal(taskId, isFrozen ? _finalAt(taskId, round.round()) : word.releaseAt());
    }

    /// @dev A place taken from another is not given up before a round can have used it: else stake that risks nothing could empty a roster.
    function _boundUntil(TimingWord timing) private view returns (uint256) {
        uint256 scoredAt = timing.redrawRevealEnd(block.timestamp + timing.submitSeconds());
        return scoredAt + 2 * timing.aggregateSeconds() + timing.challengeSeconds();
    }

    /// @dev Frees the validator's place in the next roster; the caller stores the word.
    function _vacate(uint64 taskId, ValidatorWord word) internal returns (ValidatorWord) {
        uint256 index = word.nextPlace() - 1;
        _nextRoster[taskId][index] = PlaceWord.wrap(0);
        _rosterBits[taskId] = (_rosterBits[taskId] & ~(uint256(1) << index)) | (1 << (64 + index));
        return word.withNextPlace(0);
    }

    /// @dev Lets the next draw know the stake that a slash has left.
    function _refreshStake(uint64 taskId, ValidatorWord word, uint256 stake) internal {
        if (word.nextPlace() == 0) return;
        uint256 index = word.nextPlace() - 1;
        PlaceWord place = _nextRoster[taskId][index];
        if (place.stake() == stake) return;

        _nextRoster[taskId][index] = Places.pack(place.account(), stake);
        _rosterBits[taskId] |= 1 << (64 + index);
    }

    /// @dev The place with the smallest stake in ASSAY wei, the lowest index of several; a free place counts as 0.
    function _smallestPlace(uint64 taskId) private view returns (uint256 index, uint256 smallest) {
        smallest = type(uint256).max;
        for (uint256 i = 0; i < Sampling.MAX_VALIDATORS; ++i) {
            uint256 stake = _nextRoster[taskId][i].stake();
            if (stake < smallest) (index, smallest) = (i, stake);
        }
    }

    // ---- freezing

    /// @dev Makes the next roster the frozen one, and counts the validators with weight. Who drops out waits until `releaseAt`, in unix
    /// seconds: the last round is final then.
    function _freezeRoster(uint64 taskId, uint32 round, uint256 releaseAt) internal returns (uint256 weighted) {
        uint256[4] memory weights = _frozenWeights[taskId];
        uint256 dirty = _rosterBits[taskId] >> 64;
        if (dirty != 0) {
            for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
                if ((dirty >> index) & 1 == 1) _freezePlace(taskId, index, releaseAt, weights);
            }
            _frozenWeights[taskId] = weights;
            _rosterBits[taskId] &= ALL_PLACES;
            _emitRoster(taskId, round, weights);
        }

        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            if (_laneOf(weights, index) != 0) ++weighted;
        }
    }

    /// @dev Freezes one roster index: its validator, and its weight in `weights`.
    function _freezePlace(uint64 taskId, uint256 index, uint256 releaseAt, uint256[4] memory weights) private {
        mapping(address validator => ValidatorWord) storage validators = _validators[taskId];
        address before = _frozenRoster[taskId][index];
        PlaceWord place = _nextRoster[taskId][index];
        address next = place.account();

        // A validator that left and came back may be frozen at another index by now.
        if (before != next && validators[before].frozenPlace() == index + 1) {
            validators[before] = validators[before].withFrozenPlace(0).withRelease(releaseAt);
        }
        if (next != address(0)) validators[next] = validators[next].withFrozenPlace(index + 1);
        _frozenRoster[taskId][index] = next;

        uint256 weight =
            next == address(0) ? 0 : Sampling.weightOf(place.stake(), _services[taskId].minValidatorStake());
        uint256 shift = 16 * (index % 16);
        weights[index / 16] = (weights[index / 16] & ~(uint256(0xffff) << shift)) | (weight << shift);
    }

    /// @dev Tells of the roster just frozen.
    function _emitRoster(uint64 taskId, uint32 round, uint256[4] memory lanes) private {
        address[] memory validators = new address[](Sampling.MAX_VALIDATORS);
        uint16[] memory weights = new uint16[](Sampling.MAX_VALIDATORS);
        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            weights[index] = _laneOf(lanes, index);
            if ((_rosterBits[taskId] >> index) & 1 == 1) validators[index] = _frozenRoster[taskId][index];
        }
        emit RosterFrozen(taskId, round, validators, weights);
    }
}
