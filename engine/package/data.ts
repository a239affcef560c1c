/**
 * Samples with targets: shards of contributors, and those of the held-out pool (pool.ts). A data file holds
 *
 *     <input> F32 or I32 [n, …its shape]        for each input of task.json
 *     y       I32 [n] classes · F32 [n, count] values or labels · I32 [n, length] tokens
 *     stratum I32 [n]                           if the task's strata are a column; only a pool needs it
 */
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import { hashLeaf, type MerkleTree, merkleTree, treeRoot } from '@assay/sdk/protocol/merkle.ts'
import { bytesHash, type Hash, hashBytes, rawBytes, sha256Bytes } from '../hash.ts'
import { demand, refusingAs } from '../refusal.ts'
import { indexBytes } from './merkle-position.ts'
import { demandFinite, elementCount, readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts'
import { type SampleSpec, strataCount, type Target } from './sample-spec.ts'

/** Numbers of samples, row-major; whole ones as int32. */
export type Values = Float32Array | Int32Array

export type Dataset = {
  /** Each input by name: n × its values per sample. */
  inputs: Readonly<Record<string, Values>>
  /** Targets, n × values of one: class numbers and tokens are int32, values and labels float32. */
  y: Values
  /** Number of each sample's stratum, where they are a column of a pool. */
  strata?: Int32Array
  /** Number of samples. */
  n: number
}

/** What a graph takes of samples, int64 still as int32: inputs by name. */
export type Inputs = { inputs: Readonly<Record<string, Values>> }

/** Inputs and targets, classes as one-hot rows. */
export type Batch = Inputs & { y: Values }

export type DataLimits = {
  /** Largest data file, in bytes. */
  maxBytes: number
  maxSamples: number
}

export const DEFAULT_DATA_LIMITS: DataLimits = { maxBytes: 256 * 1024 * 1024, maxSamples: 2 ** 24 }

/** A tensor of a data file, without its first dimension, and what its values may be. */
export type Column = {
  name: string
  dtype: 'F32' | 'I32'
  shape: readonly number[]
  /** Whole numbers are below this. */
  below?: number | undefined
  /** What they are called in messages. */
  what: string
}

const SALT_LABEL = new TextEncoder().encode('assay data salt')
/** Name of the column of strata in a data file. */
const STRATUM = 'stratum'

/**
 * Reads a contributor's data file. A column of strata is left out: it is a pool's.
 *
 * @throws EngineRefusal `data` for other tensors, wrong shapes, classes or whole numbers out of their range, or values that
 * are not finite.
 */
export function readDataset(
  bytes: Uint8Array,
  spec: SampleSpec,
  limits: DataLimits = DEFAULT_DATA_LIMITS,
): Dataset {
  const tensors = tensorsIn(bytes, spec, limits)
  if (spec.strata.by === 'column') tensors.delete(STRATUM)
  return checkedDataset(tensors, spec, { limits, columns: columnsOf(spec) })
}

/** Reads a data file that is to be a pool, with its strata, checked like those of {@link readDataset}. */
export function readPoolSamples(
  bytes: Uint8Array,
  spec: SampleSpec,
  limits: DataLimits = DEFAULT_DATA_LIMITS,
): Dataset {
  return poolDataset(tensorsIn(bytes, spec, limits), spec, limits)
}

function tensorsIn(bytes: Uint8Array, spec: SampleSpec, { maxBytes }: DataLimits): Map<string, Tensor> {
  const maxTensors = columnsOf(spec).length + strataColumn(spec).length
  return refusingAs('data', 'data file', () => readSafetensors(bytes, { maxBytes, maxTensors }))
}

/** The samples that a pool's tensors hold, with their strata, checked like those of {@link readDataset}. */
export function poolDataset(
  tensors: ReadonlyMap<string, Tensor>,
  spec: SampleSpec,
  limits: DataLimits,
): Dataset {
  return checkedDataset(tensors, spec, { limits, columns: [...columnsOf(spec), ...strataColumn(spec)] })
}

/** The samples that tensors hold, without strata, checked like those of {@link readDataset}. */
export function shownDataset(tensors: ReadonlyMap<string, Tensor>, spec: SampleSpec): Dataset {
  return checkedDataset(tensors, spec, { limits: DEFAULT_DATA_LIMITS, columns: columnsOf(spec) })
}

/** The names and types of a data file's tensors, in words. @param more tensors that are in the file, too */
export function columnsText(spec: SampleSpec, options: { isPool?: boolean; more?: string[] } = {}): string {
  const columns = [...columnsOf(spec), ...(options.isPool ? strataColumn(spec) : [])]
  const words = [...columns.map(({ name, dtype }) => `${name} (${dtype})`), ...(options.more ?? [])]
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function checkedDataset(
  tensors: ReadonlyMap<string, Tensor>,
  spec: SampleSpec,
  { limits, columns }: { limits: DataLimits; columns: readonly Column[] },
): Dataset {
  demand(
    tensors.size === columns.length && columns.every(({ name, dtype }) => tensors.get(name)?.dtype === dtype),
    'data',
    () =>
      `a data file holds ${columns.map(({ name, dtype }) => `${name} (${dtype})`).join(', ')}, nothing else`,
  )
  const n = tensors.get('y')!.shape[0] ?? 0
  demand(
    n >= 1 && n <= limits.maxSamples,
    'data',
    () => `y has shape [${tensors.get('y')!.shape}]: expected 1 to ${limits.maxSamples} samples`,
  )
  for (const { name, shape } of columns) {
    const found = tensors.get(name)!.shape
    const expected = [n, ...shape]
    demand(
      found.length === expected.length && found.every((size, i) => size === expected[i]),
      'data',
      () => `${name} has shape [${found}], expected [${expected}]`,
    )
  }
  const values = (name: string) => tensors.get(name)!.data as Values
  const inputs = Object.fromEntries(spec.inputs.map(({ name }) => [name, values(name)]))
  const strata = columns.some(({ name }) => name === STRATUM) && { strata: values(STRATUM) as Int32Array }
  const dataset: Dataset = { inputs, y: values('y'), ...strata, n }
  for (const column of columns) checkValues(column, values(column.name))
  if (spec.target.kind === 'labels') checkLabels(dataset.y)
  return dataset
}

/**
 * Checks samples that no file holds yet.
 *
 * @throws EngineRefusal `data` for missing or needless inputs, wrong sizes and values, as of {@link readDataset}; for strata that
 * are missing, if the task has a column of them
 */
export function checkPoolSamples(dataset: Dataset, spec: SampleSpec): void {
  const sizes = [...columnsOf(spec), ...strataColumn(spec)].map(({ name, shape }) => ({
    name,
    expected: dataset.n * elementCount(shape),
    found: (name === 'y' ? dataset.y : name === STRATUM ? dataset.strata : dataset.inputs[name])?.length,
  }))
  for (const { name, expected, found } of sizes)
    demand(found === expected, 'data', () => `${name} has ${found ?? 'no'} values, expected ${expected}`)
  poolDataset(datasetTensors(dataset, spec), spec, DEFAULT_DATA_LIMITS)
  for (const [name, values] of Object.entries(dataset.inputs))
    if (values instanceof Float32Array) demandFinite('data', name, values)
  if (dataset.y instanceof Float32Array) demandFinite('data', 'y', dataset.y)
}

/** Inputs and target of a data file. */
export function columnsOf({ inputs, target }: Pick<SampleSpec, 'inputs' | 'target'>): Column[] {
  const columns = inputs.map(({ name, dtype, shape, below }): Column => {
    const isWhole = dtype !== 'float32'
    return { name, dtype: isWhole ? 'I32' : 'F32', shape, below, what: 'values' }
  })
  return [...columns, targetColumn(target)]
}

function targetColumn(target: Target): Column {
  switch (target.kind) {
    case 'class':
      return { name: 'y', dtype: 'I32', shape: [], below: target.classes, what: 'labels' }
    case 'tokens':
      return { name: 'y', dtype: 'I32', shape: [target.length], below: target.vocabulary, what: 'tokens' }
    default:
      return { name: 'y', dtype: 'F32', shape: [target.count], what: target.kind }
  }
}

function strataColumn(spec: SampleSpec): Column[] {
  if (spec.strata.by === 'class') return []
  return [{ name: STRATUM, dtype: 'I32', shape: [], below: strataCount(spec), what: 'strata' }]
}

function checkValues({ name, below, what }: Column, values: Values): void {
  if (below === undefined) return
  const i = values.findIndex((value) => value < 0 || value >= below)
  demand(i < 0, 'data', () => `${name}[${i}] is ${values[i]}: ${what} go from 0 to ${below - 1}`)
}

function checkLabels(y: Values): void {
  const i = y.findIndex((value) => value !== 0 && value !== 1)
  demand(i < 0, 'data', () => `y[${i}] is ${y[i]}: labels are 0 or 1`)
}

/** A data file of the task, with the samples' strata if they have some. */
export function writeDataset(dataset: Dataset, spec: Pick<SampleSpec, 'inputs' | 'target'>): Uint8Array {
  return writeSafetensors(datasetTensors(dataset, spec))
}

/** The tensors of a data file. */
export function datasetTensors(
  { inputs, y, strata, n }: Dataset,
  spec: Pick<SampleSpec, 'inputs' | 'target'>,
): Map<string, Tensor> {
  const column = (name: string, data: Values, shape: readonly number[]): [string, Tensor] => {
    const whole = [n, ...shape]
    return [
      name,
      data instanceof Float32Array
        ? { dtype: 'F32', shape: whole, data }
        : { dtype: 'I32', shape: whole, data },
    ]
  }
  return new Map([
    ...spec.inputs.map(({ name, shape }) => column(name, inputs[name]!, shape)),
    column('y', y, targetColumn(spec.target).shape),
    ...(strata === undefined ? [] : [column(STRATUM, strata, [])]),
  ])
}

/** The samples at `indices`, in that order. */
export function subset(dataset: Dataset, indices: readonly number[]): Dataset {
  requireWithin(dataset, indices)
  const rows = (values: Values) => rowsAt(values, dataset.n, indices, indices.length)
  const { inputs, y, strata } = dataset
  return {
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, rows(values)])),
    y: rows(y),
    ...(strata !== undefined && { strata: rows(strata) as Int32Array }),
    n: indices.length,
  }
}

