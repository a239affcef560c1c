import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readPlainFile } from '@assay/engine/node/plain-file.ts'
import { readPoolFile } from '@assay/engine/node/task-package.ts'
import { type Pool, writePool } from '@assay/engine/package/pool.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { SHARED_KEY_BYTES } from '@assay/sdk/protocol/encryption.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { PoolName } from './seal-pool.ts'

/** A pool on this disk, and the key that opens its blob, if this validator got it in an envelope. */
export type KeptPool = { pool: Pool; key: Uint8Array | undefined }

const ONLY_OWN = { mode: 0o600 }

/** Keeps a pool in a data directory, readable by its owner alone. */
export async function keepPool(
  dir: string,
  { poolRoot }: PoolName,
  spec: TaskSpec,
  { pool, key }: KeptPool,
): Promise<void> {
  if (key !== undefined) await writeWholeFile(keyPath(dir, poolRoot), key, ONLY_OWN)
  await writeWholeFile(poolPath(dir, poolRoot), writePool(pool, spec), ONLY_OWN)
}

/**
 * The pool that is kept in a data directory. One that was changed there is removed.
 *
 * @returns undefined when there is none
 */
export async function findKeptPool(
  dir: string,
  { poolRoot }: PoolName,
  spec: TaskSpec,
): Promise<KeptPool | undefined> {
  try {
    const pool = await readPoolFile(poolPath(dir, poolRoot), spec, poolRoot)
    return { pool, key: await findKey(dir, poolRoot) }
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    await rm(poolPath(dir, poolRoot), { force: true })
    return undefined
  }
}

/** Without it this oracle seals the pool under a key of its own. */
async function findKey(dir: string, poolRoot: Hash): Promise<Uint8Array | undefined> {
  try {
    const key = await readPlainFile(keyPath(dir, poolRoot), { name: 'key', maxBytes: SHARED_KEY_BYTES })
    return key.length === SHARED_KEY_BYTES ? key : undefined
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    return undefined
  }
}

const poolPath = (dir: string, root: Hash) => join(dir, `pool-${root.slice(2, 18)}.safetensors`)
const keyPath = (dir: string, root: Hash) => join(dir, `pool-${root.slice(2, 18)}.key`)
