import { deriveSeed, drawUint } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../hash.ts'
import type { Dataset } from '../package/data.ts'
import { type State, stateHash } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { demand } from '../refusal.ts'
import type { Engine } from './runner.ts'
import { makeStepBatch, roundStep, type StepBatch } from './step-batch.ts'
import { windowIndices } from './train.ts'

/**
 * Trains one window again from the state before it.
 *
 * @returns the state after it and its hash, to compare with the committed one, without any tolerance; and each step's loss.
 * @throws EngineRefusal `state` when the result is not finite.
 */
export async function replayWindow(options: {
  engine: Engine
  stateBefore: State
  /** One batch a step, `commitEvery` of them. */
  batches: readonly StepBatch[]
}): Promise<{ stateAfter: State; hash: Hash; losses: number[] }> {
  const { engine, stateBefore, batches } = options
  const { state, losses } = await engine.steps(stateBefore, batches)
  return { stateAfter: state, hash: stateHash(engine.spec, state), losses }
}

/** A window's batches, out of the distinct samples that it draws. */
export function batchesOf(
  spec: TaskSpec,
  drawn: { window: number; round: number; batchSeed: Hash; sampleCount: number },
  { indices, data }: { indices: Int32Array; data: Dataset },
): StepBatch[] {
  const { window } = drawn
  const row = new Map([...indices].map((index, i) => [index, i]))
  return windowIndices(spec, drawn.batchSeed, window, drawn.sampleCount).map((step, i) =>
    makeStepBatch(
      spec,
      data,
      step.map((index) => row.get(index)!),
      roundStep(spec, drawn, window * spec.commitEvery + i),
    ),
  )
}

/**
 * Windows to replay: `count` distinct ones out of `windows` (all, when there are fewer), in ascending order. The first
 * draws of a Fisher–Yates shuffle keyed by the seed.
 */
export function drawWindows(options: { seed: Hash; windows: number; count: number }): number[] {
  const { seed, windows } = options
  demand(windows >= 1, 'evidence', () => `a round of ${windows} windows has none to replay`)
  const drawSeed = deriveSeed(seed, 'windows')
  const pool = Array.from({ length: windows }, (_, i) => i)
  const count = Math.min(options.count, windows)
  for (let i = 0; i < count; i++) {
    const pick = i + drawUint(drawSeed, i, windows - i)
    ;[pool[i], pool[pick]] = [pool[pick]!, pool[i]!]
  }
  return pool.slice(0, count).sort((a, b) => a - b)
}
