/**
 * A state as its difference to another one that the reader has: what evidence of a window is mostly made of.
 *
 *     words       d, the bits of each value minus those of the same value in the other state, as 2d or −2d − 1: a small difference
 *                 of either sign is a small number; modulo 2³², tensors in task.json's order
 *     planes      the highest byte of all words, then the second, the third, the lowest: the high ones are mostly zero
 *     difference  the planes, deflated (RFC 1951)
 */
import { elementCount } from '../package/safetensors.ts'
import type { State } from '../package/state.ts'
import { stateDataBytes, type TensorLayout } from '../package/task-spec.ts'
import { deflated, inflated, maxDeflatedBytes } from './deflated.ts'

const WORD_BYTES = 4

/** The difference of `to` from `from`. Both have the task's tensors. The same states give the same bytes. */
export function writeDifference(spec: TensorLayout, from: State, to: State): Uint8Array {
  const count = stateDataBytes(spec) / WORD_BYTES
  const planes = new Uint8Array(WORD_BYTES * count)
  let at = 0
  for (const { name } of spec.state) {
    const [before, after] = [wordsOf(from.get(name)!), wordsOf(to.get(name)!)]
    for (let i = 0; i < after.length; i++, at++) {
      const difference = (after[i]! - before[i]!) | 0
      const word = (difference << 1) ^ (difference >> 31)
      planes[at] = word >>> 24
      planes[at + count] = word >>> 16
      planes[at + 2 * count] = word >>> 8
      planes[at + 3 * count] = word
    }
  }
  return deflated(planes)
}

/**
 * The state that has a difference from `from`. Any bits may come out: a hash shows whether they are the right ones.
 *
 * @throws EngineRefusal `evidence` for bytes that don't inflate to the state's size. No more than that is ever inflated
 */
export function readDifference(spec: TensorLayout, from: State, difference: Uint8Array): State {
  const size = stateDataBytes(spec)
  const planes = inflated(difference, size, 'the state')
  const count = size / WORD_BYTES
  const state: State = new Map()
  let at = 0
  for (const { name, shape } of spec.state) {
    const before = wordsOf(from.get(name)!)
    const after = new Uint32Array(elementCount(shape))
    for (let i = 0; i < after.length; i++, at++) {
      const high = (planes[at]! << 24) | (planes[at + count]! << 16)
      const word = high | (planes[at + 2 * count]! << 8) | planes[at + 3 * count]!
      after[i] = before[i]! + ((word >>> 1) ^ -(word & 1))
    }
    state.set(name, new Float32Array(after.buffer))
  }
  return state
}

/** Largest difference between two states, in bytes. */
export function maxDifferenceBytes(spec: TensorLayout): number {
  return maxDeflatedBytes(stateDataBytes(spec))
}

/** The bits of values. */
function wordsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length)
}
