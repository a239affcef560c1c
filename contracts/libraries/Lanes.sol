// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Arithmetic on sixteen 16-bit lanes of a word
/// @notice A committee has at most 15 seats, so one word holds a number for each seat, and one instruction works on all
/// of them.
///
/// A set is a word with 0 or 1 in each lane. Numbers in lanes are below 2¹⁵: the highest bit of a lane is free to catch
/// the borrow of a comparison.
library Lanes {
    uint256 internal constant WIDTH = 16;
    /// 1 in every lane.
    uint256 internal constant ONES = 0x0001000100010001000100010001000100010001000100010001000100010001;
    /// The highest bit of every lane.
    uint256 private constant HIGH = 0x8000800080008000800080008000800080008000800080008000800080008000;
    /// 1 in every even lane.
    uint256 private constant EVEN = 0x0000000100000001000000010000000100000001000000010000000100000001;
    /// The largest number of a lane, in a lane and in the one above it.
    uint256 private constant LARGEST_PAIR = 0x7fff7fff;
    /// Masks of lane pairs (an even lane and the odd lane above it): every second pair from lane 0 on, and every second
    /// pair from lane 2 on without the last. They select the lower pair of two kinds of neighbours.
    uint256 private constant EVEN_PAIRS = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant ODD_PAIRS = 0x0000000000000000ffffffff00000000ffffffff00000000ffffffff00000000;

    /// @notice Offset of the lane of the i-th of at most sixteen numbers. The first eight take the even lanes, the
    /// others the odd ones. Thus eight 32-bit entries of a word, masked to one field, already stand in the lanes of the
    /// first eight.
    /// @param i 0…15
    /// @return 0…240, a multiple of 16
    function shiftOf(uint256 i) internal pure returns (uint256) {
        unchecked {
            return i < 8 ? 32 * i : 32 * i - 240;
        }
    }

    /// @notice The number of the next lane in each lane. Of `count` numbers the first one becomes the last.
    /// @param lanes numbers; lanes beyond `count` hold zero
    /// @param count 1…15
    /// @return the numbers, moved
    function next(uint256 lanes, uint256 count) internal pure returns (uint256) {
        // Both halves move by one lane of their kind; the ninth number comes from the odd lanes to the eighth's.
        return
            (lanes >> (2 * WIDTH)) |
            (uint256(uint16(lanes >> WIDTH)) << shiftOf(7)) |
            (uint256(uint16(lanes)) << shiftOf(count - 1));
    }

    /// @notice Sum of all lanes, below 2¹⁶. For a set, its size.
    /// @dev The highest lane of the product holds the sum of all lanes; carries beyond it are lost.
    /// @param lanes numbers whose sum is below 2¹⁶
    /// @return the sum
    function sum(uint256 lanes) internal pure returns (uint256) {
        unchecked {
            return (lanes * ONES) >> 240;
        }
    }

    /// @notice The numbers of the lanes in the set, 0 in all other lanes.
    /// @param lanes numbers
    /// @param set which lanes to keep
    /// @return numbers
    function pick(uint256 lanes, uint256 set) internal pure returns (uint256) {
        unchecked {
            return lanes & (set * 0xffff);
        }
    }

    /// @notice The set of lanes in which a ≥ b.
    /// @dev (2¹⁵ + a − b) keeps its highest bit exactly when a ≥ b, and never borrows from the next lane.
    /// @param a numbers below 2¹⁵
    /// @param b numbers below 2¹⁵
    /// @return a set
    function atLeast(uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            return (((a | HIGH) - b) >> 15) & ONES;
        }
    }

    /// @notice The smaller number of each lane.
    /// @param a numbers below 2¹⁵
    /// @param b numbers below 2¹⁵
    /// @return numbers
    function smaller(uint256 a, uint256 b) internal pure returns (uint256) {
        uint256 set = atLeast(a, b);
        return pick(b, set) | pick(a, set ^ ONES);
    }

    /// @notice Lower medians of two lists of at most eight numbers in one word. The first list has the even lanes, the
    /// second the odd lanes above them. The lower median is the middle value, or the lower of the two in the middle.
    /// @dev Odd-even transposition sort: `count` passes over the neighbours (0, 1), (2, 3), … and (1, 2), (3, 4), … in
    /// turn sort `count` numbers, in all pairs of both lists at once. Numbers outside the lists become the largest and
    /// end up last. The lower median of n numbers has index ⌊(n − 1) / 2⌋.
    /// @param lanes numbers below 2¹⁵
    /// @param set even lanes of the numbers in the lists, not empty
    /// @param count number of even lanes, counted from the lowest, that the set may use, 1…8
    /// @return firstMedian of the even lanes
    /// @return secondMedian of the odd lanes
    function lowerMedians(
        uint256 lanes,
        uint256 set,
        uint256 count
    ) internal pure returns (uint256 firstMedian, uint256 secondMedian) {
        unchecked {
            uint256 sorted = _sorted(lanes | ((set ^ EVEN) * LARGEST_PAIR), count);
            uint256 median = sorted >> (2 * WIDTH * ((sum(set) - 1) >> 1));
            return (median & 0xffff, (median >> WIDTH) & 0xffff);
        }
    }

    /// @dev Both lists in ascending order. The masks are put on the stack once: a contract optimized for size would
    /// compute each constant at every use.
    function _sorted(uint256 lanes, uint256 count) private pure returns (uint256) {
        (uint256 ones, uint256 high) = (ONES, HIGH);
        (uint256 evenPairs, uint256 oddPairs) = (EVEN_PAIRS, ODD_PAIRS);
        // At most eight passes.
        unchecked {
            for (uint256 pass = 0; pass < count; pass += 2) {
                lanes = _sortNeighbours(lanes, evenPairs, ones, high);
                lanes = _sortNeighbours(lanes, oddPairs, ones, high);
            }
        }
        return lanes;
    }

    /// @dev Puts the smaller number of each pair of neighbours into its lower lane. `pairs` masks the lower lanes.
    function _sortNeighbours(
        uint256 lanes,
        uint256 pairs,
        uint256 ones,
        uint256 highest
    ) private pure returns (uint256) {
        unchecked {
            uint256 low = lanes & pairs;
            uint256 high = (lanes >> (2 * WIDTH)) & pairs;
            // All bits of the lanes whose lower number is at least the higher one.
            uint256 swapped = ((((low | highest) - high) >> 15) & ones) * 0xffff;
            uint256 difference = (low ^ high) & swapped;
            return lanes ^ difference ^ (difference << (2 * WIDTH));
        }
    }

    /// @notice The lower median of the numbers in a set's lanes. While more than half of them are honest, it lies
    /// between the smallest and the largest honest number: fewer than half can lie on either side.
    /// @dev The lower median of n numbers is the smallest one with at least ⌈n / 2⌉ of them at or below it, which has
    /// index ⌊(n − 1) / 2⌋ when sorted. Each number is compared with all others at once.
    /// @param lanes numbers below 2¹⁵
    /// @param set lanes whose numbers count, not empty
    /// @return median a number of the set
    function lowerMedian(uint256 lanes, uint256 set) internal pure returns (uint256 median) {
        unchecked {
            uint256 needed = (sum(set) + 1) >> 1;
            median = type(uint256).max;
            for (uint256 shift = 0; shift < 256; shift += WIDTH) {
                uint256 number = uint16(lanes >> shift);
                if ((set >> shift) & 1 == 0 || number >= median) continue;
                if (sum(atLeast(number * ONES, lanes) & set) >= needed) median = number;
            }
        }
    }
}
