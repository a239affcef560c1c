// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IRoundsCourt} from "../interfaces/IRoundsCourt.sol";
import {IRoundsKeepers} from "../interfaces/IRoundsKeepers.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {EarningsWord} from "../types/EarningsWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {PurseWord} from "../types/PurseWord.sol";
import {RoundWordLibrary} from "../types/RoundWord.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {CourtOnly} from "./CourtOnly.sol";
import {HeldPay} from "./HeldPay.sol";
import {NextRoster} from "./NextRoster.sol";

/// @title Earnings that cases freeze and take
/// @notice While a case is open against an account, what hadn't matured when it was opened is kept in a bucket of the
/// same form as earnings: it matures there as it would have. Held pay stays where it is, and audits decide on it as
/// always; what they release goes to the bucket. So an acquitted account has all that it would have had, and no sham
/// case makes pay mature earlier.
///
/// Forfeited pay stays credited, and belongs to the task, until its tokens are back in the escrow.
abstract contract Seizures is CourtOnly, HeldPay, NextRoster, IRoundsCourt {
    using SafeERC20 for IERC20;

    /// @inheritdoc IRoundsCourt
    function seize(uint64 taskId, address account) external onlyCourt {
        uint256 epoch = _epochOf(_termsOf(taskId));
        ParticipantWord participant = _participants[taskId][account];
        uint256 cases = participant.cases() + 1;
        _participants[taskId][account] = participant.withCases(cases);

        EarningsWord earned = _earnings[taskId][account].rolled(epoch);
        uint256 amount = earned.pending();
        if (amount != 0) {
            EarningsWord seized = _seized[taskId][account].rolled(epoch);
            _seized[taskId][account] = seized.plus(earned.onlyPending(), epoch);
            _earnings[taskId][account] = earned.onlyMatured();
        }

        emit EarningsSeized(taskId, account, amount, cases);
    }

    /// @inheritdoc IRoundsCourt
    function restore(uint64 taskId, address account) external onlyCourt {
        (uint256 cases, ) = _endCase(taskId, account);
        uint256 amount = 0;
        EarningsWord seized = _seized[taskId][account];
        if (cases == 0 && !seized.isNone()) {
            uint256 epoch = _epochOf(_roundTerms[taskId]);
            seized = seized.rolled(epoch);
            amount = seized.claimable() + seized.pending();
            _seized[taskId][account] = EarningsWord.wrap(0);
            _earnings[taskId][account] = _earnings[taskId][account].rolled(epoch).plus(seized, epoch);
        }

        emit EarningsRestored(taskId, account, amount, cases);
    }

    /// @inheritdoc IRoundsCourt
    function forfeit(uint64 taskId, address account) external onlyCourt returns (uint256 amount, uint256 cases) {
        bool isCase = false;
        (cases, isCase) = _endCase(taskId, account);
        if (isCase) {
            EarningsWord seized = _seized[taskId][account];
            // The sum is the same in every epoch.
            amount = seized.claimable() + seized.pending() + _forfeitHeld(taskId, account);
            _seized[taskId][account] = EarningsWord.wrap(0);
            if (amount != 0) _forfeited[taskId] += amount;
        }
        ValidatorWord word = _validators[taskId][account];
        if (word.nextPlace() != 0) _refreshStake(taskId, word, _registry().reservationOf(account, taskId));

        emit EarningsForfeited(taskId, account, amount, cases);
    }

    /// @dev Counts one open case less; there is none of an account that no case was opened against.
    function _endCase(uint64 taskId, address account) private returns (uint256 cases, bool isCase) {
        ParticipantWord participant = _participants[taskId][account];
        cases = participant.cases();
        if (cases == 0) return (0, false);

        --cases;
        _participants[taskId][account] = participant.withCases(cases);
        return (cases, true);
    }

    /// @dev Cancels what is held of an account: it is credited, to the task.
    function _forfeitHeld(uint64 taskId, address account) private returns (uint256 amount) {
        ParticipantWord participant = _participants[taskId][account];
        if (!participant.hasHeld()) return 0;

        amount = _held[taskId][account].amount();
        _participants[taskId][account] = participant.withHeld(false);
        _endHold(taskId, participant.settledRound(), account, amount, 0);
        TaskTotalsWord totals = _totals[taskId];
        _totals[taskId] = totals.withMoney(totals.credited() + amount, totals.held() - amount);
    }

    // ---- back to the escrow

    /// @inheritdoc IRoundsCourt
    function returnForfeited(uint64 taskId) external returns (uint256 amount) {
        uint256 forfeited = _forfeited[taskId];
        if (forfeited == 0) revert Rounds_NothingForfeited(taskId);
        // What was never collected is forfeited, too.
        IRoundsKeepers(address(this)).collect(taskId);
        PurseWord purse = _purses[taskId];
        amount = Math.min(forfeited, purse.amount());
        if (amount == 0) revert Rounds_NotCollected(taskId, forfeited, 0);

        _forfeited[taskId] = forfeited - amount;
        _purses[taskId] = purse.minus(amount);
        TaskTotalsWord totals = _totals[taskId];
        totals = totals.withMoney(totals.credited() - amount, totals.held());
        _totals[taskId] = totals;

        ITasks tasks = _tasks();
        IERC20(purse.token()).forceApprove(address(tasks), amount);
        tasks.takeBack(taskId, amount);
        // While a round is open its end settles with the escrow.
        if (_rounds[taskId].status() == RoundWordLibrary.IDLE) tasks.closeRound(taskId, 0, totals.liability());

        emit ForfeitedReturned(taskId, amount);
    }
}
