// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsKeepers} from "../interfaces/IRoundsKeepers.sol";
import {IStakeRegistry} from "../interfaces/IStakeRegistry.sol";
import {Phases} from "../libraries/Phases.sol";
import {Reputation} from "../libraries/Reputation.sol";
import {RewardFormula} from "../libraries/RewardFormula.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {SlashReasons} from "../libraries/SlashReasons.sol";
import {CohortWord} from "../types/CohortWord.sol";
import {EarningsWord} from "../types/EarningsWord.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {WeightLanes} from "../types/WeightLanes.sol";
import {Committees} from "./Committees.sol";
import {NextRoster} from "./NextRoster.sol";
import {Purse} from "./Purse.sol";

/// @title The next model, and the end of a round
/// @notice A single pass over the roster, at most 64 validators, pays and fines them.
abstract contract Finalization is Committees, NextRoster, Purse {
    uint256 private constant BPS = 10_000;
    /// A validator's missed rounds are counted among its last ten rounds with duties.
    uint256 private constant HISTORY_MASK = (1 << 10) - 1;
    /// From the fifth missed round among those, the validator also loses its place.
    uint256 private constant MISSES_TO_REMOVAL = 5;
    /// Slash for the first missed round. It doubles with each further one, up to the fourth.
    uint256 private constant FIRST_SLASH_BPS = 100;
    uint256 private constant MOST_DOUBLINGS = 3;

    /// What one call of `finalizeRound` works with.
    /// @param taskId the task
    /// @param round the round that ends
    /// @param priceValidation reward wei per accurate entry
    /// @param epoch number of the current epoch, to which earnings are credited
    /// @param rootSeats set of roster indices that hold a root seat, one bit each
    /// @param rootVoters set of those among them that voted
    /// @param credited reward wei credited to validators so far
    struct RoundEnd {
        uint64 taskId;
        RoundWord round;
        uint256 priceValidation;
        uint256 epoch;
        uint256 rootSeats;
        uint256 rootVoters;
        uint256 credited;
    }

    // ---- the end of a round

    /// @inheritdoc IRoundsKeepers
    function finalizeRound(uint64 taskId) external {
        RoundWord round = _rounds[taskId];
        RoundTermsWord terms = _roundTerms[taskId];
        _requirePhase(taskId, round, Phase.FinalizeDue);

        RoundEnd memory end;
        end.taskId = taskId;
        end.round = round;
        end.priceValidation = _validationTerms[taskId].priceValidation();
        end.epoch = _epochOf(terms);
        bool isAccepted = !Phases.isAllVoid(round) && _adoptModel(end, terms);
        _endDuties(end);
        TaskTotalsWord totals = _totals[taskId];
        totals = totals.withMoney(totals.credited() + end.credited, totals.held());
        _totals[taskId] = totals;
        if (_closeRound(taskId, round)) isAccepted = false;

        emit RoundFinalized(taskId, round.round(), _baseModels[taskId], isAccepted, totals.credited());

        _tryCollect(taskId);
    }

    /// @dev Counts the root's votes and notes who had to vote and who did. A model is accepted with the votes of more
    /// than half of the seats.
    function _adoptModel(RoundEnd memory end, RoundTermsWord terms) private returns (bool isAccepted) {
        CohortWord root = _committeeOf(end.taskId, end.round, ROOT);
        uint256 seatCount = terms.committeeSize();
        for (uint256 seat = 0; seat < seatCount; ++seat) {
            uint256 bit = 1 << root.memberAt(seat);
            end.rootSeats |= bit;
            if (!root.hasActed(seat)) continue;
            end.rootVoters |= bit;
            if (!isAccepted && 2 * _votesFor(end.taskId, root, seat, seatCount) > seatCount) {
                isAccepted = true;
                _baseModels[end.taskId] = _modelVotes[end.taskId][seat];
            }
        }
    }

    /// @dev Votes for a seat's hash, counted from that seat on. The first seat of a majority thereby counts all of its
    /// votes.
    function _votesFor(
        uint64 taskId,
        CohortWord root,
        uint256 seat,
        uint256 seatCount
    ) private view returns (uint256 votes) {
        bytes32 modelHash = _modelVotes[taskId][seat];
        for (uint256 i = seat; i < seatCount; ++i) {
            if (root.hasActed(i) && _modelVotes[taskId][i] == modelHash) ++votes;
        }
    }

    // ---- duties

    /// @dev Visits every validator with weight, at most 64.
    function _endDuties(RoundEnd memory end) private {
        uint256[4] memory weights = _weightsOf(end.taskId);
        mapping(address validator => ValidatorWord) storage validators = _validators[end.taskId];
        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            if (WeightLanes.weightAt(weights, index) == 0) continue;
            address validator = _frozenRoster[end.taskId][index];
            ValidatorWord word = validators[validator];
            if ((end.rootSeats >> index) & 1 == 1) {
                word = word.withDuty(end.round.round(), (end.rootVoters >> index) & 1 == 1, 0);
            }
            if (word.tallyRound() == end.round.round()) _endDuty(end, validators, validator, word);
        }
    }

    /// @dev Updates a validator's uptime, then pays it, or fines it for a missed duty.
    function _endDuty(
        RoundEnd memory end,
        mapping(address validator => ValidatorWord) storage validators,
        address validator,
        ValidatorWord word
    ) private {
        bool hasMissed = word.done() < word.duties();
        uint256 dutyTotal = word.dutyTotal() + word.duties();
        word = word.withSums({
            dutySum_: Reputation.decayedSum(word.dutySum(), word.duties()),
            doneSum_: Reputation.decayedSum(word.doneSum(), word.done()),
            dutyTotal_: dutyTotal < type(uint16).max ? dutyTotal : type(uint16).max,
            history_: ((word.history() << 1) | (hasMissed ? 1 : 0)) & HISTORY_MASK
        });

        validators[validator] = hasMissed ? _fine(end, validator, word) : word;
        if (!hasMissed) _payValidator(end, validator, word);
    }

    /// @dev Credits a validator that did all its duties of the round.
    function _payValidator(RoundEnd memory end, address validator, ValidatorWord word) private {
        uint256 uptimeBps = Reputation.uptimeBps(word.dutySum(), word.doneSum(), word.dutyTotal());
        uint256 amount = RewardFormula.validatorPay(end.priceValidation, word.entries(), uptimeBps);
        if (amount != 0) {
            mapping(address account => EarningsWord) storage earnings = _earnings[end.taskId];
            earnings[validator] = earnings[validator].credited(end.epoch, amount);
            end.credited += amount;
        }

        emit ValidatorPaid(end.taskId, end.round.round(), validator, word.entries(), uptimeBps, amount);
    }

    /// @dev Slashes 1, 2, 4, 8 % of the stake reserved for the task. From the fifth missed round on it is 8 % and the
    /// place in the next roster. Missed rounds stay counted when a validator leaves and joins again, and so does the
    /// penalty.
    function _fine(RoundEnd memory end, address validator, ValidatorWord word) private returns (ValidatorWord) {
        uint64 taskId = end.taskId;
        uint256 misses = word.missedRounds();
        uint256 doublings = misses - 1;
        uint256 slashBps = FIRST_SLASH_BPS << (doublings < MOST_DOUBLINGS ? doublings : MOST_DOUBLINGS);
        // Rounded up, against the validator.
        IStakeRegistry registry = _registry();
        uint256 penalty = (registry.reservationOf(validator, taskId) * slashBps + BPS - 1) / BPS;
        (uint256 taken, ) = registry.slash(validator, taskId, penalty, SlashReasons.MISSED_DUTY, 0);
        _refreshStake(taskId, word, registry.reservationOf(validator, taskId));
        emit DutyMissed(taskId, end.round.round(), validator, slashBps, taken);

        if (misses < MISSES_TO_REMOVAL || word.nextPlace() == 0) return word;
        emit ValidatorRemoved(taskId, validator);
        return _vacate(taskId, word);
    }
}
