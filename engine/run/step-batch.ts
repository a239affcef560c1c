import { type Batch, type Dataset, makeBatch } from '../package/data.ts'
import { rateAt } from '../package/schedule.ts'
import type { TaskSpec } from '../package/task-spec.ts'

/** What one training step takes besides the state. */
export type StepBatch = Batch & {
  /** The learning rate, a float32. */
  rate: number
}

/** The samples at `indices` as a training step takes them: see `makeBatch` in engine/package/data.ts. */
export function makeStepBatch(
  spec: TaskSpec,
  dataset: Dataset,
  indices: readonly number[],
  { rate }: Pick<StepBatch, 'rate'>,
): StepBatch {
  return { ...makeBatch(spec, dataset, indices), rate }
}

/** The learning rate of a step. @param round from 1 @param step of the round, from 0 */
export function stepRate({ schedule, steps }: TaskSpec, round: number, step: number): number {
  return rateAt(schedule, (round - 1) * steps + step)
}
