/** Labelled samples: shards of contributors, and those of the held-out pool (pool.ts). */
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import { hashLeaf, type MerkleTree, merkleTree, treeRoot } from '@assay/sdk/protocol/merkle.ts'
import { bytesHash, type Hash, hashBytes, rawBytes, sha256Bytes } from '../hash.ts'
import { demand, refusingAs } from '../refusal.ts'
import { indexBytes } from './merkle-position.ts'
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts'
import { featureCount, type TaskSpec } from './task-spec.ts'

export type Dataset = {
  /** Features, n × features per sample, row-major. */
  x: Float32Array
  /** Labels, n class numbers. */
  y: Int32Array
  /** Number of samples. */
  n: number
}

/** What a graph takes: features, and labels as one-hot rows. */
export type Batch = { x: Float32Array; y: Float32Array }

export type DataLimits = {
  /** Largest data file, in bytes. */
  maxBytes: number
  maxSamples: number
}

export const DEFAULT_DATA_LIMITS: DataLimits = { maxBytes: 256 * 1024 * 1024, maxSamples: 2 ** 24 }

const SALT_LABEL = new TextEncoder().encode('assay data salt')

/**
 * Reads a data file: `x` F32 [n, …input], `y` I32 [n].
 *
 * @throws EngineRefusal `data` for other tensors, wrong shapes, labels outside 0 … classes − 1, or values that are not
 * finite.
 */
export function readDataset(
  bytes: Uint8Array,
  spec: TaskSpec,
  limits: DataLimits = DEFAULT_DATA_LIMITS,
): Dataset {
  const tensors = refusingAs('data', 'data file', () =>
    readSafetensors(bytes, { maxBytes: limits.maxBytes, maxTensors: 2 }),
  )
  return checkedDataset(tensors, spec, limits)
}

/** The samples that tensors hold, checked like those of {@link readDataset}. */
export function checkedDataset(
  tensors: ReadonlyMap<string, Tensor>,
  spec: TaskSpec,
  limits: DataLimits,
): Dataset {
  const x = tensors.get('x')
  const y = tensors.get('y')
  demand(
    tensors.size === 2 && x?.dtype === 'F32' && y?.dtype === 'I32',
    'data',
    () => 'a data file holds x (F32) and y (I32), nothing else',
  )
  const n = y.shape[0] ?? 0
  demand(
    y.shape.length === 1 && n >= 1 && n <= limits.maxSamples,
    'data',
    () => `y has shape [${y.shape}]: expected 1 to ${limits.maxSamples} samples`,
  )
  const expected = [n, ...spec.input.shape]
  demand(
    x.shape.length === expected.length && x.shape.every((size, i) => size === expected[i]),
    'data',
    () => `x has shape [${x.shape}], expected [${expected}]`,
  )
  checkLabels(y.data, spec.target.classes)
  return { x: x.data, y: y.data, n }
}

/** A data file of the task. */
export function writeDataset(dataset: Dataset, spec: Pick<TaskSpec, 'input'>): Uint8Array {
  return writeSafetensors(datasetTensors(dataset, spec))
}

/** The tensors of a data file. */
export function datasetTensors(dataset: Dataset, spec: Pick<TaskSpec, 'input'>): Map<string, Tensor> {
  return new Map<string, Tensor>([
    ['x', { dtype: 'F32', shape: [dataset.n, ...spec.input.shape], data: dataset.x }],
    ['y', { dtype: 'I32', shape: [dataset.n], data: dataset.y }],
  ])
}

/** The samples at `indices`, in that order. */
export function subset(dataset: Dataset, indices: readonly number[]): Dataset {
  const features = dataset.x.length / dataset.n
  const x = new Float32Array(indices.length * features)
  const y = new Int32Array(indices.length)
  indices.forEach((index, i) => {
    demand(index < dataset.n, 'data', () => `sample ${index} of a dataset of ${dataset.n}`)
    x.set(dataset.x.subarray(index * features, (index + 1) * features), i * features)
    y[i] = dataset.y[index]!
  })
  return { x, y, n: indices.length }
}

/**
 * The samples at `indices` as a graph's inputs, `rows` rows (default: as many as indices). Missing rows are zero, and
 * so are their labels: their loss is 0.
 */
export function makeBatch(
  spec: TaskSpec,
  dataset: Dataset,
  indices: readonly number[],
  rows = indices.length,
): Batch {
  const features = featureCount(spec)
  const { classes } = spec.target
  const x = new Float32Array(rows * features)
  const y = new Float32Array(rows * classes)
  indices.forEach((index, row) => {
    demand(index < dataset.n, 'data', () => `sample ${index} of a dataset of ${dataset.n}`)
    x.set(dataset.x.subarray(index * features, (index + 1) * features), row * features)
    y[row * classes + dataset.y[index]!] = 1
  })
  return { x, y }
}

/** Salt of sample `index`: sha256("assay data salt" ‖ secret ‖ u32be index). It hides samples that could be guessed. */
export function dataSalt(secret: Hash, index: number): Hash {
  const place = new Uint8Array(4)
  new DataView(place.buffer).setUint32(0, index)
  return bytesHash(sha256Bytes(SALT_LABEL, hashBytes(secret), place))
}

/** Leaf of one sample: uint256 index ‖ sha256(salt ‖ label as float32 ‖ features as float32, little-endian). */
export function sampleLeaf(index: number, salt: Hash, label: number, features: Float32Array): Hash {
  const leaf = new Uint8Array(64)
  leaf.set(indexBytes(index))
  leaf.set(sha256Bytes(hashBytes(salt), rawBytes(Float32Array.of(label)), rawBytes(features)), 32)
  return hashLeaf(leaf)
}

/** Leaves of a dataset's tree, salted with the contributor's secret. */
export function dataLeaves(dataset: Dataset, secret: Hash): Hash[] {
  const features = dataset.x.length / dataset.n
  return Array.from({ length: dataset.n }, (_, i) =>
    sampleLeaf(i, dataSalt(secret, i), dataset.y[i]!, dataset.x.subarray(i * features, (i + 1) * features)),
  )
}

/** The tree over a dataset's salted samples, of which its root and all proofs are taken. */
export function sampleTree(dataset: Dataset, secret: Hash): MerkleTree {
  return merkleTree(dataLeaves(dataset, secret))
}

/** Merkle root of a dataset's salted samples. */
export function sampleRoot(dataset: Dataset, secret: Hash): Hash {
  return treeRoot(sampleTree(dataset, secret))
}

/** What the chain keeps of a dataset: its sample root and its number of samples, in one hash. */
export function dataRoot(dataset: Dataset, secret: Hash): Hash {
  return dataRootOf(sampleRoot(dataset, secret), dataset.n)
}

/** Throws EngineRefusal `data` for a label outside 0 … classes − 1. */
export function checkLabels(labels: Int32Array, classes: number): void {
  labels.forEach((label, i) => {
    demand(
      label >= 0 && label < classes,
      'data',
      () => `y[${i}] is ${label}: labels go from 0 to ${classes - 1}`,
    )
  })
}
