import { byCoordinate } from './by-coordinate.ts'
import type { Rule } from './rule.ts'

export const median: Rule = {
  name: 'median',
  description: 'the median of each coordinate (Yin and others 2018)',
  combine: async (updates) =>
    byCoordinate(updates, (values) => {
      const middle = values.length / 2
      return (values[Math.ceil(middle) - 1]! + values[Math.floor(middle)]!) / 2
    }),
}
