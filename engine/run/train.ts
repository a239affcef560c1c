/** A round of training: the assigned steps in the assigned order, with a state hash at every window border. */
import { drawIndices } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../hash.ts'
import type { Dataset } from '../package/data.ts'
import { type State, stateHash, stateRoot } from '../package/state.ts'
import { type TaskSpec, windowCount } from '../package/task-spec.ts'
import { demand } from '../refusal.ts'
import type { Trainer } from './runner.ts'
import { stepSeed } from './seeds.ts'
import { makeStepBatch, roundStep, type StepBatch } from './step-batch.ts'

export type TrainOptions = {
  engine: Trainer
  /** The round's base model. */
  base: State
  /** The contributor's shard, as committed at enrolment. */
  data: Dataset
  /** Number of the round, from 1: the learning rate of its steps follows from it. */
  round: number
  /** From `batchSeed` in sdk/protocol/sampling.ts: fixed by the previous beacon. */
  batchSeed: Hash
  /** Keep the state at every window border, to answer replays without training again; default true. */
  keepBorders?: boolean
  /** Called after each window with its number and mean loss. */
  onWindow?: (window: number, loss: number) => void
}

export type Training = {
  final: State
  /** Hashes of the states at the window borders, W + 1 of them: the base first, the final state last. */
  stateHashes: Hash[]
  stateRoot: Hash
  /** The states at the window borders; empty without `keepBorders`. */
  borders: State[]
  /** Loss of every step. */
  losses: number[]
  steps: number
}

/** Samples of one training step: `batchSize` indices below `n`, drawn with replacement. */
export function batchIndices(batchSeed: Hash, step: number, batchSize: number, n: number): number[] {
  return drawIndices(stepSeed(batchSeed, step), batchSize, n)
}

/** Sample indices of each step of a window. */
export function windowIndices(spec: TaskSpec, batchSeed: Hash, window: number, n: number): number[][] {
  return Array.from({ length: spec.commitEvery }, (_, i) =>
    batchIndices(batchSeed, window * spec.commitEvery + i, spec.batchSize, n),
  )
}

/**
 * Trains one round.
 *
 * @throws EngineRefusal `state` when training diverges to values that are not finite.
 */
export async function train(options: TrainOptions): Promise<Training> {
  const { base, keepBorders = true, onWindow } = options
  const { spec } = options.engine
  let final = base
  const stateHashes: Hash[] = []
  const borders: State[] = []
  const losses: number[] = []
  for await (const { state, losses: some } of trainWindows(options)) {
    final = state
    stateHashes.push(stateHash(spec, state))
    if (keepBorders) borders.push(state)
    losses.push(...some)
    if (some.length > 0)
      onWindow?.(stateHashes.length - 2, some.reduce((sum, loss) => sum + loss, 0) / some.length)
  }
  return { final, stateHashes, stateRoot: stateRoot(stateHashes), borders, losses, steps: spec.steps }
}

/** The state at a window border, and the losses of the steps before it; none for the base. */
export type Border = { state: State; losses: readonly number[] }

/** Trains one round, a window at a time: first gives the base, then the state after each window, which may not be finite. */
export async function* trainWindows(
  options: Pick<TrainOptions, 'engine' | 'base' | keyof Shard>,
): AsyncGenerator<Border> {
  const { engine, base } = options
  let state = base
  yield { state, losses: [] }
  for (let window = 0; window < windowCount(engine.spec); window++) {
    const result = await engine.steps(state, windowBatches(engine.spec, options, window))
    state = result.state
    yield result
  }
}

/** The state before a window, trained again from the base: for contributors that keep no borders. */
export async function stateBeforeWindow(
  options: Pick<TrainOptions, 'engine' | 'base' | keyof Shard> & { window: number },
): Promise<State> {
  const { engine, base, window } = options
  demand(
    window >= 0 && window < windowCount(engine.spec),
    'state',
    () => `window ${window} of a round of ${windowCount(engine.spec)}`,
  )
  let state = base
  for (let earlier = 0; earlier < window; earlier++) {
    state = (await engine.steps(state, windowBatches(engine.spec, options, earlier))).state
  }
  return state
}

/** What a window's batches are made of. */
export type Shard = Pick<TrainOptions, 'data' | 'round' | 'batchSeed'>

/** What the steps of a window take, out of a whole shard. */
export function windowBatches(spec: TaskSpec, shard: Shard, window: number): StepBatch[] {
  const { data, batchSeed } = shard
  return windowIndices(spec, batchSeed, window, data.n).map((indices, i) =>
    makeStepBatch(spec, data, indices, roundStep(spec, shard, window * spec.commitEvery + i)),
  )
}
