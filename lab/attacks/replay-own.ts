import { windowCount } from '@assay/engine/package/task-spec.ts'
import { delta } from '@assay/engine/run/update.ts'
import { noisy, straightTrace } from '../behaviours/fake-trace.ts'
import { stateAfter, type Vector } from '../steps.ts'
import type { Attack } from './attack.ts'

/** Standard deviation of the noise that makes it another update, as a share of the root mean square of its steps. */
const NOISE = 0.05

/** Trains once, then adds that step to every round's base, with a little noise. Similarity to its own past is no proof of anything. */
export const replayOwn: Attack = {
  name: 'replay-own',
  description: 'train in the first round alone, and send that step again in all others, with a little noise',
  play: ({ seed }) => {
    let step: Vector | undefined
    return {
      train: async (work, honest) => {
        const { base, contents } = work
        const { spec } = contents
        if (work.round === 1) {
          const trace = await honest()
          step = delta(spec, base, trace.at(-1)!)
          return trace
        }
        if (step === undefined) return honest()
        const sigma = NOISE * Math.sqrt(step.reduce((sum, value) => sum + value * value, 0) / step.length)
        return straightTrace(
          base,
          noisy(stateAfter(spec, base, step), { seed, sigma, work }),
          windowCount(spec),
        )
      },
    }
  },
}
