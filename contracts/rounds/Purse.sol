// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IRoundsKeepers} from "../interfaces/IRoundsKeepers.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";
import {Collecting} from "./Collecting.sol";
import {StorageKeys} from "./StorageKeys.sol";

/// @title Collecting pay from the escrow into the purse
/// @notice When a round closes, the escrow gets back what isn't owed, and the round's pay moves to the purse in one
/// transfer. A claim then touches one contract and one task's purse. Where that transfer failed, anyone can collect at
/// any time: rounds that follow one another without a pause can't keep the pay in the escrow.
abstract contract Purse is Collecting, IRoundsKeepers {
    /// @inheritdoc IRoundsKeepers
    function collect(uint64 taskId) external returns (uint256 amount) {
        _termsOf(taskId);
        // Only collections pay out of the escrow. What the open round credited is backed by its reserve.
        ITasks tasks = _tasks();
        ITasks.Funds memory funds = tasks.fundsOf(taskId);
        uint256 collected = funds.funded - funds.refunded - funds.available - funds.reserved;
        amount = _totals[taskId].credited() - collected;
        if (amount == 0) return 0;

        IERC20 token = IERC20(_purses[taskId].token());
        uint256 before = token.balanceOf(address(this));
        tasks.payOut(taskId, address(this), amount);

        // What the token kept back is missing in this task's purse alone. The purse is read after the token was called.
        amount = Math.min(amount, Math.saturatingSub(token.balanceOf(address(this)), before));
        _purses[taskId] = _purses[taskId].plus(amount);

        emit Collected(taskId, amount);
    }

    /// @dev Closes a round, whatever its end: notes the time and lets the escrow take back what isn't owed. If a verdict
    /// rolled the model back while the round was open, the next one trains from that model.
    function _closeRound(uint64 taskId, RoundWord round) internal returns (bool isRolledBack) {
        uint256 key = StorageKeys.closing(round.round());

        uint256 openedAt = round.submitEnd() - _roundTerms[taskId].submitSeconds();
        _closings[taskId][key] = _closings[taskId][key].withTimes(round.round(), openedAt, block.timestamp);
        _rounds[taskId] = round.withStatus(RoundWordLibrary.IDLE);
        bytes32 model = _rollBacks[taskId];
        isRolledBack = model != 0;
        if (isRolledBack) (_baseModels[taskId], _rollBacks[taskId]) = (model, 0);

        _tasks().closeRound(taskId, _starts[taskId].reserve(), _totals[taskId].liability());
    }
}
