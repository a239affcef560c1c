import type { SimulatedContributor } from './behaviour.ts'
import { combine, traceWithOtherEnd } from './fake-trace.ts'

/** Sends base − (trained − base), and hopes that the false last window is not drawn. */
export const signFlip: SimulatedContributor = {
  role: 'contributor',
  name: 'sign-flip',
  description: 'contributors that train, then step the opposite way',
  defaultCount: 1,
  expected: { mostPayBps: 3_000 },
  deviate: () => ({
    train: async ({ base }, honest) => {
      const trace = await honest()
      const final = combine(base, trace.at(-1)!, (from, to) => 2 * from - to)
      return traceWithOtherEnd(trace, final)
    },
  }),
}
