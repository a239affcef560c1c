// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {TaskBounds} from "../../../contracts/libraries/TaskBounds.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice The bounds, callable from outside.
contract Bounds {
    function checkTiming(ITasks.Timing calldata timing) external pure returns (uint256) {
        return TaskBounds.checkTiming(timing);
    }

    function checkParams(
        ITasks.TaskParams calldata params,
        ITasks.Timing calldata timing
    ) external pure returns (uint256) {
        return TaskBounds.checkParams(params, timing);
    }

    function check(string calldata parameter, uint256 value, uint256 minimum, uint256 maximum) external pure {
        TaskBounds.check(parameter, value, minimum, maximum);
    }
}

/// @notice Parameters within all bounds are accepted at their cost. Otherwise the error names the first one out of
/// bounds, with its bounds.
/// @dev Values are drawn at each limit and one past it. The table of limits is repeated here.
contract TaskBoundsTest is Test {
    uint256 private constant MOST = type(uint32).max;
    uint256 private constant MOST_DATA = 1 << 24;
    uint256 private constant SUPPLY = 1_000_000_000 ether;

    Bounds private _bounds = new Bounds();
    uint256 private _luck;
    /// The error that the model expects, empty for none.
    bytes private _refusal;

    function testFuzz_ParametersAreAcceptedOrTheFirstWrongOneIsNamed(uint256 luck) public {
        _luck = luck;
        ITasks.Timing memory timing;
        (timing.maxRoundSeconds, timing.maxChallengeSeconds) = (
            uint32(draw(8, 60 days, 0)),
            uint32(draw(1, 30 days, 0))
        );
        timing.minPhaseSeconds = uint32(draw(1, timing.maxRoundSeconds / 12 + 1, 0));
        ITasks.TaskParams memory params = drawnParams(luck % 2 == 0 ? 0 : 24, timing);
        expectHashes(params);
        expectWork(params);
        expectRound(params);
        expectPhases(params, timing.minPhaseSeconds, timing.maxRoundSeconds, timing.maxChallengeSeconds);
        expectStakes(params);
        uint256 cost = costOf(params);
        expect("largestRoundCost", cost, 1, type(uint80).max);

        if (_refusal.length != 0) vm.expectRevert(_refusal);
        uint256 answer = _bounds.checkParams(params, timing);
        if (_refusal.length == 0) assertEq(answer, cost);
    }

    /// A fuzz test that never sees one of the two answers would test only half.
    function test_BothAnswersAreDrawnOften() public {
        uint256 accepted = 0;
        for (uint256 i = 0; i < 400; ++i) {
            uint256 id = vm.snapshotState();
            testFuzz_ParametersAreAcceptedOrTheFirstWrongOneIsNamed(uint256(keccak256(abi.encode(i))) & ~uint256(1));
            bool isAccepted = _refusal.length == 0;
            vm.revertToState(id);
            if (isAccepted) ++accepted;
        }
        assertGt(accepted, 40);
        assertLt(accepted, 360);
    }

    function testFuzz_TimingIsAcceptedAndAddedUpOrTheFirstWrongOneIsNamed(uint256 luck) public {
        _luck = luck;
        uint256 odds = luck % 2 == 0 ? 0 : 4;
        ITasks.Timing memory timing = ITasks.Timing({
            maxRoundSeconds: uint32(draw(8, 60 days, odds)),
            maxChallengeSeconds: uint32(draw(1, 30 days, odds)),
            verdictSeconds: uint32(draw(1, 30 days, odds)),
            executionSeconds: uint32(draw(1, 14 days, odds)),
            marginSeconds: uint32(draw(1 days, 14 days, odds)),
            minPhaseSeconds: uint32(draw(1, 1 hours, odds))
        });
        expect("maxRoundSeconds", timing.maxRoundSeconds, 8, 60 days);
        expect("maxChallengeSeconds", timing.maxChallengeSeconds, 1, 30 days);
        expect("verdictSeconds", timing.verdictSeconds, 1, 30 days);
        expect("executionSeconds", timing.executionSeconds, 1, 14 days);
        expect("marginSeconds", timing.marginSeconds, 1 days, 14 days);
        expect("minPhaseSeconds", timing.minPhaseSeconds, 1, 1 hours);

        if (_refusal.length != 0) vm.expectRevert(_refusal);
        uint256 sum = _bounds.checkTiming(timing);
        if (_refusal.length != 0) return;
        uint256 own = uint256(timing.maxRoundSeconds) + timing.maxChallengeSeconds + timing.marginSeconds;
        assertEq(sum, own + timing.verdictSeconds + timing.executionSeconds);
    }

    function testFuzz_AValueIsRefusedExactlyOutsideOfItsBounds(uint256 value, uint256 a, uint256 b, uint8 edge) public {
        (uint256 minimum, uint256 maximum) = a < b ? (a, b) : (b, a);
        if (edge % 4 == 1) value = minimum;
        if (edge % 4 == 2) value = maximum;
        if (edge % 8 == 3 && minimum > 0) value = minimum - 1;
        if (edge % 8 == 7 && maximum < type(uint256).max) value = maximum + 1;
        expect("a value", value, minimum, maximum);

        if (_refusal.length != 0) vm.expectRevert(_refusal);
        _bounds.check("a value", value, minimum, maximum);
    }

    // ---- The model, with the bounds in the order in which they are checked

    function expectHashes(ITasks.TaskParams memory params) private {
        if (params.specHash == 0) _refusal = abi.encodeWithSelector(ITasks.Tasks_ZeroHash.selector, "specHash");
        else if (params.initialModelHash == 0) {
            _refusal = abi.encodeWithSelector(ITasks.Tasks_ZeroHash.selector, "initialModelHash");
        } else if (params.poolRoot == 0) {
            _refusal = abi.encodeWithSelector(ITasks.Tasks_ZeroHash.selector, "poolRoot");
        }
    }

    function expectWork(ITasks.TaskParams memory params) private {
        expect("computeUnitsPerRound", params.computeUnitsPerRound, 1, MOST);
        expect("dataUnitsLimit", params.dataUnitsLimit, 1, MOST_DATA);
        expect("stepsPerRound", params.stepsPerRound, 1, 1_000_000);
        expect("replayWindows", params.replayWindows, 1, 6);
        expect("windowsPerRound", params.windowsPerRound, params.replayWindows, type(uint16).max);
        if (params.windowsPerRound == 0) return;
        expect("stepsPerRound % windowsPerRound", params.stepsPerRound % params.windowsPerRound, 0, 0);
    }

    function expectRound(ITasks.TaskParams memory params) private {
        expect("slots", params.slots, 1, 2_048);
        expect("committeeSize", params.committeeSize, 3, 15);
        expect("committeeSize % 2", params.committeeSize % 2, 1, 1);
        expect("minContributors", params.minContributors, 1, 2_048);
        expect("maxRounds", params.maxRounds, 1, 1_000_000);
        expect("earlyBonusBps", params.earlyBonusBps, 10_000, 20_000);
    }

    function expectPhases(
        ITasks.TaskParams memory params,
        uint256 minPhase,
        uint256 maxRound,
        uint256 maxChallenge
    ) private {
        expect("submitSeconds", params.submitSeconds, minPhase, maxRound);
        expect("openSeconds", params.openSeconds, minPhase, maxRound);
        expect("commitSeconds", params.commitSeconds, minPhase, maxRound);
        expect("revealSeconds", params.revealSeconds, minPhase, maxRound);
        expect("aggregateSeconds", params.aggregateSeconds, minPhase, maxRound);
        uint256 submit = params.submitSeconds;
        uint256 scoring = uint256(params.commitSeconds) + params.revealSeconds;
        uint256 longest = submit + params.openSeconds + 2 * scoring + 2 * uint256(params.aggregateSeconds);
        expect("roundSeconds", longest, 8, maxRound);

        uint256 challenge = 4 * (submit + params.openSeconds + scoring);
        if (7 * submit < challenge) challenge = 7 * submit;
        if (maxChallenge < challenge) challenge = maxChallenge;
        expect("challengeSeconds", params.challengeSeconds, 1, challenge);
    }

    function expectStakes(ITasks.TaskParams memory params) private {
        expect("enrolmentFee", params.enrolmentFee, 0.001 ether, SUPPLY);
        expect("contributorStake", params.contributorStake, 1 ether, SUPPLY);
        expect("minValidatorStake", params.minValidatorStake, 1 ether, SUPPLY);
    }

    /// Every slot at ρ = 1.5, R = 2 and ε of round 1; both draws of the committees of all cohorts, the last one counted
    /// as full, at U = 1.2. Each sum is rounded up.
    function costOf(ITasks.TaskParams memory params) private pure returns (uint256) {
        uint256 compute = uint256(params.priceCompute) * params.computeUnitsPerRound;
        uint256 data = uint256(params.priceData) * params.dataUnitsLimit;
        uint256 work = (compute + 2 * data) * params.slots * params.earlyBonusBps * 3;
        uint256 cohorts = params.slots / 16 + (params.slots % 16 == 0 ? 0 : 1);
        uint256 validation = cohorts * 16 * 2 * params.committeeSize * uint256(params.priceValidation) * 6;
        return up(work, 20_000) + up(validation, 5);
    }

    function up(uint256 a, uint256 b) private pure returns (uint256) {
        return a / b + (a % b == 0 ? 0 : 1);
    }

    /// The first broken bound is the one in the error.
    function expect(string memory parameter, uint256 value, uint256 minimum, uint256 maximum) private {
        if (_refusal.length != 0 || (value >= minimum && value <= maximum)) return;
        _refusal = abi.encodeWithSelector(ITasks.Tasks_OutOfBounds.selector, parameter, value, minimum, maximum);
    }

    // ---- Drawing

    /// @param odds one value in this many is one past a limit, 0 for none
    function drawnParams(uint256 odds, ITasks.Timing memory timing) private returns (ITasks.TaskParams memory params) {
        (params.specHash, params.initialModelHash) = (bytes32(draw(1, 2, odds)), bytes32(draw(1, 2, odds)));
        (params.poolRoot, params.programRoot) = (bytes32(draw(1, 2, odds)), bytes32(draw(0, 2, 0)));
        drawWork(params, odds);
        params.slots = uint16(draw(1, 2_048, odds));
        params.committeeSize = uint8(draw(3, 15, odds));
        params.minContributors = uint16(draw(1, 2_048, odds));
        params.maxRounds = uint32(draw(1, 1_000_000, odds));
        params.earlyBonusBps = uint16(draw(10_000, 20_000, odds));
        drawPhases(params, odds, timing.minPhaseSeconds, timing.maxRoundSeconds);
        params.enrolmentFee = uint96(draw(0.001 ether, SUPPLY, odds));
        params.contributorStake = uint96(draw(1 ether, SUPPLY, odds));
        params.minValidatorStake = uint96(draw(1 ether, SUPPLY, odds));
    }

    function drawWork(ITasks.TaskParams memory params, uint256 odds) private {
        // Up to about 2⁸⁴ wei a round, so that the limit of funding is met from both sides.
        params.priceCompute = uint96(draw(0, 2 ** draw(1, 40, 0), 0));
        params.priceData = uint96(draw(0, 2 ** draw(1, 40, 0), 0));
        params.priceValidation = uint96(draw(0, 2 ** draw(1, 66, 0), 0));
        params.computeUnitsPerRound = uint32(draw(1, MOST, odds));
        params.dataUnitsLimit = uint32(draw(1, MOST_DATA, odds));
        params.replayWindows = uint8(draw(1, 6, odds));
        params.windowsPerRound = uint16(draw(params.replayWindows, 1_000, odds));
        uint256 steps = params.windowsPerRound * draw(1, 1_000, 0);
        params.stepsPerRound = uint32(odds == 0 ? steps : draw(steps, steps, odds));
    }

    function drawPhases(ITasks.TaskParams memory params, uint256 odds, uint256 minPhase, uint256 maxRound) private {
        // A sixth each, so that most sums stay within the limit.
        uint256 part = maxRound / 6 + 1;
        params.submitSeconds = uint32(draw(minPhase, part, odds));
        params.openSeconds = uint32(draw(minPhase, part, odds));
        params.commitSeconds = uint32(draw(minPhase, part / 2 + 1, odds));
        params.revealSeconds = uint32(draw(minPhase, part / 2 + 1, odds));
        params.aggregateSeconds = uint32(draw(minPhase, part / 2 + 1, odds));
        params.challengeSeconds = uint32(draw(1, part, odds));
    }

    /// A number in least … most: one time in four at an edge, and one time in `odds` past an edge.
    function draw(uint256 least, uint256 most, uint256 odds) private returns (uint256) {
        _luck = uint256(keccak256(abi.encode(_luck)));
        uint256 kind = (_luck >> 8) % (odds == 0 ? 8 : 8 * odds);
        if (odds != 0 && kind >= 8 * (odds - 1))
            return kind % 2 == 0 && least > 0 ? least - 1 : (most == MOST ? most : most + 1);
        if (kind % 8 == 0) return least;
        if (kind % 8 == 1) return most;
        return least + ((_luck >> 16) % (most - least + 1));
    }
}
