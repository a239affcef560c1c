/** The lower median, as contracts/libraries/Lanes.sol computes it. */

/**
 * Value at index ⌊(n − 1) / 2⌋ in ascending order. It lies between honest values while they are more than half.
 *
 * @throws RangeError for no value.
 */
export function lowerMedian<T extends number | bigint>(values: readonly T[]): T {
  if (values.length === 0) throw new RangeError('no values to take the median of: give at least one')
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted[(sorted.length - 1) >> 1]!
}
