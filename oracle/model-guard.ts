import type { Dataset } from '@assay/engine/data.ts'
import { type DatasetEvaluation, evaluateDataset } from '@assay/engine/evaluate.ts'
import type { Engine } from '@assay/engine/runner.ts'
import type { State } from '@assay/engine/state.ts'

/** Share of the held-out pool by which the accuracy may fall in one round: honest rounds wander by one or two points. */
const ACCURACY_FALL = 0.05
/** Share of one class that a model may lose while it gets worse as a whole: what poisoning of one class looks like. */
const CLASS_FALL = 0.3

export type GuardVerdict = { accepted: true } | { accepted: false; reason: string }

/**
 * Guard S6: whether the new global model may replace the old one. It is rejected when it isn't finite, when the accuracy falls by
 * more than 5 points, or falls at all while one class loses more than 30 points.
 */
export async function acceptsModel(options: {
  engine: Engine
  holdout: Dataset
  base: State
  next: State
}): Promise<GuardVerdict> {
  const { engine, holdout: data, base, next } = options
  const before = await evaluateDataset({ engine, state: base, data })
  const after = await evaluateDataset({ engine, state: next, data })
  return compareModels(before, after)
}

/** The guard's rule on two evaluations. */
export function compareModels(before: DatasetEvaluation, after: DatasetEvaluation): GuardVerdict {
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
