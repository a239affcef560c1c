import { bestStep, evaluateSteps, type Step } from '@assay/engine/aggregate/model-step.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { stratumText } from '@assay/engine/package/sample-spec.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { isDeterministic } from '@assay/engine/refusal.ts'
import { type DatasetEvaluation, evaluateDataset, type StratumTally } from '@assay/engine/run/evaluate.ts'
import type { Engine } from '@assay/engine/run/runner.ts'

/**
 * Most that a share, such as accuracy, may fall on a round's slice in one round. In honest rounds it varies by one or two points.
 */
const SHARE_FALL = 0.05
/**
 * Most that a share of one stratum may fall while the model gets worse as a whole. More looks like poisoning of that stratum.
 */
const STRATUM_FALL = 0.3
/** The same for other metrics, of which nobody knows how far they vary: by how much of its mean size the mean loss may rise. */
const LOSS_RISE = 0.1
const STRATUM_RISE = 0.5

/** What the guard needs to know of a task. */
type Judged = Pick<TaskSpec, 'metric' | 'strata'>
type Rejection = { accepted: false; reason: string }
export type GuardResult = { accepted: true } | Rejection
export type Choice = ({ accepted: true } & Step) | Rejection

/**
 * The model after the agreed step, or why there is none: the best of the step's shares ({@link bestStep}), under guard
 * S6.
 *
 * The guard rejects a model whose loss or metric isn't finite; where the metric is a share and higher is better, one whose
 * metric falls by more than 5 points, or falls at all while one stratum loses more than 30 points; for other metrics one whose
 * mean loss rises by more than a tenth of the mean size of the base's losses, or rises at all while the mean loss of one stratum
 * rises by more than half of that. If it rejects the whole step, it accepts a part only if that part's
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
    return chooseStep(engine.spec, before, await evaluateSteps(options))
  } catch (error) {
    if (!isDeterministic(error)) throw error
    return { accepted: false, reason: `the task's own graph fails on the base model: ${error.message}` }
  }
}

/** The rule of {@link chooseModel}, on the evaluations of the base and of the step's shares, the whole step first. */
export function chooseStep(spec: Judged, before: DatasetEvaluation, steps: readonly Step[]): Choice {
  const best = bestStep(steps)
  const whole = compareModels(spec, before, steps[0]!.evaluation)
  if (!whole.accepted && !(best.evaluation.meanLoss < before.meanLoss)) return whole
  const result = compareModels(spec, before, best.evaluation)
  return result.accepted ? { accepted: true, ...best } : result
}

/** The guard's rule on two evaluations. */
export function compareModels(
  spec: Judged,
  before: DatasetEvaluation,
  after: DatasetEvaluation,
): GuardResult {
  const { name, unit, direction } = spec.metric
  if (!Number.isFinite(after.meanLoss)) return rejected(`its mean loss is ${after.meanLoss}`)
  if (!Number.isFinite(after.meanMetric)) return rejected(`its ${name} is ${after.meanMetric}`)
  const isShare = unit === 'share' && direction === 'higher'
  return isShare ? compareShares(spec, before, after) : compareLosses(spec, before, after)
}

function compareShares(spec: Judged, before: DatasetEvaluation, after: DatasetEvaluation): GuardResult {
  const [was, is] = [before.meanMetric, after.meanMetric]
  if (was - is > SHARE_FALL) return rejected(`${spec.metric.name} fell from ${was} to ${is}`)
  if (!(was - is > 0)) return { accepted: true }
  const mean = ({ metricSum, total }: StratumTally) => (total === 0 ? 0 : metricSum / total)
  const [had, has] = [before.strata.map(mean), after.strata.map(mean)]
  const worst = had.findIndex((share, stratum) => share - has[stratum]! > STRATUM_FALL)
  if (worst < 0) return { accepted: true }
  return rejected(`${stratumText(spec, worst)} fell from ${had[worst]} to ${has[worst]}`)
}

function compareLosses(spec: Judged, before: DatasetEvaluation, after: DatasetEvaluation): GuardResult {
  const [was, is] = [before.meanLoss, after.meanLoss]
  const size = before.meanLossSize
  // Written so that a base whose losses are no numbers is left for any model whose are.
  if (is - was > LOSS_RISE * size) return rejected(`the mean loss rose from ${was} to ${is}`)
  if (!(is - was > 0)) return { accepted: true }
  const mean = ({ lossSum, total }: StratumTally) => (total === 0 ? 0 : lossSum / total)
  const [had, has] = [before.strata.map(mean), after.strata.map(mean)]
  const worst = had.findIndex((loss, stratum) => has[stratum]! - loss > STRATUM_RISE * size)
  if (worst < 0) return { accepted: true }
  return rejected(`the mean loss of ${stratumText(spec, worst)} rose from ${had[worst]} to ${has[worst]}`)
}

function rejected(reason: string): Rejection {
  return { accepted: false, reason }
}
