// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The lower median of a few scores
/// @notice With an odd number of values it is the one in the middle, with an even number the lower of the two in the middle. While
/// honest values are more than half, it lies between the smallest and the largest honest one: fewer than n/2 values can be pushed
/// to either side of them. Twin: `sdk/protocol/median.ts`.
library Median {
    /// @notice No values, or more than the array holds.
    /// @param count values asked for
    /// @param length of the array
    error Median_BadCount(uint256 count, uint256 length);

    /// @notice Value at index ⌊(count − 1) / 2⌋ of the first `count` values in ascending order.
    /// @dev Insertion sort in place: for the at most 15 values of a committee nothing is cheaper, and the caller reuses one array.
    /// Reads and writes skip Solidity's bounds checks: both cursors stay inside the first `count` words, count ≤ length.
    /// @param values sorted in place over its first `count` values
    /// @param count how many of them count, 1…values.length; else it reverts with `Median_BadCount`
    /// @return median a value of the array
    function lowerMedian(uint256[] memory values, uint256 count) internal pure returns (uint256 median) {
        if (count == 0 || count > values.length) revert Median_BadCount(count, values.length);

        assembly ("memory-safe") {
            let first := add(values, 0x20)
            let end := add(first, shl(5, count))
            for {
                let next := add(first, 0x20)
            } lt(next, end) {
                next := add(next, 0x20)
            } {
                let value := mload(next)
                let hole := next
                for {} gt(hole, first) {} {
                    let before := mload(sub(hole, 0x20))
                    if iszero(gt(before, value)) {
                        break
                    }
                    mstore(hole, before)
                    hole := sub(hole, 0x20)
                }
                mstore(hole, value)
            }
            median := mload(add(first, shl(5, shr(1, sub(count, 1)))))
        }
    }
}
