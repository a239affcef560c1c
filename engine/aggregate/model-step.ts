import type { Dataset } from '../package/data.ts'
import type { State } from '../package/state.ts'
import { isDeterministic } from '../refusal.ts'
import { type DatasetEvaluation, evaluateDataset } from '../run/evaluate.ts'
import type { Engine } from '../run/runner.ts'

/** Shares of the agreed global step that the next model may take: powers of two, so that scaling loses no bit. */
export const STEP_SHARES = [1, 0.5, 0.25] as const

/**
 * The base model moved by a share of the way to `full`: base + share · (full − base), tensor by tensor, in doubles rounded once
 * to float32. A share of 1 gives `full` itself.
 */
export function partOfStep(base: State, full: State, share: number): State {
  if (share === 1) return full
  return new Map(
    [...full].map(([name, end]) => {
      const start = base.get(name)!
      return [name, end.map((value, k) => start[k]! + share * (value - start[k]!))] as const
    }),
  )
}

/** The model after a share of the step, and its evaluation on the held-out pool. */
export type Step = { state: State; evaluation: DatasetEvaluation }

/**
 * The models after each of {@link STEP_SHARES}, in their order. One on which the task's graph fails, on every machine,
 * counts as one whose loss isn't a number.
 *
 * @throws EngineRefusal `limit` when the engine ran out of time or memory
 */
export async function evaluateSteps(options: {
  engine: Engine
  holdout: Dataset
  base: State
  full: State
}): Promise<Step[]> {
  const { engine, holdout: data, base, full } = options
  const steps: Step[] = []
  for (const share of STEP_SHARES) {
    const state = partOfStep(base, full, share)
    steps.push({ state, evaluation: await evaluateOrNaN({ engine, state, data }) })
  }
  return steps
}

async function evaluateOrNaN(options: {
  engine: Engine
  state: State
  data: Dataset
}): Promise<DatasetEvaluation> {
  try {
    return await evaluateDataset(options)
  } catch (error) {
    if (!isDeterministic(error)) throw error
    return { meanMetric: Number.NaN, meanLoss: Number.NaN, meanLossSize: Number.NaN, strata: [] }
  }
}

/**
 * The step that a backtracking line search takes: the one with the smallest mean loss, the longer of two equal ones, the whole
 * step when no loss is finite. Aggregates whose weights follow one round's scores sometimes overshoot; a shorter step in the same
 * direction does not.
 */
export function bestStep(steps: readonly Step[]): Step {
  return steps.reduce((best, step) =>
    step.evaluation.meanLoss < best.evaluation.meanLoss ||
    (Number.isFinite(step.evaluation.meanLoss) && !Number.isFinite(best.evaluation.meanLoss))
      ? step
      : best,
  )
}
