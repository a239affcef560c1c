// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTasks} from "../interfaces/IRoundsTasks.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {RoundsStorage} from "./RoundsStorage.sol";
import {Prices, Purses, Services, Timings} from "./TaskWords.sol";

/// @title New tasks, and what lets people in and out
/// @notice Terms are copied when a task is created and never change.
abstract contract Registration is RoundsStorage, IRoundsTasks {
    /// @dev People and tasks come from the escrow alone.
    modifier onlyTasks() {
        address tasks = address(_tasks());
        if (msg.sender != tasks) revert Rounds_OnlyTasks(msg.sender, tasks);
        _;
    }

    /// @inheritdoc IRoundsTasks
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

    /// @dev Nobody leaves before `finalAt`, in unix seconds.
    function _requireFinal(uint64 taskId, uint256 finalAt) internal view {
        if (block.timestamp < finalAt) revert Rounds_NotFinal(taskId, finalAt);
    }
}
