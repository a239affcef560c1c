import type { Trace } from '@assay/contributor/behaviour.ts'
import type { State } from '@assay/engine/package/state.ts'
import { windowCount } from '@assay/engine/package/task-spec.ts'
import type { SimulatedContributor } from './behaviour.ts'
import { noisy } from './fake-trace.ts'

/** A tenth of what honest training changes: too little to stand out. */
const SIGMA = 0.002

/**
 * The best time for junk is between two audits: where none looks, its pay is held, and the last round, which everybody
 * knows, is trained again. Windows of junk are withheld, because one that ends in another state would cost everything.
 */
export const heldJunk: SimulatedContributor = {
  role: 'contributor',
  name: 'held-junk',
  description:
    'contributors that train in the first rounds and the last, and send junk in between, in the hope of no audit',
  defaultCount: 0,
  parameter: { meaning: 'rounds that it trains before the junk', default: 2, least: 0, most: 50 },
  // In the demo's six rounds half of the work is done. Junk as small as this is paid for data where its Q is above 0.
  expected: { mostPayBps: 10_000, mostComputePayBps: 6_000 },
  deviate: ({ seed, parameter: trained }) => ({
    train: async (work, honest) => {
      if (work.round <= trained || work.isLastRound) return honest()
      const final = noisy(work.base, { seed, sigma: SIGMA, work })
      return junkTrace(work.base, final, windowCount(work.contents.spec))
    },
    shouldShow: (_, stateHashes) => stateHashes[0] !== stateHashes[1],
  }),
}

/** A trace that its sender can tell from training: it stays at the base until its last state. */
function junkTrace(base: State, final: State, windows: number): Trace {
  return Array.from({ length: windows + 1 }, (_, i) => (i < windows ? base : final))
}
