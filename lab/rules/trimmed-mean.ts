import { byCoordinate } from './by-coordinate.ts'
import type { Rule } from './rule.ts'

/** The mean of each coordinate without its f lowest and f highest values. It is told f. */
export const trimmedMean: Rule = {
  name: 'trimmed-mean',
  description:
    'the mean of each coordinate but for the farthest values; it is told how many attack (Yin and others 2018)',
  combine: async (updates, { attackers }) =>
    byCoordinate(updates, (values) => {
      const trim = Math.min(attackers, Math.ceil(values.length / 2) - 1)
      const kept = values.subarray(trim, values.length - trim)
      return kept.reduce((sum, value) => sum + value, 0) / kept.length
    }),
}
