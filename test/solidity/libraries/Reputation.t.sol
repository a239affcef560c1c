// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Reputation} from "../../../contracts/libraries/Reputation.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice Reputation and uptime stay in their bounds and move the right way.
contract ReputationTest is Test {
    function testFuzz_ReputationStaysInBoundsAndMovesTowardQuality(uint256 rho, uint256 quality) public pure {
        rho = bound(rho, 5_000, 15_000);
        quality = bound(quality, 0, 10_000);
        uint256 target = 5_000 + quality;
        uint256 next = Reputation.next(rho, quality);
        assertGe(next, Reputation.MIN_REPUTATION_BPS);
        assertLe(next, Reputation.MAX_REPUTATION_BPS);
        if (rho <= target) assertTrue(next >= rho && next <= target, "did not move up to the target");
        else assertTrue(next < rho + 1 && next >= target, "did not move down to the target");
    }

    function testFuzz_ReputationNeverFallsWhenQualityRises(uint256 rho, uint256 quality, uint256 better) public pure {
        rho = bound(rho, 5_000, 15_000);
        quality = bound(quality, 0, 10_000);
        better = bound(better, quality, 10_000);
        assertGe(Reputation.next(rho, better), Reputation.next(rho, quality));
    }

    function test_ReputationApproachesBothEnds() public pure {
        uint256 rho = 5_000;
        for (uint256 round = 0; round < 100; ++round) rho = Reputation.next(rho, 10_000);
        assertGe(rho, 15_000 - 7, "truncation stops less than 8 bps below the top");
        for (uint256 round = 0; round < 100; ++round) rho = Reputation.next(rho, 0);
        assertLe(rho, 5_000 + 7, "and as little above the bottom");
    }

    function testFuzz_RunningScoreStaysBetweenItselfAndTheValue(
        uint256 running,
        uint256 value,
        bool isJudged
    ) public pure {
        running = bound(running, 0, 20_000);
        value = bound(value, 0, 20_000);
        uint256 next = Reputation.runningNext(running, value, isJudged);
        if (!isJudged) assertEq(next, value);
        else if (value >= running) assertTrue(next >= running && next <= value);
        else assertTrue(next <= running && next >= value);
    }

    function testFuzz_ProvenWindowsAreCappedAndForgotten(uint256 proven, uint256 added, uint256 lost) public pure {
        proven = bound(proven, 0, 48);
        added = bound(added, 0, 6);
        lost = bound(lost, 0, 36);
        uint256 next = Reputation.provenNext(proven, added, 0);
        uint256 less = Reputation.provenNext(proven, added, lost);
        assertLe(less, next, "withheld windows prove something");
        if (less != 0) assertEq(proven - (proven + 7) / 8 + added - less, lost);
        assertLe(next, Reputation.MAX_PROVEN_WINDOWS);
        assertGe(next, added);
        if (added == 0 && proven > 0) assertLt(next, proven, "nothing was forgotten");
    }

    /// Of six windows each withheld one costs a fifth of the pay, five and more all of it.
    function test_WithheldWindowsCostSixFifthsOfTheirShare() public pure {
        for (uint256 withheld = 0; withheld <= 6; ++withheld) {
            assertEq(Reputation.keptBps(withheld, 6), withheld < 5 ? 10_000 - 2_000 * withheld : 0);
        }
        assertEq(Reputation.keptBps(1, 1), 0);
        assertEq(Reputation.keptBps(1, 2), 4_000);
        assertEq(Reputation.keptBps(2, 3), 2_000);
    }

    function testFuzz_DoneNeverExceedsDue(
        uint256[20] memory dutiesOfRound,
        uint256[20] memory doneOfRound
    ) public pure {
        uint256 dutySum;
        uint256 doneSum;
        for (uint256 i = 0; i < 20; ++i) {
            uint256 duties = bound(dutiesOfRound[i], 1, 1_025);
            dutySum = Reputation.decayedSum(dutySum, duties);
            doneSum = Reputation.decayedSum(doneSum, bound(doneOfRound[i], 0, duties));
            assertLe(doneSum, dutySum);
            // s' = s − ⌊s/8⌋ + 256·n settles where ⌊s/8⌋ = 256·n.
            assertLe(dutySum, 8 * 256 * 1_025 + 8);
        }
    }

    function testFuzz_UptimeIsZeroOrBetweenOneAndItsBonus(uint256 due, uint256 done, uint256 total) public pure {
        due = bound(due, 0, type(uint32).max);
        done = bound(done, 0, due);
        total = bound(total, 0, type(uint16).max);
        uint256 uptime = Reputation.uptimeBps(due, done, total);
        assertTrue(uptime == 0 || (uptime >= 10_000 && uptime <= 12_000), "neither 0 nor 1 to 1.2");
        if (total < 10 || due == 0) assertEq(uptime, 10_000);
        else if (10_000 * done < 8_000 * due) assertEq(uptime, 0);
        else assertGe(uptime, 10_000);
    }

    function testFuzz_UptimeNeverFallsWhenMoreIsDone(
        uint256 due,
        uint256 done,
        uint256 more,
        uint256 total
    ) public pure {
        due = bound(due, 1, type(uint32).max);
        done = bound(done, 0, due);
        more = bound(more, done, due);
        assertGe(Reputation.uptimeBps(due, more, total), Reputation.uptimeBps(due, done, total));
    }

    function test_UptimeAtItsCorners() public pure {
        assertEq(Reputation.uptimeBps(10_000, 0, 9), 10_000);
        assertEq(Reputation.uptimeBps(10_000, 7_999, 10), 0);
        assertEq(Reputation.uptimeBps(10_000, 8_000, 10), 10_000);
        assertEq(Reputation.uptimeBps(10_000, 9_000, 10), 10_000);
        assertEq(Reputation.uptimeBps(10_000, 9_500, 10), 11_000);
        assertEq(Reputation.uptimeBps(10_000, 10_000, 10), 12_000);
    }
}
