/**
 * The hash of a state is a tree, so that a case can open a part of one: some levels of at most 64 hashes, then a chunk.
 *
 *     chunk    sha256(0x00 ‖ data)      as many bytes of a tensor's little-endian float32 values as the task says; the
 *                                       last chunk of a tensor may be shorter
 *     node     sha256(0x01 ‖ children)  1 to 64 hashes
 *     tensor   sha256(0x02 ‖ u64 byte length ‖ u32 chunk bytes ‖ top of its chunks)
 *     header   sha256(0x03 ‖ u32 chunk bytes ‖ u32 tensors ‖ of each: u32 length, name, u32 rank, u32 dimensions)
 *     state    sha256(0x04 ‖ u32 tensors ‖ header ‖ top of its tensors)
 *
 * The top of n hashes is the hash that is left when each 64 of them in order become a node, the last ones too if they are
 * fewer, and the nodes again, until there is one; the top of one hash is that hash. So n and a place in 0 … n − 1 alone fix how
 * many siblings each level of an opening has, and which of the children is opened. The first byte tells what was hashed:
 * nothing passes for something else. Numbers are big-endian, as Solidity packs them.
 *
 * The hash of a tensor that is no state, as it comes from the middle of a training step, is {@link tensorRoot}, and that of a
 * constant of any type {@link bytesRoot}.
 */
import { bytesHash, type Hash, hashBytes, rawBytes, sha256, sha256Bytes, sha256Each } from '../hash.ts'

/** Hashes in a full node. */
const WIDTH = 64
const HASH_BYTES = 32
const VALUE_BYTES = 4
const [CHUNK, NODE, TENSOR, HEADER, STATE] = [0, 1, 2, 3, 4]

/** The one bit pattern in which NaN is hashed. Which one a machine computes, sign included, is its own choice. */
const CANONICAL_NAN = 0x7fc00000
const INFINITY = 0x7f800000
const WITHOUT_SIGN = 0x7fffffff

/** The other children of each node above an opened hash, in order, from the lowest node up. */
export type TreePath = readonly (readonly Hash[])[]

/** A chunk of a tensor, with what shows that it stands there. */
export type TensorChunk = {
  /** Length of the whole tensor, in bytes. */
  byteLength: number
  chunkBytes: number
  /** Place of the chunk in the tensor, from 0. */
  chunk: number
  data: Uint8Array
  chunkPath: TreePath
}

/** The place of a tensor in a state, with what shows that it stands there. */
export type TensorPlace = {
  header: Hash
  tensorCount: number
  /** Place of the tensor in the state, from 0. */
  tensor: number
  tensorPath: TreePath
}

/** A chunk of a state, with what shows that it stands there. */
export type StateChunk = TensorChunk & TensorPlace

/**
 * Root of a tensor's values. NaNs are hashed as {@link canonicalNaNs} has them, every other value bit for bit: −0 is not 0.
 *
 * @param chunkBytes a multiple of 4
 * @throws RangeError for a tensor without values
 */
export function tensorRoot(values: Float32Array, chunkBytes: number): Hash {
  return finiteTensorRoot(canonicalNaNs(values), chunkBytes)
}

/** {@link tensorRoot} of values that are known to have no NaN. */
export function finiteTensorRoot(values: Float32Array, chunkBytes: number): Hash {
  return bytesRoot(rawBytes(values), chunkBytes)
}

/**
 * Root of a tensor of any type, from its bytes.
 *
 * @throws RangeError for no bytes, or for others than a multiple of 4
 */
export function bytesRoot(bytes: Uint8Array, chunkBytes: number): Hash {
  return rootOf(bytes.length, chunkBytes, levelsOf(chunkHashes(bytes, chunkBytes)).at(-1)!)
}

