import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'
import { windowCount } from '@assay/engine/package/task-spec.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { combine, straightTrace } from './fake-trace.ts'
import { noisy } from './gaussian.ts'

/** While there is no global step to repeat, next to nothing has to do. */
const FIRST_ROUND_SIGMA = 1e-3

/** Sends the last global step again, base + (base − previous base), instead of training. */
export function resubmit({ seed }: { seed: Hash }): ContributorBehaviour {
  return {
    train: async (work) => {
      const { base, contents } = work
      const previous = await work.previousBase()
      const final = previous
        ? combine(base, previous, (now, before) => 2 * now - before)
        : noisy(base, { seed, sigma: FIRST_ROUND_SIGMA, work })
      return straightTrace(base, final, windowCount(contents.spec))
    },
  }
}
