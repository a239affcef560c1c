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
import {Purse} from "./Purse.sol";
import {Roster} from "./Roster.sol";

/// @title The next model, and the end of a round
/// @notice One walk over the at most 64 validators of the roster pays and fines them.
abstract contract Finalization is Roster, Purse {
    uint256 private constant BPS = 10_000;
    /// Rounds with duties that a validator's misses are counted over.
    uint256 private constant HISTORY_MASK = (1 << 10) - 1;
    /// The fifth missed round in ten takes the place too.
    uint256 private constant MISSES_TO_REMOVAL = 5;
    /// Slash of the first missed round; it doubles with each further one up to the fourth.
    uint256 private constant FIRST_SLASH_BPS = 100;
    uint256 private constant MOST_DOUBLINGS = 3;

    /// One call of `finalizeRound`.
    /// @param taskId the task
    /// @param round its word
    /// @param priceValidation reward wei per accurate entry
    /// @param epoch of the earnings' buckets
    /// @param rootSeats set of roster indices with a root seat, a bit each
    /// @param rootVoters set of those that voted
    /// @param credited reward wei credited to validators so far
    struct Closing {
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

        Closing memory closing;
        closing.taskId = taskId;
        closing.round = round;
        closing.priceValidation = _validationTerms[taskId].priceValidation();
        closing.epoch = _epochOf(terms);
        bool isAccepted = !Phases.isAllVoid(round) && _adoptModel(closing, terms);
        _closeDuties(closing);
        TaskTotalsWord totals = _totals[taskId];
        totals = totals.withMoney(totals.credited() + closing.credited, totals.held());
        _totals[taskId] = totals;
        _closeRound(taskId, round);

        emit RoundFinalized(taskId, round.round(), _baseModels[taskId], isAccepted, totals.credited());

        _tryCollect(taskId);
    }

    /// @dev Counts the root's votes and notes who owed and gave one. A hash is accepted that has the votes of more than half of the seats.
    function _adoptModel(Closing memory closing, RoundTermsWord terms) private returns (bool isAccepted) {
        CohortWord root = _rootOf(closing.taskId, closing.round);
        uint256 seatCount = terms.committeeSize();
        for (uint256 seat = 0; seat < seatCount; ++seat) {
            uint256 bit = 1 << root.memberAt(seat);
            closing.rootSeats |= bit;
            if (!root.hasActed(seat)) continue;
            closing.rootVoters |= bit;
            if (!isAccepted && 2 * _votesFor(closing.taskId, root, seat, seatCount) > seatCount) {
                isAccepted = true;
                _baseModels[closing.taskId] = _modelVotes[closing.taskId][seat];
            }
        }
    }

    /// @dev Votes for the hash of a seat, from that seat on: the first seat of a majority counts all of it.
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

    /// @dev Walks through the at most 64 validators with weight.
    function _closeDuties(Closing memory closing) private {
        uint256[4] memory weights = _weightsOf(closing.taskId);
        mapping(address validator => ValidatorWord) storage validators = _validators[closing.taskId];
        for (uint256 index = 0; index < Sampling.MAX_VALIDATORS; ++index) {
            if (WeightLanes.weightAt(weights, index) == 0) continue;
            address validator = _frozenRoster[closing.taskId][index];
            ValidatorWord word = validators[validator];
            if ((closing.rootSeats >> index) & 1 == 1) {
                word = word.withDuty(closing.round.round(), (closing.rootVoters >> index) & 1 == 1, 0);
            }
            if (word.tallyRound() == closing.round.round()) _closeDuty(closing, validators, validator, word);
        }
    }

    /// @dev Brings a validator's uptime up to date; then pays it, or fines it for a missed duty.
    function _closeDuty(
        Closing memory closing,
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

        validators[validator] = hasMissed ? _fine(closing, validator, word) : word;
        if (!hasMissed) _payValidator(closing, validator, word);
    }

    /// @dev Credits a validator that did all its duties.
    function _payValidator(Closing memory closing, address validator, ValidatorWord word) private {
        uint256 uptimeBps = Reputation.uptimeBps(word.dutySum(), word.doneSum(), word.dutyTotal());
        uint256 amount = RewardFormula.validatorPay(closing.priceValidation, word.entries(), uptimeBps);
        if (amount != 0) {
            mapping(address account => EarningsWord) storage earnings = _earnings[closing.taskId];
            earnings[validator] = earnings[validator].credited(closing.epoch, amount);
            closing.credited += amount;
        }

        emit ValidatorPaid(closing.taskId, closing.round.round(), validator, word.entries(), uptimeBps, amount);
    }

    /// @dev 1, 2, 4, 8 % of the stake reserved for the task; from the fifth on 8 % and out of the next draw. Whoever comes back with as
    /// many misses behind it must not miss for nothing.
    function _fine(Closing memory closing, address validator, ValidatorWord word) private returns (ValidatorWord) {
        uint64 taskId = closing.taskId;
        uint256 misses = word.missedRounds();
        uint256 doublings = misses - 1;
        uint256 slashBps = FIRST_SLASH_BPS << (doublings < MOST_DOUBLINGS ? doublings : MOST_DOUBLINGS);
        // Rounded against the offender.
        IStakeRegistry registry = _registry();
        uint256 penalty = (registry.reservationOf(validator, taskId) * slashBps + BPS - 1) / BPS;
        uint256 taken = registry.slash(validator, taskId, penalty, SlashReasons.MISSED_DUTY);
        _refreshStake(taskId, word, registry.reservationOf(validator, taskId));
        emit DutyMissed(taskId, closing.round.round(), validator, slashBps, taken);

        if (misses < MISSES_TO_REMOVAL || word.nextPlace() == 0) return word;
        emit ValidatorRemoved(taskId, validator);
        return _vacate(taskId, word);
    }
}
