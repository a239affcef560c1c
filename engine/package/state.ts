/** A model's state: what a training step changes. Its hash is what contributors commit to. */
import { hashLeaf, merkleProof, merkleRoot, verifyMerkleProof } from '@assay/sdk/protocol/merkle.ts'
import { type Hash, hashBytes } from '../hash.ts'
import { demand, refusingAs } from '../refusal.ts'
import { expectedProofLength, indexBytes } from './merkle-position.ts'
import {
  demandFinite,
  elementCount,
  readSafetensors,
  safetensorsPieces,
  type Tensor,
  writeSafetensors,
} from './safetensors.ts'
import {
  finiteTensorRoot,
  openTensorChunk,
  type StateChunk,
  stateHeader,
  stateTreeHash,
  tensorPath,
} from './state-tree.ts'
import { stateDataBytes, type TensorLayout } from './task-spec.ts'

/** Flat float32 data of each state tensor, in the order of task.json's `state`. */
export type State = Map<string, Float32Array>

/** Room for the header of a state file, in bytes: 256 tensors of long names. */
const HEADER_ROOM_BYTES = 64 * 1024

/** Throws EngineRefusal `state` unless `state` has exactly the tensors of the task, in their sizes. */
export function checkState(spec: TensorLayout, state: State): void {
  demand(
    state.size === spec.state.length,
    'state',
    () => `state has ${state.size} tensors, the task has ${spec.state.length}`,
  )
  for (const { name, shape } of spec.state) {
    const data = state.get(name)
    demand(data !== undefined, 'state', () => `state has no tensor ${name}`)
    demand(
      data.length === elementCount(shape),
      'state',
      () => `${name} has ${data.length} values, its shape [${shape}] has ${elementCount(shape)}`,
    )
  }
}

/** Throws EngineRefusal `state` that names the first NaN or infinity: their bits differ between machines. */
export function assertFinite(spec: TensorLayout, state: State): void {
  for (const { name } of spec.state) demandFinite('state', name, state.get(name)!)
}

/**
 * Hash of a state: that of its tree (state-tree.ts), in the chunks that the task fixes.
 *
 * @throws EngineRefusal `state` for a wrong shape or a value that is not finite.
 */
export function stateHash(spec: TensorLayout, state: State): Hash {
  checkState(spec, state)
  assertFinite(spec, state)
  return wholeHash(spec, tensorRoots(spec, state))
}

/** Hash of a state of which only the roots of its tensors are known. */
export function wholeHash(spec: TensorLayout, roots: readonly Hash[]): Hash {
  return stateTreeHash(headerOf(spec), roots)
}

/**
 * Opens one chunk of a state, for who knows only its hash: `verifyStateChunk` checks it.
 *
 * @param place the tensor and the chunk in it, both from 0
 * @throws EngineRefusal `state` like {@link stateHash}; RangeError for a tensor or a chunk that is not there
 */
export function openStateChunk(
  spec: TensorLayout,
  state: State,
  place: { tensor: number; chunk: number },
): StateChunk {
  checkState(spec, state)
  assertFinite(spec, state)
  const path = tensorPath(tensorRoots(spec, state), place.tensor)
  const values = state.get(spec.state[place.tensor]!.name)!
  return {
    ...openTensorChunk(values, spec.stateChunkBytes, place.chunk),
    header: headerOf(spec),
    tensorCount: spec.state.length,
    tensor: place.tensor,
    tensorPath: path,
  }
}

/** The state as a safetensors file: exactly the task's tensors. @param metadata words beside them; none by default */
export function serializeState(
  spec: TensorLayout,
  state: State,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  return writeSafetensors(tensorsOf(spec, state), metadata)
}

/** What {@link serializeState} gives, in pieces that are the state's own memory. */
export function statePieces(
  spec: TensorLayout,
  state: State,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array[] {
  return safetensorsPieces(tensorsOf(spec, state), metadata)
}

function tensorsOf(spec: TensorLayout, state: State): Map<string, Tensor> {
  checkState(spec, state)
  assertFinite(spec, state)
  return new Map(spec.state.map(({ name, shape }) => [name, { dtype: 'F32', shape, data: state.get(name)! }]))
}

/**
 * Reads a state file of the task.
 *
 * @throws EngineRefusal `state` unless it holds exactly the task's tensors, in their shapes, all finite.
 */
export function parseState(spec: TensorLayout, bytes: Uint8Array): State {
  const tensors = refusingAs('state', 'state file', () =>
    readSafetensors(bytes, { maxBytes: maxStateBytes(spec), maxTensors: spec.state.length }),
  )
  return stateFromTensors(spec, tensors, '')
}

/** Takes the task's state out of `tensors`, where each name carries `prefix`; other tensors are refused. */
export function stateFromTensors(
  spec: TensorLayout,
  tensors: ReadonlyMap<string, Tensor>,
  prefix: string,
): State {
  const named = [...tensors.keys()].filter((name) => name.startsWith(prefix))
  demand(
    named.length === spec.state.length,
    'state',
    () => `file has ${named.length} state tensors, the task has ${spec.state.length}`,
  )
  const state: State = new Map()
  for (const { name, shape } of spec.state) {
    const tensor = tensors.get(prefix + name)
    demand(tensor?.dtype === 'F32', 'state', () => `file has no F32 tensor ${prefix}${name}`)
    demand(
      tensor.shape.length === shape.length && tensor.shape.every((size, i) => size === shape[i]),
      'state',
      () => `${prefix}${name} has shape [${tensor.shape}], the task says [${shape}]`,
    )
    state.set(name, tensor.data)
  }
  assertFinite(spec, state)
  return state
}

/** Largest file that {@link parseState} reads, in bytes. */
export function maxStateBytes(spec: TensorLayout): number {
  return stateDataBytes(spec) + HEADER_ROOM_BYTES
}

/** Leaf of the trace's tree: uint256 index and the state's hash, so that a state is bound to its place. */
export function stateLeaf(index: number, hash: Hash): Hash {
  const leaf = new Uint8Array(64)
  leaf.set(indexBytes(index))
  leaf.set(hashBytes(hash), 32)
  return hashLeaf(leaf)
}

/** Merkle root over the state hashes at the window borders, 0 … W: a round's `stateRoot`. */
export function stateRoot(stateHashes: readonly Hash[]): Hash {
  return merkleRoot(stateHashes.map((hash, i) => stateLeaf(i, hash)))
}

/** Merkle proof of the state hash at a window border. */
export function stateProof(stateHashes: readonly Hash[], index: number): Hash[] {
  return merkleProof(
    stateHashes.map((hash, i) => stateLeaf(i, hash)),
    index,
  )
}

/**
 * Whether `stateHash` stands at `index` of the trace's tree with this root and `leafCount` leaves (W + 1). The proof's length is
 * checked too: {@link expectedProofLength} says why.
 */
export function verifyStateLeaf(claim: {
  root: Hash
  index: number
  stateHash: Hash
  proof: readonly Hash[]
  leafCount: number
}): boolean {
  const { root, index, stateHash, proof, leafCount } = claim
  if (index >= leafCount || proof.length !== expectedProofLength(index, leafCount)) return false
  return verifyMerkleProof(root, stateLeaf(index, stateHash), [...proof])
}

function headerOf(spec: TensorLayout): Hash {
  return stateHeader(spec.state, spec.stateChunkBytes)
}

/** Roots of a state's tensors, in the order in which they are hashed. @param state known to be finite */
export function tensorRoots(spec: TensorLayout, state: State): Hash[] {
  return spec.state.map(({ name }) => finiteTensorRoot(state.get(name)!, spec.stateChunkBytes))
}
