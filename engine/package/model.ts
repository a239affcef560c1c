/**
 * The part of a state that is averaged and published: its tensors with the role `model`. The others, moments of an optimizer or
 * counters, are `local`: each round starts with those of the package, and they leave a machine in evidence alone.
 *
 * Whatever takes a model takes a whole state, too, and leaves its local tensors aside.
 */
import { type Hash, sha256 } from '../hash.ts'
import { demand, refusingAs } from '../refusal.ts'
import { type FileInPieces, fileOf } from './pieces.ts'
import { readFileWithMetadata } from './safetensors.ts'
import {
  checkState,
  maxStateBytes,
  parseState,
  type State,
  serializeState,
  stateFromTensors,
  stateHash,
  statePieces,
  tensorRoots,
  wholeHash,
} from './state.ts'
import type { TensorLayout } from './task-spec.ts'

/** Where the update's metadata holds the roots of its local tensors. */
const LOCAL_KEY = 'local'
const ROOT_DIGITS = 64

/** The tensors of a model, in the order in which they are hashed. */
export function modelLayout({ state, stateChunkBytes }: TensorLayout): TensorLayout {
  return { state: state.filter(({ role }) => role === 'model'), stateChunkBytes }
}

/** The model in a state. @throws EngineRefusal `state` unless it has the task's model tensors, in their sizes */
export function modelOf(spec: TensorLayout, state: State): State {
  const model: State = new Map()
  for (const { name } of modelLayout(spec).state) {
    const data = state.get(name)
    if (data !== undefined) model.set(name, data)
  }
  checkState(modelLayout(spec), model)
  return model
}

/** The state that a round starts from: its base model, and the local tensors of the package. */
export function startState({ spec, init }: { spec: TensorLayout; init: State }, model: State): State {
  const start: State = new Map(modelOf(spec, model))
  for (const { name } of localTensors(spec)) start.set(name, init.get(name)!)
  checkState(spec, start)
  return start
}

/** Hash of a model, like that of a state. */
export function modelHash(spec: TensorLayout, model: State): Hash {
  return stateHash(modelLayout(spec), modelOf(spec, model))
}

/** A model as a safetensors file. @param metadata words beside it; none by default */
export function serializeModel(
  spec: TensorLayout,
  model: State,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  return serializeState(modelLayout(spec), modelOf(spec, model), metadata)
}

/** The hash of what {@link serializeModel} gives, without a copy of the model. */
export function modelFileHash(spec: TensorLayout, model: State): Hash {
  return sha256(...statePieces(modelLayout(spec), modelOf(spec, model)))
}

/** Reads a model's file. @throws EngineRefusal `state` unless it holds exactly the model's tensors, all finite */
export function parseModel(spec: TensorLayout, bytes: Uint8Array): State {
  return parseState(modelLayout(spec), bytes)
}

/** Largest file of a model, or of an update, in bytes. */
export function maxModelBytes(spec: TensorLayout): number {
  return maxStateBytes(modelLayout(spec)) + ROOT_DIGITS * localTensors(spec).length
}

/** A whole state as an update's file: the model, and of each local tensor the root that the state's hash is made of. */
export function finalFile(spec: TensorLayout, state: State): FileInPieces {
  checkState(spec, state)
  const locals = localTensors(spec)
  const roots = tensorRoots({ ...spec, state: locals }, state)
  const words = locals.length > 0 && { [LOCAL_KEY]: roots.map((root) => root.slice(2)).join('') }
  return fileOf(statePieces(modelLayout(spec), modelOf(spec, state), words || undefined))
}

/**
 * Reads an update's file.
 *
 * @returns the model, and the hash of the whole state that it says it is of: only a proof against the trace shows that it is
 * @throws EngineRefusal `state` unless it holds exactly the model's tensors, all finite, and a root for each local tensor
 */
export function parseFinal(spec: TensorLayout, bytes: Uint8Array): { model: State; hash: Hash } {
  const layout = modelLayout(spec)
  const { tensors, metadata } = refusingAs('state', 'state file', () =>
    readFileWithMetadata(bytes, { maxBytes: maxModelBytes(spec), maxTensors: layout.state.length }),
  )
  const model = stateFromTensors(layout, tensors, '')
  const locals = localRoots(metadata.get(LOCAL_KEY) ?? '', localTensors(spec).length)
  const models = tensorRoots(layout, model)
  const roots = spec.state.map(({ role }) => (role === 'model' ? models.shift()! : locals.shift()!))
  return { model, hash: wholeHash(spec, roots) }
}

function localRoots(text: string, count: number): Hash[] {
  demand(
    text.length === count * ROOT_DIGITS && /^[0-9a-f]*$/.test(text),
    'state',
    () =>
      `the metadata "${LOCAL_KEY}" has ${text.length} characters, ` +
      `expected ${count} roots of ${ROOT_DIGITS} lowercase hexadecimal digits`,
  )
  return Array.from(
    { length: count },
    (_, i): Hash => `0x${text.slice(i * ROOT_DIGITS, (i + 1) * ROOT_DIGITS)}`,
  )
}

function localTensors({ state }: TensorLayout): TensorLayout['state'] {
  return state.filter(({ role }) => role === 'local')
}
