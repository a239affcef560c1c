import { seededRng } from '../rng.ts'
import { meanOf } from '../steps.ts'
import { crafted } from './crafted.ts'

/** How far beyond the honest values the attackers draw theirs. */
const BEYOND = 2

/**
 * Fang, Cao, Jia, Gong 2020, against the median and the trimmed mean: where the honest mean grows, values below the smallest honest
 * one, where it falls, values above the largest, each drawn at random up to twice as far out.
 */
export const fangMedian = crafted(
  {
    name: 'fang-median',
    description: 'send values just beyond the honest ones, against the honest direction, by coordinate',
  },
  ({ honest, means, round }) => {
    const rng = seededRng(means.seed, `values of round ${round}`)
    return meanOf(honest).map((mean, k) => {
      const values = honest.map((one) => one[k]!)
      const edge = mean > 0 ? Math.min(...values) : Math.max(...values)
      const outward = mean > 0 ? edge > 0 : edge < 0
      const factor = outward ? 1 / BEYOND : BEYOND
      return edge * (1 + (factor - 1) * rng.uniform())
    })
  },
)