/** The hash of what a task fixes about a state: names and shapes of its tensors, and the size of chunks. */
export function stateHeader(
  tensors: readonly { name: string; shape: readonly number[] }[],
  chunkBytes: number,
): Hash {
  const parts = tensors.flatMap(({ name, shape }) => {
    const text = new TextEncoder().encode(name)
    return [u32(text.length), text, u32(shape.length), ...shape.map(u32)]
  })
  return sha256(Uint8Array.of(HEADER), u32(chunkBytes), u32(tensors.length), ...parts)
}

/** The hash of a state, from its header and the roots of its tensors in the task's order. */
export function stateTreeHash(header: Hash, tensorRoots: readonly Hash[]): Hash {
  const top = levelsOf(joined(tensorRoots)).at(-1)!
  return bytesHash(stateOf(header, tensorRoots.length, top))
}

/**
 * Opens one chunk of a tensor.
 *
 * @throws RangeError for a chunk that the tensor doesn't have
 */
export function openTensorChunk(values: Float32Array, chunkBytes: number, chunk: number): TensorChunk {
  const canonical = canonicalNaNs(values)
  const levels = levelsOf(chunkHashes(rawBytes(canonical), chunkBytes))
  const data = rawBytes(canonical).slice(chunk * chunkBytes, (chunk + 1) * chunkBytes)
  return { byteLength: values.byteLength, chunkBytes, chunk, data, chunkPath: pathOf(levels, chunk) }
}

/**
 * The siblings that lead from a tensor to its state.
 *
 * @throws RangeError for a tensor that the state doesn't have
 */
export function tensorPath(tensorRoots: readonly Hash[], tensor: number): TreePath {
  return pathOf(levelsOf(joined(tensorRoots)), tensor)
}

/** Whether a chunk stands where it says in the tensor with this root. */
export function verifyTensorChunk(root: Hash, opening: TensorChunk): boolean {
  return tensorRootOf(opening) === root
}

/** Whether a chunk stands where it says in the state with this hash. */
export function verifyStateChunk(stateHash: Hash, opening: StateChunk): boolean {
  const root = tensorRootOf(opening)
  return root !== undefined && stateHashOf(root, opening) === stateHash
}

/**
 * Root of the tensor that a chunk was taken from; undefined if the path hasn't the shape that place and sizes ask for, or the
 * chunk not its length.
 */
export function tensorRootOf({
  byteLength,
  chunkBytes,
  chunk,
  data,
  chunkPath,
}: TensorChunk): Hash | undefined {
  if (!isSize(byteLength) || !isSize(chunkBytes) || chunkBytes >= 2 ** 32) return
  if (data.length !== Math.min(chunkBytes, byteLength - chunk * chunkBytes)) return
  const place = { index: chunk, count: Math.ceil(byteLength / chunkBytes), path: chunkPath }
  const top = climb(sha256Bytes(Uint8Array.of(CHUNK), data), place)
  return top && rootOf(byteLength, chunkBytes, top)
}

/** Hash of the state that a tensor belongs to; undefined if the path hasn't the shape that the place asks for. */
export function stateHashOf(root: Hash, place: TensorPlace): Hash | undefined {
  const { header, tensor, tensorCount, tensorPath } = place
  if (!isHash(root) || !isHash(header)) return
  const top = climb(hashBytes(root), { index: tensor, count: tensorCount, path: tensorPath })
  return top && bytesHash(stateOf(header, tensorCount, top))
}

/**
 * The values, with every NaN as the one pattern 0x7fc00000; all other bits stay. A copy only if a NaN is among them.
 */
export function canonicalNaNs(values: Float32Array): Float32Array {
  if (!hasNaN(values)) return values
  const copy = values.slice()
  const bits = new Uint32Array(copy.buffer)
  bits.forEach((word, i) => {
    if ((word & WITHOUT_SIGN) > INFINITY) bits[i] = CANONICAL_NAN
  })
  return copy
}

/** A plain loop: `some` takes ten times as long. */
function hasNaN(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true
  return false
}

