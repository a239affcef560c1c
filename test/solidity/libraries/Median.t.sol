// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Libraries} from "../fixtures/Libraries.sol";
import {Median} from "../fixtures/reference/Median.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice The median lies between honest scores while more than half of the seats are honest.
contract MedianTest is Test {
    Libraries private _libraries = new Libraries();

    function testFuzz_MedianStaysBetweenHonestScores(
        uint256[15] memory scores,
        uint256 count,
        uint256 honest
    ) public pure {
        count = bound(count, 1, 15);
        honest = bound(honest, count / 2 + 1, count);
        uint256[] memory values = new uint256[](count);
        uint256 least = type(uint256).max;
        uint256 most = 0;
        for (uint256 i = 0; i < count; ++i) {
            // Honest scores come first: the order makes no difference to a median, as the next test shows.
            values[i] = scores[i];
            if (i >= honest) continue;
            if (scores[i] < least) least = scores[i];
            if (scores[i] > most) most = scores[i];
        }

        uint256 median = Median.lowerMedian(values, count);
        assertGe(median, least, "below every honest score");
        assertLe(median, most, "above every honest score");
    }

    function testFuzz_MedianHasItsRankAndIgnoresOrder(
        uint256[15] memory scores,
        uint256 count,
        uint256 turn
    ) public pure {
        count = bound(count, 1, 15);
        uint256[] memory values = new uint256[](count);
        uint256[] memory turned = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            values[i] = scores[i] % 8; // many equal ones
            turned[(i + (turn % count)) % count] = scores[i] % 8;
        }

        uint256 median = Median.lowerMedian(values, count);
        assertEq(Median.lowerMedian(turned, count), median, "order matters");
        uint256 below = 0;
        uint256 notAbove = 0;
        for (uint256 i = 0; i < count; ++i) {
            if (values[i] < median) ++below;
            if (values[i] <= median) ++notAbove;
            if (i > 0) assertLe(values[i - 1], values[i], "not sorted");
        }
        assertLe(below, (count - 1) / 2, "too many below");
        assertGt(notAbove, (count - 1) / 2, "too few at or below");
    }

    function test_OfTwoItIsTheLower() public pure {
        uint256[] memory values = new uint256[](2);
        (values[0], values[1]) = (9, 4);
        assertEq(Median.lowerMedian(values, 2), 4);
    }

    function testFuzz_OnlyTheFirstValuesCount(uint256[15] memory scores, uint256 count) public pure {
        count = bound(count, 1, 14);
        uint256[] memory few = new uint256[](count);
        uint256[] memory many = new uint256[](15);
        for (uint256 i = 0; i < 15; ++i) many[i] = scores[i];
        for (uint256 i = 0; i < count; ++i) few[i] = scores[i];
        assertEq(Median.lowerMedian(many, count), Median.lowerMedian(few, count));
        for (uint256 i = count; i < 15; ++i) assertEq(many[i], scores[i], "touched a value beyond count");
    }

    function test_RevertWhen_ThereIsNoValue() public {
        vm.expectRevert(abi.encodeWithSelector(Median.Median_BadCount.selector, 0, 3));
        _libraries.lowerMedian(new uint256[](3), 0);
    }

    function test_RevertWhen_CountExceedsTheArray() public {
        vm.expectRevert(abi.encodeWithSelector(Median.Median_BadCount.selector, 4, 3));
        _libraries.lowerMedian(new uint256[](3), 4);
    }
}
