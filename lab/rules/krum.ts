import { squaredDistance } from '../steps.ts'
import type { Rule } from './rule.ts'
import { weightedMean } from './weighted.ts'

/** The one update whose n − f − 2 nearest ones are nearest. It is told f. */
export const krum: Rule = {
  name: 'krum',
  description:
    'the update that is nearest to most others; it is told how many attack (Blanchard and others 2017)',
  combine: async (updates, { attackers }) => {
    const steps = updates.map(({ step }) => step)
    const neighbours = Math.max(1, steps.length - attackers - 2)
    const scores = steps.map((one, i) =>
      steps
        .filter((_, j) => j !== i)
        .map((other) => squaredDistance(one, other))
        .sort((a, b) => a - b)
        .slice(0, neighbours)
        .reduce((sum, distance) => sum + distance, 0),
    )
    const best = scores.indexOf(Math.min(...scores))
    return weightedMean(
      steps,
      steps.map((_, i) => (i === best ? 1 : 0)),
    )
  },
}
