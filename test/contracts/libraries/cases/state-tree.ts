import {
  openTensorChunk,
  stateHashOf,
  stateHeader,
  stateTreeHash,
  type TensorChunk,
  type TensorPlace,
  type TreePath,
  tensorPath,
  tensorRoot,
  tensorRootOf,
} from '@assay/engine/package/state-tree.ts'
import type { Draws } from '../draws.ts'
import type { Case } from './case.ts'

const ZERO = `0x${'00'.repeat(32)}`
/** One below, at and above the hashes of a full node. */
const EDGES = [63, 64, 65]
const DEEP_CHUNKS = 4097

export const stateTreeCases: readonly Case[] = [
  {
    name: 'tensorRootOf',
    count: 500,
    draw: (d) => {
      const { values, chunkBytes, chunks } = drawTensor(d, [1, 2, 3, 16, 256], d.number(0, 31) === 17)
      const opened = openTensorChunk(values, chunkBytes, d.number(0, chunks - 1))
      // What is whole must lead to the root of all values, which is computed without the opening.
      if (d.flag()) return { args: [chunkWords(opened)], twin: () => [tensorRoot(values, chunkBytes)] }
      const spoiled = spoiledChunk(d, opened)
      return { args: [chunkWords(spoiled)], twin: () => [tensorRootOf(spoiled) ?? ZERO] }
    },
  },
  {
    name: 'stateHashOf',
    count: 300,
    draw: (d) => {
      const roots = d.list(d.number(1, 80, ...EDGES), d.hash)
      const tensor = d.number(0, roots.length - 1)
      const place = {
        header: d.hash(),
        tensorCount: roots.length,
        tensor,
        tensorPath: tensorPath(roots, tensor),
      }
      if (d.flag())
        return { args: [roots[tensor], placeWords(place)], twin: () => [stateTreeHash(place.header, roots)] }
      const spoiled = spoiledPlace(d, place)
      return {
        args: [roots[tensor], placeWords(spoiled)],
        twin: () => [stateHashOf(roots[tensor]!, spoiled) ?? ZERO],
      }
    },
  },
  {
    name: 'tensorRoot',
    count: 100,
    draw: (d) => {
      const { values, chunkBytes } = drawTensor(d, [1, 2, 16])
      return { args: [hex(bytesOf(values)), chunkBytes], twin: () => [tensorRoot(values, chunkBytes)] }
    },
  },
  {
    name: 'stateHeader',
    count: 100,
    draw: (d) => {
      const chunkBytes = d.flag() ? 1024 : 4096
      const tensors = d.list(d.number(0, 4), () => ({
        name: d.hash().slice(0, d.number(0, 12)),
        shape: d.list(d.number(0, 3), () => d.number(1, 2 ** 24)),
      }))
      return {
        args: [chunkBytes, tensors.map(({ name }) => name), tensors.map(({ shape }) => shape)],
        twin: () => [stateHeader(tensors, chunkBytes)],
      }
    },
  },
  {
    name: 'stateHash',
    count: 60,
    draw: (d) => {
      const header = d.hash()
      const roots = d.list(d.number(1, 80, ...EDGES), d.hash)
      return { args: [header, roots], twin: () => [stateTreeHash(header, roots)] }
    },
  },
]

/** Values that follow from one draw, none of them NaN, in chunks of a few values; deep trees have three levels. */
function drawTensor(d: Draws, sizes: readonly number[], isDeep = false) {
  const perChunk = isDeep ? 1 : sizes[d.number(0, sizes.length - 1)]!
  const chunks = isDeep ? DEEP_CHUNKS : d.number(1, 70, ...EDGES)
  const missing = d.number(0, perChunk - 1)
  const factor = Number(BigInt(d.hash()) % 2n ** 31n)
  const values = Float32Array.from({ length: chunks * perChunk - missing }, (_, i) =>
    Math.imul(factor, i + 1),
  )
  return { values, chunkBytes: 4 * perChunk, chunks }
}

/** The opening with one thing changed, or one more thing than there is. */
function spoiledChunk(d: Draws, opened: TensorChunk): TensorChunk {
  const { byteLength, chunkBytes, chunk, data, chunkPath } = opened
  const changes: Partial<TensorChunk>[] = [
    { byteLength: byteLength + 4 },
    { byteLength: byteLength - 4 },
    { byteLength: byteLength + 2 },
    { byteLength: 0 },
    { chunkBytes: 2 * chunkBytes },
    { chunkBytes: chunkBytes + 2 },
    { chunkBytes: 0 },
    { chunk: chunk + 1 },
    { chunk: chunk + 64 },
    { chunk: 2 ** 48 },
    { data: data.with(d.number(0, data.length - 1), d.number(0, 255)) },
    { data: data.subarray(4) },
    { data: Uint8Array.of(...data, 0, 0, 0, 0) },
    { chunkPath: spoiledPath(d, chunkPath) },
  ]
  return { ...opened, ...changes[d.number(0, changes.length - 1)] }
}

function spoiledPlace(d: Draws, place: TensorPlace): TensorPlace {
  const changes: Partial<TensorPlace>[] = [
    { header: d.hash() },
    { tensorCount: place.tensorCount + 1 },
    { tensorCount: place.tensorCount - 1 },
    { tensor: place.tensor + 1 },
    { tensor: place.tensor + 64 },
    { tensorPath: spoiledPath(d, place.tensorPath) },
  ]
  return { ...place, ...changes[d.number(0, changes.length - 1)] }
}

function spoiledPath(d: Draws, path: TreePath): TreePath {
  const paths: TreePath[] = [[], [...path, []], [...path, [d.hash()]], path.slice(1)]
  const [lowest, ...above] = path
  if (lowest !== undefined)
    paths.push(
      [lowest.slice(1), ...above],
      [[...lowest, d.hash()], ...above],
      [lowest.toReversed(), ...above],
      [lowest.map((hash, i) => (i === 0 ? d.hash() : hash)), ...above],
    )
  return paths[d.number(0, paths.length - 1)]!
}

function chunkWords({ byteLength, chunkBytes, chunk, data, chunkPath }: TensorChunk): unknown[] {
  return [byteLength, chunkBytes, chunk, hex(data), chunkPath]
}

function placeWords({ header, tensorCount, tensor, tensorPath }: TensorPlace): unknown[] {
  return [header, tensorCount, tensor, tensorPath]
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`
}
