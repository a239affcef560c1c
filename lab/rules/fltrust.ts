import { cosine, norm } from '@assay/engine/vector.ts'
import type { Rule } from './rule.ts'
import { weightedMean } from './weighted.ts'

/** Each update as long as the root's, weighted by its cosine to it where that is above 0. It has trusted samples: the held-out pool. */
export const fltrust: Rule = {
  name: 'fltrust',
  description: 'weights by the cosine to training on the held-out pool (Cao and others 2021)',
  combine: async (updates, { root }) => {
    const trusted = await root()
    const length = norm(trusted)
    const steps = updates.map(({ step }) => {
      const scale = length / (norm(step) || 1)
      return step.map((value) => scale * value)
    })
    return weightedMean(
      steps,
      steps.map((step) => Math.max(0, cosine(step, trusted))),
    )
  },
}
