// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WeightLanes} from "../../../contracts/types/WeightLanes.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice Sixty-four weights in four words.
contract WeightLanesTest is Test {
    using WeightLanes for uint256[4];

    /// A weight is written over the one before it, and beside all others.
    function testFuzz_AWeightReplacesTheOneBeforeIt(uint16[64] memory first, uint16[64] memory second) public pure {
        uint256[4] memory lanes;
        for (uint256 i = 0; i < 64; ++i) lanes.setWeight(i, first[i]);
        for (uint256 i = 0; i < 64; ++i) {
            assertEq(lanes.weightAt(i), first[i]);
            lanes.setWeight(i, second[i]);
            assertEq(lanes.weightAt(i), second[i]);
        }
        for (uint256 i = 0; i < 64; ++i) assertEq(lanes.weightAt(i), second[i]);
    }
}
