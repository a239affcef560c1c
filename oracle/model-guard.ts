import { bestStep, evaluateSteps, type Step } from '@assay/engine/aggregate/model-step.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import { type DatasetEvaluation, evaluateDataset } from '@assay/engine/run/evaluate.ts'
import type { Engine } from '@assay/engine/run/runner.ts'

/** Share of the held-out pool by which the accuracy may fall in one round: honest rounds wander by one or two points. */
const ACCURACY_FALL = 0.05
/** Share of one class that a model may lose while it gets worse as a whole: what poisoning of one class looks like. */
const CLASS_FALL = 0.3

type Rejection = { accepted: false; reason: string }
export type GuardResult = { accepted: true } | Rejection
export type Choice = { accepted: true; state: State } | Rejection

/**
 * The model that the agreed step leads to, or why none: the best of its shares ({@link bestStep}), under guard S6.
 *
 * The guard rejects a model that isn't finite, whose accuracy falls by more than 5 points, or falls at all while one class loses more than 30 points. Where
 * it rejects the whole step, a part of it must make the loss smaller than the base's: else poison would pass by halves.
 */
export async function chooseModel(options: {
  engine: Engine
  holdout: Dataset
  base: State
  full: State
}): Promise<Choice> {
  const { engine, holdout: data, base } = options
  const before = await evaluateDataset({ engine, state: base, data })
  return chooseStep(before, await evaluateSteps(options))
}

/** The rule of {@link chooseModel} on the evaluations of the base and of the steps, the whole one first. */
export function chooseStep(before: DatasetEvaluation, steps: readonly Step[]): Choice {
  const best = bestStep(steps)
  const whole = compareModels(before, steps[0]!.evaluation)
  if (!whole.accepted && !(best.evaluation.meanLoss < before.meanLoss)) return whole
  const result = compareModels(before, best.evaluation)
  return result.accepted ? { accepted: true, state: best.state } : result
}

/** The guard's rule on two evaluations. */
export function compareModels(before: DatasetEvaluation, after: DatasetEvaluation): GuardResult {
  if (!Number.isFinite(after.meanLoss))
    return { accepted: false, reason: `its mean loss is ${after.meanLoss}` }
  const fall = before.accuracy - after.accuracy
  if (fall > ACCURACY_FALL)
    return { accepted: false, reason: `accuracy fell from ${before.accuracy} to ${after.accuracy}` }
  if (!(fall > 0)) return { accepted: true }

  const worst = before.perClass.findIndex(
    (tally, label) => share(tally) - share(after.perClass[label]!) > CLASS_FALL,
  )
  if (worst < 0) return { accepted: true }
  const [was, is] = [share(before.perClass[worst]!), share(after.perClass[worst]!)]
  return { accepted: false, reason: `class ${worst} fell from ${was} to ${is}` }
}

function share({ correct, total }: { correct: number; total: number }): number {
  return total === 0 ? 0 : correct / total
}
