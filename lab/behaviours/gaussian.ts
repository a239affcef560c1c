import { windowCount } from '@assay/engine/package/task-spec.ts'
import type { SimulatedContributor } from './behaviour.ts'
import { noisy, straightTrace } from './fake-trace.ts'

export const gaussian: SimulatedContributor = {
  role: 'contributor',
  name: 'gaussian',
  description: 'contributors that send noise instead of training',
  defaultCount: 0,
  // The default makes an update about as long as honest training's on the digits task.
  parameter: { meaning: 'standard deviation of each weight’s step', default: 0.02, least: 1e-6, most: 10 },
  expected: { mostPayBps: 3_000 },
  deviate: ({ seed, parameter: sigma }) => ({
    train: async (work) => {
      const final = noisy(work.base, { seed, sigma, work })
      return straightTrace(work.base, final, windowCount(work.contents.spec))
    },
  }),
}
