import { bestStep, evaluateSteps, type Step } from '@assay/engine/aggregate/model-step.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import { isDeterministic } from '@assay/engine/refusal.ts'
import { type DatasetEvaluation, evaluateDataset } from '@assay/engine/run/evaluate.ts'
import type { Engine } from '@assay/engine/run/runner.ts'

/**
 * Most that the accuracy on a round's slice may fall in one round. In honest rounds it varies by one or two points.
 */
const ACCURACY_FALL = 0.05
/**
 * Most accuracy that one class may lose while the model gets worse as a whole. More looks like poisoning of that class.
 */
const CLASS_FALL = 0.3

type Rejection = { accepted: false; reason: string }
export type GuardResult = { accepted: true } | Rejection
export type Choice = ({ accepted: true } & Step) | Rejection

/**
 * The model after the agreed step, or why there is none: the best of the step's shares ({@link bestStep}), under guard
 * S6.
 *
 * The guard rejects a model that isn't finite, whose accuracy falls by more than 5 points, or whose accuracy falls at
 * all while one class loses more than 30 points. If it rejects the whole step, it accepts a part only if that part's
 * loss is below the base's: otherwise a poisoned step would pass in halves. Where the task's graph fails on the base
 * model, nothing can be compared, and the base model stays.
 *
 * @throws EngineRefusal `limit` when the engine ran out of time or memory
 */
export async function chooseModel(options: {
  engine: Engine
  holdout: Dataset
  base: State
  full: State
}): Promise<Choice> {
  const { engine, holdout: data, base } = options
  try {
    const before = await evaluateDataset({ engine, state: base, data })
    return chooseStep(before, await evaluateSteps(options))
  } catch (error) {
    if (!isDeterministic(error)) throw error
    return { accepted: false, reason: `the task's own graph fails on the base model: ${error.message}` }
  }
}

/** The rule of {@link chooseModel}, on the evaluations of the base and of the step's shares, the whole step first. */
export function chooseStep(before: DatasetEvaluation, steps: readonly Step[]): Choice {
  const best = bestStep(steps)
  const whole = compareModels(before, steps[0]!.evaluation)
  if (!whole.accepted && !(best.evaluation.meanLoss < before.meanLoss)) return whole
  const result = compareModels(before, best.evaluation)
  return result.accepted ? { accepted: true, ...best } : result
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
