/** A model's graph while it is written, and the weights and noise that it asks for. */
import { drawIndices } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../../hash.ts'
import type { NoiseInput } from '../../package/noise.ts'
import { elementCount } from '../../package/safetensors.ts'
import type { Input } from '../../package/sample-spec.ts'
import { deriveTensorSeed } from '../../run/seeds.ts'
import { dropout } from '../operators/dropout.ts'
import { emit, input, newTape, parameter, type Tape, type Tensor } from '../tape/tape.ts'

/** How a weight begins: all of one value, or drawn evenly between −limit and limit. */
export type Beginning = { value: number } | { limit: number }

export type Weight = { name: string; shape: readonly number[]; begins: Beginning }

export type Draft = {
  readonly tape: Tape
  /** Samples at once. */
  readonly rows: number
  readonly inputs: readonly (Input & { tensor: Tensor })[]
  readonly weights: (Weight & { tensor: Tensor })[]
  /** Zeros and ones that enter each step. */
  readonly noise: NoiseInput[]
  /** Whether gradients are asked for. */
  readonly trains: boolean
  /** Share of elements that dropout keeps. */
  readonly keep: number
}

/** Fractions are drawn as whole numbers below 2^24, which float32 holds exactly. */
const FRACTION_STEPS = 2 ** 24

/** An empty draft that takes a task's inputs. */
export function newDraft(
  inputs: readonly Input[],
  { rows, trains = false, keep = 1 }: { rows: number; trains?: boolean; keep?: number },
): Draft {
  const tape = newTape()
  return {
    tape,
    rows,
    trains,
    keep,
    inputs: inputs.map((one) => ({
      ...one,
      tensor: wide(input(tape, one.name, [rows, ...one.shape], one.dtype)),
    })),
    weights: [],
    noise: [],
  }
}

/** A weight of the model. */
export function weight(draft: Draft, name: string, shape: readonly number[], begins: Beginning): Tensor {
  const tensor = (draft.trains ? parameter : input)(draft.tape, name, shape)
  draft.weights.push({ name, shape, begins, tensor })
  return tensor
}

/** The tensor with some elements dropped, where the draft has dropout. */
export function dropped(draft: Draft, x: Tensor): Tensor {
  const { noise, keep } = draft
  if (keep === 1) return x
  const name = `keeps${noise.length}`
  noise.push({ name, shape: [...x.shape], kind: 'bernoulli', keep: decimal(keep) })
  return dropout(x, input(draft.tape, name, x.shape), keep)
}

/** The scores that a model ends with: how many, and how the weights of their layer begin. */
export type Scores = { count: number; begin: (usual: Beginning) => Beginning }

/** He et al. 2015: for layers that ReLU follows. */
export const beforeRelu = (inputs: number): Beginning => ({ limit: Math.sqrt(6 / inputs) })

/** Variance 1 / inputs: for layers that something else follows. */
export const evenVariance = (inputs: number): Beginning => ({ limit: Math.sqrt(3 / inputs) })

/** The values that a weight begins with; the seed and its name alone decide. */
export function beginning({ name, shape, begins }: Weight, seed: Hash): Float32Array {
  const count = elementCount(shape)
  if ('value' in begins) return new Float32Array(count).fill(begins.value)
  const draws = drawIndices(deriveTensorSeed(seed, name), count, FRACTION_STEPS)
  return Float32Array.from(draws, (draw) => ((2 * draw + 1) / FRACTION_STEPS - 1) * begins.limit)
}

/** Operators that add at places take their numbers as int64 only. */
function wide(x: Tensor): Tensor {
  return x.type === 'int32' ? emit('Cast', [x], { shape: x.shape, type: 'int64' }, { to: 7n }) : x
}

/** A share as the decimal text of task.json. */
function decimal(share: number): string {
  return share.toFixed(9).replace(/0+$/, '')
}
