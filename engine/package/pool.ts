/**
 * The held-out pool: the samples that updates and models are judged by. A package names it by its Merkle root and
 * doesn't hold it. The pool is a file of its own, which only the task's owner and its validators have while the task
 * runs:
 *
 *     the tensors of a data file (data.ts), the stratum if it is a column, and salt.seed U8 [32]
 *
 * The root is that of a contributor's samples: each leaf binds a sample's place, salt, target, inputs and stratum.
 * Without the salts nobody can tell whether a sample that it guesses is in the pool.
 */
import { bytesHash, type Hash, hashBytes } from '../hash.ts'
import { demand, refusingAs } from '../refusal.ts'
import {
  checkPoolSamples,
  columnsText,
  type DataLimits,
  type Dataset,
  DEFAULT_DATA_LIMITS,
  datasetTensors,
  poolDataset,
  sampleRoot,
  strataOf,
} from './data.ts'
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts'
import { type SampleSpec, strataCount, stratumText } from './sample-spec.ts'
import type { TaskSpec } from './task-spec.ts'

export type Pool = {
  samples: Dataset
  /** Secret that the salts of the leaves follow from. */
  saltSeed: Hash
}

/** What task.json says of the pool. */
export type PoolFacts = {
  root: Hash
  /** Number of samples. */
  samples: number
  /** Samples of each stratum, by its number. */
  strataCounts: number[]
}

/** Name of the pool's file, beside the package's folder. */
export const POOL_FILE = 'pool.safetensors'

const SALT_SEED = 'salt.seed'
const SALT_SEED_BYTES = 32

/** Roots that were computed: a pool is read once and named often. */
const roots = new WeakMap<Pool, Hash>()

/** The root that names a pool. It is computed once: nobody changes the samples of a pool. */
export function poolRoot(pool: Pool): Hash {
  const root = roots.get(pool) ?? sampleRoot(pool.samples, pool.saltSeed)
  roots.set(pool, root)
  return root
}

/**
 * What a package says of a pool.
 *
 * @throws EngineRefusal `data` for samples that can't be the task's; for a value that is not finite: NaN has no fixed bits to hash
 */
export function poolFacts(pool: Pool, spec: SampleSpec): PoolFacts {
  checkPoolSamples(pool.samples, spec)
  const strataCounts = countStrata(pool.samples, spec)
  return { root: poolRoot(pool), samples: pool.samples.n, strataCounts }
}

/** The pool's file. The same pool gives the same bytes. */
export function writePool(
  { samples, saltSeed }: Pool,
  spec: Pick<SampleSpec, 'inputs' | 'target'>,
): Uint8Array {
  const salt: Tensor = { dtype: 'U8', shape: [SALT_SEED_BYTES], data: hashBytes(saltSeed) }
  return writeSafetensors(new Map([...datasetTensors(samples, spec), [SALT_SEED, salt]]))
}

/**
 * Reads a pool's file, and checks that it is the pool that was asked for.
 *
 * @param root of the pool; the package's by default, another one when the owner replaced the pool
 * @throws EngineRefusal `data` when it is no pool of this task, or has another root
 */
export function readPool(
  bytes: Uint8Array,
  spec: TaskSpec,
  root: string = spec.pool.root,
  limits: DataLimits = DEFAULT_DATA_LIMITS,
): Pool {
  const pool = parsePool(bytes, spec, limits)
  if (root === spec.pool.root) checkCounts(pool.samples, spec)
  const found = poolRoot(pool)
  demand(
    found === root,
    'data',
    () => `the pool has root ${found}, the task's is ${root}: it is another pool, or was changed`,
  )
  checkSize(pool.samples, found, spec)
  return pool
}

/**
 * Reads the file of a pool that may become a task's, and tells its root.
 *
 * @throws EngineRefusal `data` when it can't be a pool of this task
 */
export function readAnyPool(
  bytes: Uint8Array,
  spec: TaskSpec,
  limits: DataLimits = DEFAULT_DATA_LIMITS,
): { pool: Pool; root: Hash } {
  const pool = parsePool(bytes, spec, limits)
  const root = poolRoot(pool)
  checkSize(pool.samples, root, spec)
  return { pool, root }
}

function parsePool(bytes: Uint8Array, spec: TaskSpec, limits: DataLimits): Pool {
  const tensors = refusingAs('data', 'pool file', () =>
    readSafetensors(bytes, {
      maxBytes: limits.maxBytes,
      maxTensors: spec.inputs.length + (spec.strata.by === 'column' ? 3 : 2),
    }),
  )
  const salt = tensors.get(SALT_SEED)
  demand(
    salt?.dtype === 'U8' && salt.data.length === SALT_SEED_BYTES,
    'data',
    () =>
      `a pool file holds ${columnsText(spec, { isPool: true, more: [`${SALT_SEED} (U8 [${SALT_SEED_BYTES}])`] })}`,
  )
  tensors.delete(SALT_SEED)
  return { samples: poolDataset(tensors, spec, limits), saltSeed: bytesHash(salt.data) }
}

/** Phases were chosen, and machines tried, for the package's pool. */
function checkSize(samples: Dataset, root: Hash, spec: TaskSpec): void {
  demand(
    root === spec.pool.root || samples.n <= spec.pool.samples,
    'data',
    () =>
      `the pool has ${samples.n} samples; one that replaces the package's has at most as many as that, ${spec.pool.samples}`,
  )
}

/** Cheap, and tells more than two roots that differ. */
function checkCounts(samples: Dataset, spec: TaskSpec): void {
  const { pool } = spec
  demand(
    samples.n === pool.samples,
    'data',
    () => `the pool has ${samples.n} samples, task.json says ${pool.samples}: it is another pool`,
  )
  const counts = countStrata(samples, spec)
  const other = counts.findIndex((count, i) => count !== pool.strataCounts[i])
  demand(
    other < 0,
    'data',
    () =>
      `the pool has ${counts[other]} samples of ${stratumText(spec, other)}, task.json says ${pool.strataCounts[other]}: it is another pool`,
  )
}

function countStrata(samples: Dataset, spec: SampleSpec): number[] {
  const counts = new Array<number>(strataCount(spec)).fill(0)
  for (const stratum of strataOf(spec, samples)) counts[stratum]!++
  return counts
}
