// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// A task's totals: enrolled contributors and their reputations, credited and held pay; and its last pause.
type TaskTotalsWord is uint256;

using TaskTotalsWordLibrary for TaskTotalsWord global;

/// @title Reads and writes a {TaskTotalsWord}
/// @notice Layout, the lowest bits first; twin: TASK_TOTALS_WORD in `sdk/protocol/words.ts`.
library TaskTotalsWordLibrary {
    using Bits for uint256;

    /// Contributors enrolled now.
    uint256 private constant ENROLLED_OFFSET = 0;
    uint256 private constant ENROLLED_BITS = 24;
    /// Sum of their reputations in bps, each at most 15,000.
    uint256 private constant REPUTATION_SUM_OFFSET = 24;
    uint256 private constant REPUTATION_SUM_BITS = 40;
    /// Reward wei credited since the task began.
    uint256 private constant CREDITED_OFFSET = 64;
    uint256 private constant CREDITED_BITS = 80;
    /// Held reward wei.
    uint256 private constant HELD_OFFSET = 144;
    uint256 private constant HELD_BITS = 80;
    /// Hours from 1970 to the end of the task's last pause; 0 before the first one.
    uint256 private constant RESUMED_HOUR_OFFSET = 224;
    uint256 private constant RESUMED_HOUR_BITS = 32;

    function enrolled(TaskTotalsWord self) internal pure returns (uint256) {
        return uint24(TaskTotalsWord.unwrap(self) >> ENROLLED_OFFSET);
    }

    function reputationSum(TaskTotalsWord self) internal pure returns (uint256) {
        return uint40(TaskTotalsWord.unwrap(self) >> REPUTATION_SUM_OFFSET);
    }

    function credited(TaskTotalsWord self) internal pure returns (uint256) {
        return uint80(TaskTotalsWord.unwrap(self) >> CREDITED_OFFSET);
    }

    function held(TaskTotalsWord self) internal pure returns (uint256) {
        return uint80(TaskTotalsWord.unwrap(self) >> HELD_OFFSET);
    }

    /// @dev Unix seconds at which the task's last pause ended, rounded down to an hour; 0 before the first pause.
    function resumedAt(TaskTotalsWord self) internal pure returns (uint256) {
        return (TaskTotalsWord.unwrap(self) >> RESUMED_HOUR_OFFSET) * 1 hours;
    }

    /// @dev The word of a task whose pause ends at `time`, in unix seconds.
    function withResumed(TaskTotalsWord self, uint256 time) internal pure returns (TaskTotalsWord) {
        uint256 hour = time / 1 hours;
        return TaskTotalsWord.wrap(TaskTotalsWord.unwrap(self).put(RESUMED_HOUR_OFFSET, RESUMED_HOUR_BITS, hour));
    }

    /// @dev Wei that the escrow must keep for this task's earnings, claimed or not.
    function liability(TaskTotalsWord self) internal pure returns (uint256) {
        return credited(self) + held(self);
    }

    /// @dev The word with a new number of enrolled contributors and a new sum of their reputations, in bps. Nobody can
    /// enrol 2²⁴ accounts: it would take more than 10¹² gas, 20,000 full blocks.
    function withPeople(TaskTotalsWord self, uint256 count, uint256 sum) internal pure returns (TaskTotalsWord) {
        uint256 word = TaskTotalsWord.unwrap(self).put(ENROLLED_OFFSET, ENROLLED_BITS, count);
        return TaskTotalsWord.wrap(word.put(REPUTATION_SUM_OFFSET, REPUTATION_SUM_BITS, sum));
    }

    /// @dev The word with new amounts credited since the task began, and held, in wei. Reverts if one of them doesn't
    /// fit.
    function withMoney(
        TaskTotalsWord self,
        uint256 creditedWei,
        uint256 heldWei
    ) internal pure returns (TaskTotalsWord) {
        uint256 word = TaskTotalsWord.unwrap(self).put(CREDITED_OFFSET, CREDITED_BITS, creditedWei.fit(CREDITED_BITS));
        return TaskTotalsWord.wrap(word.put(HELD_OFFSET, HELD_BITS, heldWei.fit(HELD_BITS)));
    }
}
