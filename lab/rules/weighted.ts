import type { Vector } from '../steps.ts'
import type { Combined } from './rule.ts'

/** The weighted mean of steps. Without any weight, the step is 0. */
export function weightedMean(steps: readonly Vector[], weights: readonly number[]): Combined {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const shares = weights.map((weight) => (total === 0 ? 0 : weight / total))
  const step = steps[0]!.map((_, k) => steps.reduce((sum, one, i) => sum + shares[i]! * one[k]!, 0))
  return { step, weights: shares }
}
