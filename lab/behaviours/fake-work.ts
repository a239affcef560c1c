import { windowCount } from '@assay/engine/package/task-spec.ts'
import type { SimulatedContributor } from './behaviour.ts'
import { goneOn } from './fake-trace.ts'

/** Share of the windows that it trains. */
const TRAINED_SHARE = 0.5

/** Trains a part, makes up the rest and shows whatever is asked for: each drawn window of the rest ends in another state. */
export const fakeWork: SimulatedContributor = {
  role: 'contributor',
  name: 'fake-work',
  description: 'contributors that train a part of the windows, make up the others, and show them as training',
  defaultCount: 1,
  parameter: {
    meaning: 'share of the windows that are trained',
    default: TRAINED_SHARE,
    least: 0.1,
    most: 0.9,
  },
  // A replay of a made-up window costs the pay; the court takes half of the stake, then all of it.
  expected: { mostPayBps: 3_000, isSlashed: true },
  deviate: ({ parameter: share }) => ({
    train: async ({ contents }, honest) => {
      const windows = windowCount(contents.spec)
      const trained = Math.min(windows - 1, Math.max(1, Math.round(share * windows)))
      return goneOn((await honest()).slice(0, trained + 1), windows)
    },
  }),
}
