/**
 * The held-out pool: the samples that updates and models are judged by. A package names it by its Merkle root and
 * doesn't hold it. The pool is a file of its own, which only the task's owner and its validators have while the task
 * runs:
 *
 *     x F32 [n, …input] · y I32 [n] · salt.seed U8 [32]
 *
 * The root is that of a contributor's samples (data.ts): each leaf binds a sample's place, salt, label and features.
 * Without the salts nobody can tell whether a sample that it guesses is in the pool.
 */
import { bytesHash, type Hash, hashBytes } from '../hash.ts'
import { demand, refusingAs } from '../refusal.ts'
import {
  checkedDataset,
  type DataLimits,
  type Dataset,
  DEFAULT_DATA_LIMITS,
  datasetTensors,
  sampleRoot,
} from './data.ts'
import { demandFinite, readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts'
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
  /** Samples of each class, by its number. */
  classCounts: number[]
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
 * What a package says of a pool of so many classes.
 *
 * @throws EngineRefusal `data` for a label outside them, or a feature that is not finite: NaN has no fixed bits to hash
 */
export function poolFacts(pool: Pool, classes: number): PoolFacts {
  demandFinite('data', 'x', pool.samples.x)
  const classCounts = countClasses(pool.samples, classes)
  return { root: poolRoot(pool), samples: pool.samples.n, classCounts }
}

/** The pool's file. The same pool gives the same bytes. */
export function writePool({ samples, saltSeed }: Pool, spec: Pick<TaskSpec, 'input'>): Uint8Array {
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
    readSafetensors(bytes, { maxBytes: limits.maxBytes, maxTensors: 3 }),
  )
  const salt = tensors.get(SALT_SEED)
  demand(
    salt?.dtype === 'U8' && salt.data.length === SALT_SEED_BYTES,
    'data',
    () => `a pool file holds x (F32), y (I32) and ${SALT_SEED} (U8 [${SALT_SEED_BYTES}])`,
  )
  tensors.delete(SALT_SEED)
  const samples = checkedDataset(tensors, spec, limits)
  countClasses(samples, spec.target.classes)
  return { samples, saltSeed: bytesHash(salt.data) }
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
function checkCounts(samples: Dataset, { pool, target }: TaskSpec): void {
  demand(
    samples.n === pool.samples,
    'data',
    () => `the pool has ${samples.n} samples, task.json says ${pool.samples}: it is another pool`,
  )
  const counts = countClasses(samples, target.classes)
  const label = counts.findIndex((count, i) => count !== pool.classCounts[i])
  demand(
    label < 0,
    'data',
    () =>
      `the pool has ${counts[label]} samples of class ${label}, task.json says ${pool.classCounts[label]}: it is another pool`,
  )
}

function countClasses({ y }: Dataset, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (const [i, label] of y.entries()) {
    demand(
      label >= 0 && label < classes,
      'data',
      () => `y[${i}] is ${label}: labels go from 0 to ${classes - 1}`,
    )
    counts[label]!++
  }
  return counts
}
