import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'
import { combine, traceWithOtherEnd } from './fake-trace.ts'

/** Trains, then steps the opposite way: base − (trained − base). Hopes that the lie in the last window is not drawn. */
export function signFlip(): ContributorBehaviour {
  return {
    train: async ({ base }, honest) => {
      const trace = await honest()
      const final = combine(base, trace.at(-1)!, (from, to) => 2 * from - to)
      return traceWithOtherEnd(trace, final)
    },
  }
}
