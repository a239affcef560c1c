import type { Vector } from '../steps.ts'
import type { Combined, RuleUpdate } from './rule.ts'

/** A rule that looks at each coordinate on its own. Which update it takes there varies, so all count as weighing the same. */
export function byCoordinate(
  updates: readonly RuleUpdate[],
  pick: (ascending: Float64Array) => number,
): Combined {
  const steps = updates.map(({ step }) => step)
  const values = new Float64Array(steps.length)
  const step: Vector = steps[0]!.map((_, k) => {
    for (const [i, one] of steps.entries()) values[i] = one[k]!
    return pick(values.sort())
  })
  return { step, weights: steps.map(() => 1 / steps.length) }
}
