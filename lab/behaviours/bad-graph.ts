import { hitWeakSpot } from '../weak-graph.ts'
import type { SimulatedContributor } from './behaviour.ts'
import { traceWithOtherEnd } from './fake-trace.ts'

/** Trains, then changes one weight, so that nobody can evaluate the update. It hopes that the seats' sheets fail with it. */
export const badGraph: SimulatedContributor = {
  role: 'contributor',
  name: 'bad-graph',
  description:
    'contributors that send updates on which the evaluation graph fails (it has a weak spot for them)',
  defaultCount: 0,
  needsWeakGraph: true,
  expected: { mostPayBps: 3_000 },
  deviate: () => ({
    train: async ({ contents }, honest) => {
      const trace = await honest()
      return traceWithOtherEnd(trace, hitWeakSpot(trace.at(-1)!, contents))
    },
  }),
}
