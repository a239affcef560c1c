// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Sampling} from "../../../contracts/libraries/Sampling.sol";
import {Libraries} from "../fixtures/Libraries.sol";
import {Draws} from "../fixtures/reference/Draws.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice What a beacon draws: complete, without repetition, and by weight.
contract SamplingTest is Test {
    Libraries private _libraries = new Libraries();

    // ---- cohorts

    function testFuzz_PermuteIsABijection(uint256 count, bytes32 key) public pure {
        count = bound(count, 1, 120);
        uint256 taken;
        for (uint256 position = 0; position < count; ++position) {
            uint256 index = Draws.permute(position, count, key);
            assertLt(index, count, "outside");
            assertEq((taken >> index) & 1, 0, "twice");
            taken |= 1 << index;
        }
    }

    function test_PermuteIsABijectionOfAFullRound() public pure {
        uint256 count = 8_192;
        (uint256 width, uint256 height) = Sampling.gridOf(count);
        bool[] memory taken = new bool[](count);
        for (uint256 position = 0; position < count; ++position) {
            uint256 index = Sampling.permuteOn(position, count, width, height, keccak256("full round"));
            assertFalse(taken[index], "twice");
            taken[index] = true;
        }
    }

    function test_PermuteSpreadsOverAllIndices() public pure {
        // Over the keys, position 0 of 16 gets each index about equally often: expected 100 of 1,600, deviation 9.7.
        uint256[16] memory hits;
        for (uint256 key = 0; key < 1_600; ++key) ++hits[Draws.permute(0, 16, bytes32(key))];
        for (uint256 index = 0; index < 16; ++index) {
            assertGt(hits[index], 60, "too seldom");
            assertLt(hits[index], 140, "too often");
        }
    }

    function testFuzz_GridIsTheSmallestThatHolds(uint256 count) public pure {
        count = bound(count, 1, type(uint64).max);
        (uint256 width, uint256 height) = Sampling.gridOf(count);
        assertGe(width * width, count, "narrower than the root");
        assertLt((width - 1) * (width - 1), count, "wider than needed");
        assertGe(width * height, count, "too low");
        assertLt(width * (height - 1), count, "higher than needed");
    }

    function testFuzz_CohortsCoverAllPositionsEvenly(uint256 count) public pure {
        _assertCohortsCover(bound(count, 1, 1_000));
    }

    function test_CohortsCoverAFullRoundEvenly() public pure {
        _assertCohortsCover(8_191);
        _assertCohortsCover(8_192);
    }

    function test_RevertWhen_TheCohortDoesNotExist() public {
        vm.expectRevert(abi.encodeWithSelector(Sampling.Sampling_UnknownCohort.selector, 2, 2));
        _libraries.cohortBounds(32, 2);
        vm.expectRevert(abi.encodeWithSelector(Sampling.Sampling_UnknownCohort.selector, 0, 0));
        _libraries.cohortBounds(0, 0);
    }

    function testFuzz_RevertWhen_ThePositionIsOutside(uint256 position, uint256 count) public {
        count = bound(count, 1, 8_192);
        position = bound(position, count, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(Sampling.Sampling_PositionOutOfRange.selector, position, count));
        _libraries.permute(position, count, 0);
    }

    function test_RevertWhen_ThereIsNothingToPermute() public {
        vm.expectRevert(abi.encodeWithSelector(Sampling.Sampling_PositionOutOfRange.selector, 0, 0));
        _libraries.gridOf(0);
    }

    // ---- committees

    function testFuzz_CommitteeHasNoTwinsNoStrangersNoExcluded(
        bytes32 seed,
        uint256[4] memory noise,
        uint256 seatCount,
        uint64 excluded
    ) public view {
        seatCount = bound(seatCount, 3, 15);
        uint256[4] memory weights = _weightsFrom(noise);
        uint256 eligible = 0;
        for (uint256 i = 0; i < 64; ++i) if (_weightAt(weights, i) > 0 && (excluded >> i) & 1 == 0) ++eligible;
        if (eligible < seatCount) return;

        uint256 seats = _libraries.drawCommittee(seed, weights, seatCount, excluded);
        uint256 taken;
        for (uint256 seat = 0; seat < seatCount; ++seat) {
            uint256 index = (seats >> (8 * seat)) & 0xff;
            assertLt(index, 64);
            assertEq((taken >> index) & 1, 0, "drawn twice");
            assertEq((excluded >> index) & 1, 0, "excluded was drawn");
            assertGt(_weightAt(weights, index), 0, "without weight");
            taken |= 1 << index;
        }
        assertEq(seats >> (8 * seatCount), 0, "more seats than asked for");
        assertEq(Sampling.seatMask(seats, seatCount), taken);
    }

    function testFuzz_AllWithWeightAreDrawnWhenAllAreNeeded(bytes32 seed, uint16 members) public pure {
        // A bit of `members` is a validator of weight 256 in the last word.
        uint256[4] memory weights;
        uint256 count = 0;
        for (uint256 i = 0; i < 16; ++i) {
            if ((members >> i) & 1 == 0) continue;
            weights[3] |= 256 << (16 * i);
            ++count;
        }
        uint256 seats = Sampling.drawCommittee(seed, weights, count, 0);
        assertEq(Sampling.seatMask(seats, count), uint256(members) << 48);
    }

    function test_SeatsFollowWeights() public pure {
        // Three validators with weights 1 : 2 : 4; 2,800 first seats. Expected 400, 800, 1,600; deviations 18, 24, 26.
        uint256[4] memory weights;
        weights[0] = 256;
        weights[1] = 512 << 240;
        weights[3] = 1_024 << 16;
        uint256[64] memory hits;
        for (uint256 seed = 0; seed < 2_800; ++seed) ++hits[Sampling.drawCommittee(bytes32(seed), weights, 1, 0)];
        assertTrue(hits[0] > 310 && hits[0] < 490, "weight 1");
        assertTrue(hits[31] > 680 && hits[31] < 920, "weight 2");
        assertTrue(hits[49] > 1_470 && hits[49] < 1_730, "weight 4");
        assertEq(hits[0] + hits[31] + hits[49], 2_800);
    }

    function testFuzz_DrawingLeavesTheWeightsAlone(bytes32 seed, uint256[4] memory noise) public pure {
        uint256[4] memory weights = _weightsFrom(noise);
        for (uint256 i = 0; i < 4; ++i) weights[i] |= 1 << 16;
        bytes32 before = keccak256(abi.encode(weights));
        Sampling.drawCommittee(seed, weights, 3, 0);
        assertEq(keccak256(abi.encode(weights)), before);
    }

    function test_RevertWhen_TooFewValidatorsHaveWeight() public {
        uint256[4] memory weights;
        weights[2] = 256 | (256 << 32);
        vm.expectRevert(abi.encodeWithSelector(Sampling.Sampling_TooFewValidators.selector, 2, 3));
        _libraries.drawCommittee(0, weights, 3, 0);
        vm.expectRevert(abi.encodeWithSelector(Sampling.Sampling_TooFewValidators.selector, 0, 3));
        _libraries.drawCommittee(0, weights, 3, (1 << 32) | (1 << 34));
    }

    function testFuzz_WeightIsCappedAndNeverFallsWithStake(uint256 stake, uint256 more, uint256 minimum) public pure {
        minimum = bound(minimum, 1, type(uint96).max);
        stake = bound(stake, 0, type(uint96).max);
        more = bound(more, stake, type(uint96).max);
        uint256 weight = Sampling.weightOf(stake, minimum);
        bool isIn = stake >= minimum - minimum / 5;
        assertTrue(isIn ? weight >= 204 && weight <= 1_024 : weight == 0);
        if (stake >= minimum) assertGe(weight, 256);
        assertGe(Sampling.weightOf(more, minimum), weight);
    }

    function test_WeightAtItsCorners() public pure {
        assertEq(Sampling.weightOf(79, 100), 0);
        assertEq(Sampling.weightOf(80, 100), 204);
        assertEq(Sampling.weightOf(99, 100), 253);
        assertEq(Sampling.weightOf(100, 100), 256);
        assertEq(Sampling.weightOf(399, 100), 1_021);
        assertEq(Sampling.weightOf(400, 100), 1_024);
        assertEq(Sampling.weightOf(type(uint256).max, 1), 1_024);
    }

    function test_RevertWhen_TheMinimumStakeIsZero() public {
        vm.expectRevert(Sampling.Sampling_ZeroMinimumStake.selector);
        _libraries.weightOf(1, 0);
    }

    // ---- audits, replays, slots

    function testFuzz_AuditProbabilityStaysInBounds(uint256 rho, uint256 seen, bool flagged) public pure {
        rho = bound(rho, 5_000, 15_000);
        seen = bound(seen, 0, type(uint16).max);
        uint256 bps = Sampling.auditProbabilityBps(rho, seen, flagged);
        assertTrue(bps >= 500 && bps <= 10_000);
        assertGe(Sampling.auditProbabilityBps(rho, seen, true), bps, "a flag lowered it");
        assertLe(Sampling.auditProbabilityBps(rho, seen + 1, flagged), bps, "experience raised it");
        if (rho < 15_000) assertLe(Sampling.auditProbabilityBps(rho + 1, seen, flagged), bps, "reputation raised it");
    }

    function test_AuditProbabilityAtItsCorners() public pure {
        assertEq(Sampling.auditProbabilityBps(5_000, 0, false), 10_000);
        assertEq(Sampling.auditProbabilityBps(5_000, 9, false), 5_500);
        assertEq(Sampling.auditProbabilityBps(5_000, 10, false), 1_500);
        assertEq(Sampling.auditProbabilityBps(5_000, 10, true), 4_500);
        assertEq(Sampling.auditProbabilityBps(15_000, 10, false), 500);
    }

    function testFuzz_NewcomersAreAlwaysAudited(bytes32 beacon, address contributor, uint256 rho) public pure {
        assertTrue(Sampling.isAudited(beacon, contributor, bound(rho, 5_000, 15_000), 0, false));
    }

    function test_ADrawThatEqualsTheProbabilityIsNotOne() public pure {
        // A probability of p bps draws exactly the hashes below p: p itself is the first that is not drawn.
        uint256 audit = 0;
        while (_draw(audit, keccak256("audit"), abi.encode(address(1))) != 1_000) ++audit;
        assertFalse(Sampling.isAudited(bytes32(audit), address(1), 10_000, 50, false));

        uint256 slot = 0;
        while (_draw(slot, keccak256("slot"), abi.encode(7, 3, address(1))) != 2_500) ++slot;
        assertFalse(Sampling.isDrawnToSubmit(bytes32(slot), 7, 3, address(1), 2_500));
        assertTrue(Sampling.isDrawnToSubmit(bytes32(slot), 7, 3, address(1), 2_501));
    }

    function testFuzz_AssignedWindowsAddUp(uint256 windows, uint256 seatCount) public pure {
        windows = bound(windows, 0, 6);
        seatCount = bound(seatCount, 1, 15);
        uint256 sum;
        for (uint256 seat = 0; seat < seatCount; ++seat) sum += Sampling.assignedWindows(windows, seatCount, seat);
        assertEq(sum, windows);
    }

    function testFuzz_ReplayWindowsAreDistinct(bytes32 beacon, address contributor, uint256 total) public pure {
        total = bound(total, 1, 200);
        uint256 taken;
        for (uint256 i = 0; i < 6 && i < total; ++i) {
            uint256 window = Sampling.replayWindow(beacon, contributor, i, total);
            assertLt(window, total);
            assertEq((taken >> window) & 1, 0, "drawn twice");
            taken |= 1 << window;
        }
    }

    function testFuzz_SlotProbabilityIsCertainWhileThereIsRoom(
        uint256 rho,
        uint256 slots,
        uint256 enrolled
    ) public pure {
        rho = bound(rho, 5_000, 15_000);
        slots = bound(slots, 1, 8_192);
        enrolled = bound(enrolled, 1, 1_000_000);
        uint256 bps = Sampling.slotProbabilityBps(rho, enrolled * 15_000, slots, enrolled);
        assertLe(bps, 10_000);
        if (enrolled <= slots) assertEq(bps, 10_000);
        assertGe(Sampling.slotProbabilityBps(15_000, enrolled * 15_000, slots, enrolled), bps);
    }

    function _assertCohortsCover(uint256 count) private pure {
        uint256 cohorts = Sampling.cohortCount(count);
        uint256 next = 0;
        for (uint256 cohort = 0; cohort < cohorts; ++cohort) {
            (uint256 start, uint256 size) = Sampling.cohortBounds(count, cohort);
            assertEq(start, next, "gap or overlap");
            assertTrue(size >= count / cohorts && size <= count / cohorts + 1 && size <= 16, "uneven");
            next = start + size;
        }
        assertEq(next, count, "not all");
    }

    function _draw(uint256 seed, bytes32 label, bytes memory words) private pure returns (uint256) {
        return uint256(keccak256(abi.encodePacked(seed, label, words))) % 10_000;
    }

    function _weightsFrom(uint256[4] memory noise) private pure returns (uint256[4] memory weights) {
        for (uint256 i = 0; i < 64; ++i) {
            // A third without weight, the others 256 … 1,024.
            uint256 lane = (noise[i / 16] >> (16 * (i % 16))) & 0xffff;
            if (lane % 3 != 0) weights[i / 16] |= (256 + (lane % 769)) << (16 * (i % 16));
        }
    }

    function _weightAt(uint256[4] memory weights, uint256 i) private pure returns (uint256) {
        return (weights[i / 16] >> (16 * (i % 16))) & 0xffff;
    }
}
