import { windowCount } from '@assay/engine/package/task-spec.ts'
import { norm } from '@assay/engine/vector.ts'
import { noisy, straightTrace } from '../behaviours/fake-trace.ts'
import { stateAfter } from '../steps.ts'
import type { Attack } from './attack.ts'
import { honestSteps } from './honest-steps.ts'

/** Length of the noise as a share of the copied step's. */
const NOISE = 0.05

/** An honest contributor gives its update away before the seal; each attacker copies another one's. */
export const copy: Attack = {
  name: 'copy',
  description: 'send an honest contributor’s update, shown to them before the seal, with 5 % of noise',
  play: ({ seed, place, crowd }) => ({
    train: async (work, honest) => {
      const { base, contents } = work
      const steps = honestSteps(crowd, work)
      const copied = steps[place % Math.max(1, steps.length)]
      if (copied === undefined) return honest()
      const sigma = (NOISE * norm(copied)) / Math.sqrt(copied.length)
      const final = noisy(stateAfter(contents.spec, base, copied), { seed, sigma, work })
      return straightTrace(base, final, windowCount(contents.spec))
    },
  }),
}
