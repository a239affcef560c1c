/**
 * Whether a window's committed end is near what training gives from a start that differs in its last bits.
 *
 * Two honest runtimes may part for good: a value that rounding alone puts above or below zero, at a ReLU, a maximum or an argmax, sends
 * a gradient one way or the other. That is rare (once in ten thousand windows of a small perceptron), and can be far more than a task
 * accepts. But whatever rounding decides, other last bits of the weights decide otherwise about half of the time. So a window that
 * ends far from its replay is trained again from nudged weights. No nudge brings steps back that were left out.
 */
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../hash.ts'
import type { Tolerance } from '../package/mode.ts'
import type { State } from '../package/state.ts'
import type { TensorLayout } from '../package/task-spec.ts'
import { isDeterministic } from '../refusal.ts'
import type { Engine } from './runner.ts'
import type { StepBatch } from './step-batch.ts'
import { farFrom, type WindowEnds } from './tolerance.ts'

/** Replays of a window from nudged weights, at most. */
export const NUDGES = 8
/** Units in the last place by which a nudge moves each weight. */
const NUDGE_ULPS = [1, 2, 4]
const SIGN_BIT = 0x8000_0000
/** The largest finite float32, as bits without a sign. */
const LARGEST = 0x7f7f_ffff

/** A window that is trained again, and the seed that its nudges follow from. */
export type NudgedWindow = { engine: Engine; batches: readonly StepBatch[]; seed: Hash }

/**
 * @param ends the committed end and that of the replay without nudges
 * @returns why the committed end is near none of the replays, as the first one shows; undefined if it is near one
 * @throws EngineRefusal `limit` when the engine ran out of time or memory
 */
export async function farFromAll(
  { engine, batches, seed }: NudgedWindow,
  ends: WindowEnds,
  tolerance: Tolerance,
): Promise<string | undefined> {
  const { spec } = engine
  const far = farFrom(spec, ends, tolerance)
  for (let nudge = 0; far !== undefined && nudge < NUDGES; nudge++) {
    const before = nudged(spec, ends.before, { seed, nudge })
    const replayed = await endOf(engine, before, batches)
    // What the nudge itself moves is no difference in training.
    const committed = moved(ends.committed, ends.before, before)
    if (replayed && farFrom(spec, { before, committed, replayed }, tolerance) === undefined) return undefined
  }
  return far
}

/** The end of training; undefined where the graph fails. */
async function endOf(
  engine: Engine,
  before: State,
  batches: readonly StepBatch[],
): Promise<State | undefined> {
  try {
    return (await engine.steps(before, batches)).state
  } catch (error) {
    if (!isDeterministic(error)) throw error
    return undefined
  }
}

/** The state with each value of the model a few units in the last place up or down; zeros stay, and local tensors do. */
export function nudged(
  { state: tensors }: Pick<TensorLayout, 'state'>,
  state: State,
  { seed, nudge }: { seed: Hash; nudge: number },
): State {
  const ulps = NUDGE_ULPS[nudge % NUDGE_ULPS.length]!
  const draw = bits(Number(BigInt(deriveSeed(seed, 'nudge', BigInt(nudge))) & 0xffff_ffffn))
  return new Map(
    tensors.map(({ name, role }) => {
      const values = state.get(name)!
      return [name, role === 'model' ? nudgedValues(values, ulps, draw) : values]
    }),
  )
}

function nudgedValues(values: Float32Array, ulps: number, draw: () => number): Float32Array {
  const after = values.slice()
  const words = new Uint32Array(after.buffer)
  for (let i = 0; i < words.length; i++) {
    const size = words[i]! & ~SIGN_BIT
    if (size <= ulps || size > LARGEST - ulps) continue
    words[i] = words[i]! + (draw() === 0 ? ulps : -ulps)
  }
  return after
}

/** Bits, one after the other, the same everywhere: Marsaglia's xorshift of 32 bits. */
function bits(seed: number): () => number {
  let word = seed | 1
  return () => {
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    return word & 1
  }
}

/** `state` moved by the way from one state to another. */
function moved(state: State, from: State, to: State): State {
  return new Map(
    [...state].map(([name, values]) => {
      const [start, end] = [from.get(name)!, to.get(name)!]
      return [name, start === end ? values : values.map((value, i) => value + (end[i]! - start[i]!))]
    }),
  )
}
