import { windowCount } from '@assay/engine/package/task-spec.ts'
import { delta } from '@assay/engine/run/update.ts'
import { straightTrace } from '../behaviours/fake-trace.ts'
import { seededRng } from '../rng.ts'
import { stateAfter } from '../steps.ts'
import type { Attack } from './attack.ts'

/** Half the width of the interval that values are drawn from. */
const WIDTH = 1e-3

/** A free rider that hopes for data pay: small uniform noise, and no training. */
export const random: Attack = {
  name: 'random',
  description: 'send uniform noise of ±0.001 instead of training',
  play: ({ seed }) => ({
    train: async ({ base, contents, round }) => {
      const { spec } = contents
      const rng = seededRng(seed, `noise of round ${round}`)
      const step = delta(spec, base, base).map(() => WIDTH * (2 * rng.uniform() - 1))
      return straightTrace(base, stateAfter(spec, base, step), windowCount(spec))
    },
  }),
}
