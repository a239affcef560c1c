// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "../../contracts/interfaces/ITasks.sol";
import {TaskBounds} from "../../contracts/libraries/TaskBounds.sol";

/// @notice The longest case of a deployment is the sum of its times, and at most 148 days.
contract LongestCaseIsBounded {
    function prove(ITasks.Timing memory timing) external pure {
        uint256 longest = TaskBounds.checkTiming(timing);
        assert(longest <= 148 days);
        assert(
            longest >= timing.maxRoundSeconds && longest > timing.verdictSeconds && longest > timing.executionSeconds
        );
    }
}