/** Samples one after the other; they have strata only if all parts do. */
export function joinSamples(parts: readonly Dataset[]): Dataset {
  const [first] = parts
  demand(first !== undefined, 'data', () => 'no samples to join')
  const strata = parts.flatMap(({ strata }) => strata ?? [])
  return {
    inputs: Object.fromEntries(
      Object.keys(first.inputs).map((name) => [name, joined(parts.map(({ inputs }) => inputs[name]!))]),
    ),
    y: joined(parts.map(({ y }) => y)),
    ...(strata.length === parts.length && { strata: joined(strata) as Int32Array }),
    n: parts.reduce((sum, { n }) => sum + n, 0),
  }
}

/** Without strata: as a contributor's samples are. */
export function withoutStrata({ inputs, y, n }: Dataset): Dataset {
  return { inputs, y, n }
}

function joined(parts: readonly Values[]): Values {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const whole = parts[0] instanceof Float32Array ? new Float32Array(length) : new Int32Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/**
 * The samples at `indices` as a graph's inputs, `rows` rows (default: as many as indices). Missing rows are zero, one-hot
 * rows of classes, too: what graphs make of them is dropped.
 */
export function makeBatch(
  { target }: Pick<SampleSpec, 'target'>,
  dataset: Dataset,
  indices: readonly number[],
  rows = indices.length,
): Batch {
  requireWithin(dataset, indices)
  const taken = (values: Values) => rowsAt(values, dataset.n, indices, rows)
  return {
    inputs: Object.fromEntries(Object.entries(dataset.inputs).map(([name, values]) => [name, taken(values)])),
    y:
      target.kind === 'class'
        ? oneHot(dataset.y, indices, { rows, classes: target.classes })
        : taken(dataset.y),
  }
}

function oneHot(
  labels: Values,
  indices: readonly number[],
  { rows, classes }: { rows: number; classes: number },
): Float32Array {
  const y = new Float32Array(rows * classes)
  indices.forEach((index, row) => {
    y[row * classes + labels[index]!] = 1
  })
  return y
}

function requireWithin({ n }: Dataset, indices: readonly number[]): void {
  const outside = indices.find((index) => !(index < n))
  demand(outside === undefined, 'data', () => `sample ${outside} of a dataset of ${n}`)
}

/** Rows of a tensor of `n`, and zeros up to `rows`. */
function rowsAt(values: Values, n: number, indices: readonly number[], rows: number): Values {
  const size = values.length / n
  const taken = values instanceof Float32Array ? new Float32Array(rows * size) : new Int32Array(rows * size)
  indices.forEach((index, row) => {
    taken.set(values.subarray(index * size, (index + 1) * size), row * size)
  })
  return taken
}

/**
 * Number of each sample's stratum.
 *
 * @throws EngineRefusal `data` for samples without them, of a task whose strata are a column: a contributor's
 */
export function strataOf({ strata: { by } }: Pick<SampleSpec, 'strata'>, { y, strata }: Dataset): Values {
  const found = by === 'class' ? y : strata
  demand(found !== undefined, 'data', () => `the samples have no ${STRATUM}: only those of a pool do`)
  return found
}

/** Salt of sample `index`: sha256("assay data salt" ‖ secret ‖ u32be index). It hides samples that could be guessed. */
export function dataSalt(secret: Hash, index: number): Hash {
  const place = new Uint8Array(4)
  new DataView(place.buffer).setUint32(0, index)
  return bytesHash(sha256Bytes(SALT_LABEL, hashBytes(secret), place))
}

/** Leaves of a dataset's tree, salted with the contributor's secret. */
export function dataLeaves(dataset: Dataset, secret: Hash): Hash[] {
  const leaf = leavesOf(dataset)
  return Array.from({ length: dataset.n }, (_, i) => leaf(i, i, dataSalt(secret, i)))
}

/**
 * Makes leaves of the samples in a dataset's rows, each at its own place in the tree:
 *
 *     uint256 index ‖ sha256(salt ‖ target as float32 ‖ inputs in the order of their names ‖ stratum as int32, if it has one)
 *
 * All little-endian. Float32 holds every class and token exactly.
 */
export function leavesOf({
  inputs,
  y,
  strata,
  n,
}: Dataset): (row: number, index: number, salt: Hash) => Hash {
  const named = Object.keys(inputs)
    .sort()
    .map((name) => inputs[name]!)
  const columns = [Float32Array.from(y), ...named, ...(strata === undefined ? [] : [strata])]
  const leaf = new Uint8Array(64)
  return (row, index, salt) => {
    const parts = columns.map((values) => {
      const size = values.length / n
      return rawBytes(values.subarray(row * size, (row + 1) * size))
    })
    leaf.set(indexBytes(index))
    leaf.set(sha256Bytes(hashBytes(salt), ...parts), 32)
    return hashLeaf(leaf)
  }
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
