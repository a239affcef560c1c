import type { ContributorBehaviour, TrainingWork } from '@assay/contributor/behaviour.ts'
import type { State } from '@assay/engine/package/state.ts'
import { windowCount } from '@assay/engine/package/task-spec.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { seededRng } from '../rng.ts'
import { straightTrace } from './fake-trace.ts'

/** Standard deviation of each weight's step: about as long an update as honest training makes on the digits task. */
const DEFAULT_SIGMA = 0.02

/** Sends noise instead of training. */
export function gaussian({
  seed,
  sigma = DEFAULT_SIGMA,
}: {
  seed: Hash
  sigma?: number
}): ContributorBehaviour {
  return {
    train: async (work) => {
      const final = noisy(work.base, { seed, sigma, work })
      return straightTrace(work.base, final, windowCount(work.contents.spec))
    },
  }
}

/** A state plus normal noise that is the same whenever the same round asks for it. */
export function noisy(
  state: State,
  { seed, sigma, work }: { seed: Hash; sigma: number; work: Pick<TrainingWork, 'round' | 'contributor'> },
): State {
  const rng = seededRng(seed, `noise of ${work.contributor} in round ${work.round}`)
  return new Map([...state].map(([name, data]) => [name, data.map((value) => value + sigma * rng.normal())]))
}
