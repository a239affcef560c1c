// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "../interfaces/ITasks.sol";
import {TaskBounds} from "../libraries/TaskBounds.sol";

/// @title The time limits of a deployment
/// @notice Fixed for good. Unbonding must outlast the longest case that they allow.
abstract contract TimingLimits is ITasks {
    uint32 private immutable _MAX_ROUND_SECONDS;
    uint32 private immutable _MAX_CHALLENGE_SECONDS;
    uint32 private immutable _VERDICT_SECONDS;
    uint32 private immutable _EXECUTION_SECONDS;
    uint32 private immutable _MARGIN_SECONDS;
    uint32 private immutable _MIN_PHASE_SECONDS;

    /// @notice Refuses limits out of bounds, and those that unbonding doesn't outlast.
    /// @param timing_ the limits
    /// @param unbondingSeconds of the registry that holds the stakes
    constructor(Timing memory timing_, uint256 unbondingSeconds) {
        uint256 longestCaseSeconds = TaskBounds.checkTiming(timing_);
        if (unbondingSeconds <= longestCaseSeconds) {
            revert Tasks_UnbondingTooShort(unbondingSeconds, longestCaseSeconds);
        }

        _MAX_ROUND_SECONDS = timing_.maxRoundSeconds;
        _MAX_CHALLENGE_SECONDS = timing_.maxChallengeSeconds;
        _VERDICT_SECONDS = timing_.verdictSeconds;
        _EXECUTION_SECONDS = timing_.executionSeconds;
        _MARGIN_SECONDS = timing_.marginSeconds;
        _MIN_PHASE_SECONDS = timing_.minPhaseSeconds;
    }

    /// @inheritdoc ITasks
    function timing() public view returns (Timing memory) {
        return
            Timing({
                maxRoundSeconds: _MAX_ROUND_SECONDS,
                maxChallengeSeconds: _MAX_CHALLENGE_SECONDS,
                verdictSeconds: _VERDICT_SECONDS,
                executionSeconds: _EXECUTION_SECONDS,
                marginSeconds: _MARGIN_SECONDS,
                minPhaseSeconds: _MIN_PHASE_SECONDS
            });
    }
}
