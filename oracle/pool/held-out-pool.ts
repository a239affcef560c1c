import { FatalDaemonError } from '@assay/daemon/errors.ts'
import type { Workbench } from '@assay/daemon/workbench.ts'
import { indexPool, type PoolIndex } from '@assay/engine/judge/pool-copies.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { Pool } from '@assay/engine/package/pool.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { KeptPool } from './kept-pool.ts'
import type { OpenedPool } from './open-envelope.ts'
import type { PoolName } from './seal-pool.ts'

/** The held-out pools of a task: the current one, and one that the owner announced to replace it. */
export type PoolShelf = {
  /**
   * A pool, from memory, this disk, the file that the owner handed over, or an envelope in the stores.
   *
   * @returns undefined while nobody has sealed it to this validator
   * @throws FatalDaemonError when the file isn't the pool, StoreError 'unavailable' when the stores don't answer
   */
  find(name: PoolName): Promise<KeptPool | undefined>
  /** A pool's samples. @throws PoolMissingError while this validator doesn't have it */
  samples(name: PoolName): Promise<Dataset>
  /** A pool, prepared for finding copies of its samples: once, since nothing of it depends on a round. @throws like {@link samples} */
  index(name: PoolName): Promise<PoolIndex>
}

/** A validator's oracle has not got the pool yet. It can't judge without it. */
export class PoolMissingError extends Error {
  override readonly name = 'PoolMissingError'
}

export type PoolShelfOptions = {
  bench: Workbench
  /** Where pools are kept. */
  dir: string
  /** The pool as the owner gave it to this validator itself. */
  poolFile?: string | undefined
  /** Whether the pool in that file is another one of the task's: one that it will have. */
  isOther: (root: Hash) => Promise<boolean>
  /** Draws how samples are compared with a pool. */
  copiesSeed: (name: PoolName) => Hash
  /** Looks for the pool in the stores. */
  fetchPool: (name: PoolName, spec: TaskSpec) => Promise<OpenedPool | undefined>
}

/** Pools kept in memory: the current one and an announced one. */
const MOST_POOLS = 2

export function openPoolShelf(options: PoolShelfOptions): PoolShelf {
  const opened = new Map<string, KeptPool>()
  const find = async (name: PoolName) => {
    const known = opened.get(name.poolRoot)
    if (known !== undefined) return known
    const found = await findPool(options, name)
    if (found === undefined) return undefined
    if (opened.size >= MOST_POOLS) opened.delete(opened.keys().next().value!)
    opened.set(name.poolRoot, found)
    return found
  }
  const samples = async (name: PoolName) => {
    const found = await find(name)
    if (found !== undefined) return found.pool.samples
    throw new PoolMissingError(`This validator does not have the held-out pool ${name.poolRoot} yet.`)
  }
  const indices = new WeakMap<Dataset, PoolIndex>()
  const index = async (name: PoolName) => {
    const pool = await samples(name)
    const known = indices.get(pool)
    if (known !== undefined) return known
    const { spec } = await options.bench.package(name.specHash)
    const made = indexPool(pool, { seed: options.copiesSeed(name), spec })
    indices.set(pool, made)
    return made
  }
  return { find, samples, index }
}

async function findPool(options: PoolShelfOptions, name: PoolName): Promise<KeptPool | undefined> {
  const { bench, dir, fetchPool } = options
  const { spec } = await bench.package(name.specHash)
  const { findKeptPool, keepPool } = await import('./kept-pool.ts')
  const kept = await findKeptPool(dir, name, spec)
  if (kept !== undefined) return kept
  const pool = await readGivenPool(options, spec, name)
  const found = pool === undefined ? await fetchPool(name, spec) : { pool, key: undefined }
  if (found === undefined) return undefined
  await keepPool(dir, name, spec, found)
  return { pool: found.pool, key: found.key }
}

/** The pool in the owner's file; undefined without one, or if it holds a pool that was replaced or is to come. */
async function readGivenPool(
  { poolFile: file, isOther }: PoolShelfOptions,
  spec: TaskSpec,
  name: PoolName,
): Promise<Pool | undefined> {
  if (file === undefined) return undefined
  const { readAnyPoolFile, readPoolFile } = await import('@assay/engine/node/task-package.ts')
  try {
    return await readPoolFile(file, spec, name.poolRoot)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    if (name.poolRoot !== spec.pool.root) return undefined
    const held = await readAnyPoolFile(file, spec).catch(() => undefined)
    if (held !== undefined && (await isOther(held.root))) return undefined
    throw new FatalDaemonError(
      `${file} is not the held-out pool of this task: ${error.message}. Ask the task's owner for the pool and name its file with --pool, or leave --pool away: the owner seals the pool with assay task seal.`,
    )
  }
}
