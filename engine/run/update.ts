/**
 * An update: the state at the end of a contributor's round. It is the whole state, not a difference, so that its hash
 * is the trace's last.
 */

import { checkState, maxStateBytes, parseState, type State, serializeState } from '../package/state.ts'
import { stateDataBytes, type TaskSpec } from '../package/task-spec.ts'
import { demand } from '../refusal.ts'

/** Far above any useful weight, and low enough that no difference or squared length overflows. */
const MAX_MAGNITUDE = 1e15

/** The update blob; its sha256 is the commitment's `updateHash`. */
export function updateBytes(spec: TaskSpec, final: State): Uint8Array {
  return serializeState(spec, final)
}

/**
 * Gate S1: reads an update blob.
 *
 * @throws EngineRefusal `state` unless it is exactly the task's tensors, in their shapes, each value within ±1e15, the
 * file within {@link maxUpdateBytes}.
 */
export function parseUpdate(spec: TaskSpec, bytes: Uint8Array): State {
  const state = parseState(spec, bytes)
  for (const [name, data] of state) {
    const index = data.findIndex((value) => Math.abs(value) > MAX_MAGNITUDE)
    demand(index < 0, 'state', () => `${name}[${index}] is ${data[index]}: values go up to ±${MAX_MAGNITUDE}`)
  }
  return state
}

/** Largest update blob, in bytes. */
export function maxUpdateBytes(spec: TaskSpec): number {
  return maxStateBytes(spec)
}

/** final − base as one flat vector, tensors in task.json's order, each difference rounded to float32. */
export function delta(spec: TaskSpec, base: State, final: State): Float32Array {
  checkState(spec, base)
  checkState(spec, final)
  const flat = new Float32Array(stateDataBytes(spec) / 4)
  let at = 0
  for (const { name } of spec.state) {
    const before = base.get(name)!
    const after = final.get(name)!
    for (let i = 0; i < after.length; i++) flat[at++] = after[i]! - before[i]!
  }
  return flat
}

/** A flat vector as tensors of the task, in task.json's order. */
export function unflatten(spec: TaskSpec, flat: Float32Array): State {
  const values = stateDataBytes(spec) / 4
  demand(
    flat.length === values,
    'state',
    () => `vector has ${flat.length} values, the task's state has ${values}`,
  )
  const state: State = new Map()
  let at = 0
  for (const { name, shape } of spec.state) {
    const size = shape.reduce((product, dimension) => product * dimension, 1)
    state.set(name, flat.slice(at, at + size))
    at += size
  }
  return state
}
