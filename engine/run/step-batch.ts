import type { Hash } from '../hash.ts'
import { type Batch, type Dataset, makeBatch } from '../package/data.ts'
import { drawNoise } from '../package/noise.ts'
import { rateAt } from '../package/schedule.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { noiseSeed } from './seeds.ts'

/** What one training step takes besides the state. */
export type StepBatch = Batch & {
  /** The learning rate, a float32. */
  rate: number
  /** Values of the task's random inputs, by name. */
  noise: ReadonlyMap<string, Float32Array>
}

/** What fixes a step besides its samples. */
export type StepDraw = {
  rate: number
  /** The seed that its samples are drawn by. */
  seed: Hash
  /** Number of the step among those that the seed draws for, from 0. */
  step: number
}

/** The samples at `indices` as a training step takes them: see `makeBatch` in engine/package/data.ts. */
export function makeStepBatch(
  spec: TaskSpec,
  dataset: Dataset,
  indices: readonly number[],
  draw: StepDraw,
): StepBatch {
  return { ...makeBatch(spec, dataset, indices), rate: draw.rate, noise: stepNoise(spec, draw) }
}

/** The random inputs of a step. */
export function stepNoise(
  { noise }: Pick<TaskSpec, 'noise'>,
  { seed, step }: Pick<StepDraw, 'seed' | 'step'>,
): StepBatch['noise'] {
  return new Map(noise.map((input) => [input.name, drawNoise(input, noiseSeed(seed, input.name, step))]))
}

/** The learning rate of a step. @param round from 1 @param step of the round, from 0 */
export function stepRate({ schedule, steps }: TaskSpec, round: number, step: number): number {
  return rateAt(schedule, (round - 1) * steps + step)
}

/**
 * The learning rate that a round is judged by: the largest of its first, middle and last step. The first one alone would be tiny where
 * a warm-up begins, and give noise.
 */
export function referenceRate(spec: TaskSpec, round: number): number {
  const steps = [0, Math.floor(spec.steps / 2), spec.steps - 1]
  return Math.max(...steps.map((step) => stepRate(spec, round, step)))
}

/** What a step of a round is fixed by. @param step of the round, from 0 */
export function roundStep(
  spec: TaskSpec,
  { round, batchSeed }: { round: number; batchSeed: Hash },
  step: number,
): StepDraw {
  return { rate: stepRate(spec, round, step), seed: batchSeed, step }
}
