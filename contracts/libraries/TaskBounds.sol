// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "../interfaces/ITasks.sol";
import {RewardFormula} from "./RewardFormula.sol";

/// @title Bounds of task parameters
/// @notice Bounds of every parameter of a task and of the time limits fixed at deployment. A value out of bounds is
/// refused with an error that names the parameter and its bounds.
library TaskBounds {
    /// Earnings are kept in 80 bits. All funding of a task is below 2⁸⁰ wei, so that they can't wrap.
    uint256 internal constant MAX_FUNDING = type(uint80).max;

    uint256 internal constant MAX_COMPUTE_UNITS = type(uint32).max;
    /// Sample indices are drawn from 32-bit words; up to this number their bias is below 2⁻⁸.
    uint256 internal constant MAX_DATA_UNITS = 1 << 24;
    uint256 internal constant MAX_STEPS = 1_000_000;
    uint256 internal constant MAX_WINDOWS = type(uint16).max;
    /// A score entry has three bits for replayed windows, and one of their values means "missed".
    uint256 internal constant MAX_REPLAY_WINDOWS = 6;
    /// 128 cohorts of 16. A seat drawn for all of them that reveals first in a task's first round still stays below the
    /// largest transaction that public nodes accept.
    uint256 internal constant MAX_SLOTS = 2_048;
    uint256 internal constant MIN_COMMITTEE = 3;
    uint256 internal constant MAX_COMMITTEE = 15;
    uint256 internal constant MAX_ROUNDS = 1_000_000;
    uint256 internal constant MIN_EARLY_BONUS_BPS = 10_000;
    uint256 internal constant MAX_EARLY_BONUS_BPS = 20_000;

    /// A thousandth of an ASSAY: each further identity costs something.
    uint256 internal constant MIN_ENROLMENT_FEE = 0.001 ether;
    /// One ASSAY: a slash in bps is never rounded to zero.
    uint256 internal constant MIN_STAKE = 1 ether;
    /// The supply of ASSAY.
    uint256 internal constant MAX_STAKE = 1_000_000_000 ether;

    /// Rounds between a round and the one that overwrites its evidence, the eighth after it.
    uint256 internal constant ROUNDS_BETWEEN_EVIDENCE = 7;
    /// The challenge window is at most as long as this many full rounds. The other rounds leave time for a verdict.
    uint256 internal constant CHALLENGE_ROUNDS = 4;

    /// Longest wait for a beacon. A round whose beacon stays silent for longer is void.
    uint256 internal constant BEACON_WAIT_SECONDS = 1 days;
    uint256 internal constant MIN_ROUND_SECONDS = 8;
    uint256 internal constant MAX_ROUND_SECONDS = 60 days;
    uint256 internal constant MAX_CHALLENGE_SECONDS = 30 days;
    uint256 internal constant MAX_VERDICT_SECONDS = 30 days;
    uint256 internal constant MAX_EXECUTION_SECONDS = 14 days;
    uint256 internal constant MAX_MARGIN_SECONDS = 14 days;
    /// No chain that this is meant for needs phases of more than an hour.
    uint256 internal constant MAX_MIN_PHASE_SECONDS = 1 hours;

    uint256 internal constant MIN_ENCRYPTION_KEY_BYTES = 32;
    uint256 internal constant MAX_ENCRYPTION_KEY_BYTES = 2_048;

    /// @notice Reverts with `Tasks_OutOfBounds` if a value is outside its bounds.
    /// @param parameter name of the parameter, for the error
    /// @param value given, in the unit of the parameter
    /// @param minimum least
    /// @param maximum most
    function check(string memory parameter, uint256 value, uint256 minimum, uint256 maximum) internal pure {
        if (value < minimum || value > maximum) {
            revert ITasks.Tasks_OutOfBounds(parameter, value, minimum, maximum);
        }
    }

    /// @notice Refuses time limits out of bounds with `Tasks_OutOfBounds`.
    /// @param timing limits of the deployment, in seconds
    /// @return longestCaseSeconds from the first second of a round to the last in which it can lead to a slash
    function checkTiming(ITasks.Timing memory timing) internal pure returns (uint256 longestCaseSeconds) {
        check("maxRoundSeconds", timing.maxRoundSeconds, MIN_ROUND_SECONDS, MAX_ROUND_SECONDS);
        check("maxChallengeSeconds", timing.maxChallengeSeconds, 1, MAX_CHALLENGE_SECONDS);
        check("verdictSeconds", timing.verdictSeconds, 1, MAX_VERDICT_SECONDS);
        check("executionSeconds", timing.executionSeconds, 1, MAX_EXECUTION_SECONDS);
        check("marginSeconds", timing.marginSeconds, BEACON_WAIT_SECONDS, MAX_MARGIN_SECONDS);
        check("minPhaseSeconds", timing.minPhaseSeconds, 1, MAX_MIN_PHASE_SECONDS);

        return
            uint256(timing.maxRoundSeconds) +
            timing.maxChallengeSeconds +
            timing.verdictSeconds +
            timing.executionSeconds +
            timing.marginSeconds;
    }

    /// @notice Refuses parameters of a task with `Tasks_ZeroHash`, else with `Tasks_OutOfBounds`.
    /// @param params of the task
    /// @param timing limits of the deployment
    /// @return roundCost the most that a round can cost, in reward wei
    function checkParams(
        ITasks.TaskParams memory params,
        ITasks.Timing memory timing
    ) internal pure returns (uint256 roundCost) {
        if (params.specHash == 0) revert ITasks.Tasks_ZeroHash("specHash");
        if (params.initialModelHash == 0) revert ITasks.Tasks_ZeroHash("initialModelHash");
        if (params.poolRoot == 0) revert ITasks.Tasks_ZeroHash("poolRoot");

        _checkWork(params);
        _checkRound(params);
        _checkPhases(params, timing.minPhaseSeconds, timing.maxRoundSeconds, timing.maxChallengeSeconds);
        _checkStakes(params);

        roundCost = largestRoundCost(params);
        check("largestRoundCost", roundCost, 1, MAX_FUNDING);
    }

    /// @notice The most that one round of a task can cost.
    /// @param params of the task
    /// @return reward wei
    function largestRoundCost(ITasks.TaskParams memory params) internal pure returns (uint256) {
        return
            RewardFormula.largestRoundCost(
                RewardFormula.Limits({
                    slots: params.slots,
                    committeeSize: params.committeeSize,
                    earlyBonusBps: params.earlyBonusBps,
                    priceCompute: params.priceCompute,
                    computeUnits: params.computeUnitsPerRound,
                    priceData: params.priceData,
                    dataUnits: params.dataUnitsLimit,
                    priceValidation: params.priceValidation
                })
            );
    }

    /// @dev A contributor's work in a round, and how much of it is replayed.
    function _checkWork(ITasks.TaskParams memory params) private pure {
        check("computeUnitsPerRound", params.computeUnitsPerRound, 1, MAX_COMPUTE_UNITS);
        check("dataUnitsLimit", params.dataUnitsLimit, 1, MAX_DATA_UNITS);
        check("stepsPerRound", params.stepsPerRound, 1, MAX_STEPS);
        check("replayWindows", params.replayWindows, 1, MAX_REPLAY_WINDOWS);
        check("windowsPerRound", params.windowsPerRound, params.replayWindows, MAX_WINDOWS);
        // Every window has the same number of steps.
        check("stepsPerRound % windowsPerRound", params.stepsPerRound % params.windowsPerRound, 0, 0);
    }

    /// @dev The number of participants of a round, the number of rounds, and the early bonus.
    function _checkRound(ITasks.TaskParams memory params) private pure {
        check("slots", params.slots, 1, MAX_SLOTS);
        check("committeeSize", params.committeeSize, MIN_COMMITTEE, MAX_COMMITTEE);
        // Half of an even number of seats could block the other half.
        check("committeeSize % 2", params.committeeSize % 2, 1, 1);
        check("minContributors", params.minContributors, 1, MAX_SLOTS);
        check("maxRounds", params.maxRounds, 1, MAX_ROUNDS);
        check("earlyBonusBps", params.earlyBonusBps, MIN_EARLY_BONUS_BPS, MAX_EARLY_BONUS_BPS);
    }

    /// @dev Each phase, the longest round and the challenge window stay within the deployment's limits.
    function _checkPhases(
        ITasks.TaskParams memory params,
        uint256 minPhaseSeconds,
        uint256 maxRoundSeconds,
        uint256 maxChallengeSeconds
    ) private pure {
        check("submitSeconds", params.submitSeconds, minPhaseSeconds, maxRoundSeconds);
        check("openSeconds", params.openSeconds, minPhaseSeconds, maxRoundSeconds);
        check("commitSeconds", params.commitSeconds, minPhaseSeconds, maxRoundSeconds);
        check("revealSeconds", params.revealSeconds, minPhaseSeconds, maxRoundSeconds);
        check("aggregateSeconds", params.aggregateSeconds, minPhaseSeconds, maxRoundSeconds);

        // The shortest full round: no redraw, settled and voted on at once.
        uint256 shortest =
            uint256(params.submitSeconds) + params.openSeconds + params.commitSeconds + params.revealSeconds;
        uint256 longest = shortest + params.commitSeconds + params.revealSeconds + 2 * uint256(params.aggregateSeconds);
        check("roundSeconds", longest, MIN_ROUND_SECONDS, maxRoundSeconds);

        check("challengeSeconds", params.challengeSeconds, 1, _longestChallenge(params, shortest, maxChallengeSeconds));
    }

    /// @dev The longest challenge window. A round without submissions is void after its submit phase; seven such rounds
    /// may lie between a round and the one that overwrites its evidence.
    function _longestChallenge(
        ITasks.TaskParams memory params,
        uint256 shortest,
        uint256 maxChallengeSeconds
    ) private pure returns (uint256) {
        uint256 full = CHALLENGE_ROUNDS * shortest;
        uint256 void = ROUNDS_BETWEEN_EVIDENCE * uint256(params.submitSeconds);
        uint256 longest = full < void ? full : void;
        return longest < maxChallengeSeconds ? longest : maxChallengeSeconds;
    }

    /// @dev Fee and stakes, in ASSAY wei.
    function _checkStakes(ITasks.TaskParams memory params) private pure {
        check("enrolmentFee", params.enrolmentFee, MIN_ENROLMENT_FEE, MAX_STAKE);
        check("contributorStake", params.contributorStake, MIN_STAKE, MAX_STAKE);
        check("minValidatorStake", params.minValidatorStake, MIN_STAKE, MAX_STAKE);
    }
}