function chunkHashes(bytes: Uint8Array, chunkBytes: number): Uint8Array {
  if (bytes.length === 0) throw new RangeError('a tensor without values has no root')
  if (!isSize(chunkBytes)) throw new RangeError(`chunks of ${chunkBytes} bytes don't hold whole values`)
  if (!isSize(bytes.length)) throw new RangeError(`${bytes.length} bytes are no whole values`)
  return hashPieces(CHUNK, bytes, chunkBytes)
}

/** All levels of a tree, from its leaves' hashes to its top, each as one array of hashes. */
function levelsOf(hashes: Uint8Array): Uint8Array[] {
  if (hashes.length === 0) throw new RangeError('a state tree needs at least one leaf')
  const levels = [hashes]
  for (let level = hashes; level.length > HASH_BYTES; level = levels.at(-1)!) {
    levels.push(hashPieces(NODE, level, WIDTH * HASH_BYTES))
  }
  return levels
}

/** The hashes of `bytes` in pieces of `size`, each with a tag before it. */
function hashPieces(tag: number, bytes: Uint8Array, size: number): Uint8Array {
  const tagged = new Uint8Array(1 + Math.min(size, bytes.length))
  tagged[0] = tag
  return sha256Each(Math.ceil(bytes.length / size), (i) => {
    const piece = bytes.subarray(i * size, (i + 1) * size)
    tagged.set(piece, 1)
    return tagged.subarray(0, 1 + piece.length)
  })
}

function pathOf(levels: readonly Uint8Array[], index: number): TreePath {
  const count = levels[0]!.length / HASH_BYTES
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(`leaf ${index} of a state tree of ${count} leaves`)
  }
  let at = index
  return levels.slice(0, -1).map((level) => {
    const first = at - (at % WIDTH)
    const children = split(level.subarray(first * HASH_BYTES, (first + WIDTH) * HASH_BYTES))
    const siblings = children.filter((_, i) => first + i !== at)
    at = Math.floor(at / WIDTH)
    return siblings
  })
}

/** The top of a tree over one of its hashes; undefined unless the path has the shape that place and size ask for. */
function climb(
  hash: Uint8Array,
  { index, count, path }: { index: number; count: number; path: TreePath },
): Uint8Array | undefined {
  if (!Number.isInteger(index) || index < 0 || index >= count || count >= 2 ** 32) return
  let [top, at, width, level] = [hash, index, count, 0]
  for (; width > 1; level++) {
    const siblings = path[level]
    const children = Math.min(WIDTH, width - (at - (at % WIDTH)))
    if (siblings?.length !== children - 1 || !siblings.every(isHash)) return
    const others = siblings.map(hashBytes)
    top = sha256Bytes(Uint8Array.of(NODE), ...others.toSpliced(at % WIDTH, 0, top))
    at = Math.floor(at / WIDTH)
    width = Math.ceil(width / WIDTH)
  }
  return path.length === level ? top : undefined
}

function rootOf(byteLength: number, chunkBytes: number, top: Uint8Array): Hash {
  return sha256(Uint8Array.of(TENSOR), u64(byteLength), u32(chunkBytes), top)
}

function stateOf(header: Hash, tensorCount: number, top: Uint8Array): Uint8Array {
  return sha256Bytes(Uint8Array.of(STATE), u32(tensorCount), hashBytes(header), top)
}

function joined(hashes: readonly Hash[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES)
  hashes.forEach((hash, i) => {
    bytes.set(hashBytes(hash), i * HASH_BYTES)
  })
  return bytes
}

function split(hashes: Uint8Array): Hash[] {
  return Array.from({ length: hashes.length / HASH_BYTES }, (_, i) =>
    bytesHash(hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)),
  )
}

/** Whether so many bytes are one or more whole values. */
function isSize(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes > 0 && bytes % VALUE_BYTES === 0
}

function isHash(value: string): value is Hash {
  return /^0x[0-9a-f]{64}$/.test(value)
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}
