/**
 * An update: the state at the end of a contributor's round. It is the state, not a difference, so that its hash is the trace's last.
 * Of its local tensors it holds the roots alone.
 */

import type { Hash } from '../hash.ts'
import { finalFile, maxModelBytes, modelLayout, modelOf, parseFinal } from '../package/model.ts'
import type { FileInPieces } from '../package/pieces.ts'
import type { State } from '../package/state.ts'
import { stateDataBytes, type TaskSpec } from '../package/task-spec.ts'
import { demand } from '../refusal.ts'

/** Far above any useful weight, and low enough that no difference or squared length overflows. */
const MAX_MAGNITUDE = 1e15

/** The update blob; its hash is the commitment's `updateHash`. */
export function updateFile(spec: TaskSpec, final: State): FileInPieces {
  return finalFile(spec, final)
}

/**
 * Gate S1: reads an update blob.
 *
 * @returns the model, and the hash of the state that it is said to be of: what proves it is the trace, whose last state has it
 * @throws EngineRefusal `state` unless it is exactly the task's model tensors, in their shapes, each value within ±1e15, with a root
 * for each local tensor, the file within {@link maxUpdateBytes}.
 */
export function parseUpdate(spec: TaskSpec, bytes: Uint8Array): { model: State; hash: Hash } {
  const update = parseFinal(spec, bytes)
  demandUsable(update.model)
  return update
}

/** @throws EngineRefusal `state` that names the first value of a model beyond ±1e15: no update may have it */
export function demandUsable(model: State): void {
  for (const [name, data] of model) {
    const index = firstBeyond(data)
    demand(index < 0, 'state', () => `${name}[${index}] is ${data[index]}: values go up to ±${MAX_MAGNITUDE}`)
  }
}

/** A plain loop: `findIndex` takes ten times as long. @returns −1 for none */
function firstBeyond(data: Float32Array): number {
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!
    if (value > MAX_MAGNITUDE || value < -MAX_MAGNITUDE) return i
  }
  return -1
}

/** Largest update blob, in bytes. */
export function maxUpdateBytes(spec: TaskSpec): number {
  return maxModelBytes(spec)
}

/** final − base as one flat vector, model tensors in task.json's order, each difference rounded to float32. */
export function delta(spec: TaskSpec, base: State, final: State): Float32Array {
  const [from, to] = [modelOf(spec, base), modelOf(spec, final)]
  const flat = new Float32Array(stateDataBytes(modelLayout(spec)) / 4)
  let at = 0
  for (const [name, before] of from) {
    subtract(flat.subarray(at, at + before.length), to.get(name)!, before)
    at += before.length
  }
  return flat
}

function subtract(target: Float32Array, after: Float32Array, before: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = after[i]! - before[i]!
}

/** A flat vector as model tensors of the task, in task.json's order. */
export function unflatten(spec: TaskSpec, flat: Float32Array): State {
  const layout = modelLayout(spec)
  const values = stateDataBytes(layout) / 4
  demand(
    flat.length === values,
    'state',
    () => `vector has ${flat.length} values, the task's model has ${values}`,
  )
  const state: State = new Map()
  let at = 0
  for (const { name, shape } of layout.state) {
    const size = shape.reduce((product, dimension) => product * dimension, 1)
    state.set(name, flat.slice(at, at + size))
    at += size
  }
  return state
}
