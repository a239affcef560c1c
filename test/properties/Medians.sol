// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Lanes} from "../../contracts/libraries/Lanes.sol";

/// @notice The lower median is a number of its set with at least half of the numbers at or below it, and no smaller number of
/// the set has so many. The place of the largest number is given: every set that isn't empty has one.
/// @custom:loops 16
/// @custom:reaches median < number && size == 15
contract MedianIsTheLowerOne {
    function prove(uint256 lanes, uint256 set, uint256 largest, uint256 other) external pure {
        require(largest < 256 && largest % 16 == 0 && uint16(set >> largest) == 1);
        require(other < 256 && other % 16 == 0 && uint16(set >> other) == 1);
        (uint256 size, uint256 high) = (Lanes.sum(set), uint16(lanes >> largest));
        require(size <= 15 && Lanes.sum(Lanes.atLeast(high * Lanes.ONES, lanes) & set) == size);
        uint256 median = Lanes.lowerMedian(lanes, set);
        uint256 number = uint16(lanes >> other);
        assert(2 * Lanes.sum(Lanes.atLeast(median * Lanes.ONES, lanes) & set) >= size);
        assert(2 * Lanes.sum(Lanes.atLeast(number * Lanes.ONES, lanes) & set) < size || median <= number);
    }
}

/// @notice The lower median lies between the least and the largest number of its set.
/// @custom:loops 16
/// @custom:reaches low < median && median < high
contract MedianLiesInRange {
    function prove(uint256 lanes, uint256 set, uint256 largest, uint256 low) external pure {
        require(largest < 256 && largest % 16 == 0 && uint16(set >> largest) == 1);
        (uint256 size, uint256 high) = (Lanes.sum(set), uint16(lanes >> largest));
        require(size <= 15 && Lanes.sum(Lanes.atLeast(high * Lanes.ONES, lanes) & set) == size);
        for (uint256 shift = 0; shift < 256; shift += 16)
            require(uint16(set >> shift) == 0 || (low <= uint16(lanes >> shift) && uint16(lanes >> shift) <= high));
        uint256 median = Lanes.lowerMedian(lanes, set);
        assert(low <= median && median <= high);
    }
}

/// @notice While more than half of a set's numbers are honest, the lower median lies between the least and the largest honest
/// one: as many as are honest are at most the largest of them, and below the least of them are only others.
/// @custom:loops 16
/// @custom:reaches low < median && median < high
contract MedianIsHonest {
    function prove(uint256 lanes, uint256 set, uint256 largest, uint256 low, uint256 honest) external pure {
        require(largest < 256 && largest % 16 == 0 && uint16(set >> largest) == 1);
        (uint256 size, uint256 high) = (Lanes.sum(set), uint16(lanes >> largest));
        require(size <= 15 && honest <= size && 2 * honest > size && low <= high);
        require(Lanes.sum(Lanes.atLeast(high * Lanes.ONES, lanes) & set) >= honest);
        uint256 median = Lanes.lowerMedian(lanes, set);
        uint256 reached = Lanes.sum(Lanes.atLeast(median * Lanes.ONES, lanes) & set);
        require(median >= low || reached <= size - honest);
        assert(low <= median && median <= high);
    }
}
