import { windowCount } from '@assay/engine/package/task-spec.ts'
import type { SimulatedContributor } from './behaviour.ts'
import { combine, noisy, straightTrace } from './fake-trace.ts'

/** Standard deviation of its noise in the first round, when there is no global step to repeat. */
const FIRST_ROUND_SIGMA = 1e-3

/** Sends base + (base − previous base). */
export const resubmit: SimulatedContributor = {
  role: 'contributor',
  name: 'resubmit',
  description: 'contributors that send the last global step again instead of training',
  defaultCount: 1,
  expected: { mostPayBps: 3_000 },
  deviate: ({ seed }) => ({
    train: async (work) => {
      const { base, contents } = work
      const previous = await work.previousBase()
      const final = previous
        ? combine(base, previous, (now, before) => 2 * now - before)
        : noisy(base, { seed, sigma: FIRST_ROUND_SIGMA, work })
      return straightTrace(base, final, windowCount(contents.spec))
    },
  }),
}
