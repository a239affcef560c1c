/**
 * The held-out pool as a blob that everybody may have and only the task's validators can read. It is encrypted once,
 * under a key of 32 bytes; the key is encrypted to each validator. Both are bound to the package and the pool's root,
 * so that neither can be passed off as another task's.
 */
import {
  decryptWithKey,
  EncryptionError,
  encryptKeyTo,
  encryptWithKey,
  SHARED_KEY_BYTES,
  SHARED_KEY_OVERHEAD_BYTES,
} from '@assay/sdk/protocol/encryption.ts'
import type { Hash } from '../hash.ts'
import { type DataLimits, DEFAULT_DATA_LIMITS } from './data.ts'
import { type Pool, poolRoot, readPool, writePool } from './pool.ts'
import { specHash, type TaskSpec } from './task-spec.ts'

/** The pool that a blob or a key is for: its package and its root. */
export type PoolPlace = { specHash: string; root: string }

/**
 * Encrypts a pool for a task. The same pool and key give the same blob, so that it can be made and stored again.
 *
 * @param key 32 secret bytes
 * @throws EncryptionError when the key has another length
 */
export function encryptPool(pool: Pool, spec: TaskSpec, key: Uint8Array): Uint8Array {
  const place = { specHash: specHash(spec), root: poolRoot(pool) }
  return encryptWithKey(key, writePool(pool, spec), poolContext(place))
}

/** Largest blob of a pool of the task, in bytes: what a reader should fetch at most. */
export function maxPoolBlobBytes(limits: DataLimits = DEFAULT_DATA_LIMITS): number {
  return limits.maxBytes + SHARED_KEY_OVERHEAD_BYTES
}

/**
 * Decrypts a pool's blob, and checks that it holds the pool of that root.
 *
 * @param root of the pool; the package's by default, another one when the owner replaced the pool
 * @throws EncryptionError when it was altered or cut, or belongs to another key, package or root; EngineRefusal `data`
 * when whoever encrypted it put something else into it
 */
export function decryptPool(blob: Uint8Array, key: Uint8Array, spec: TaskSpec, root?: Hash): Pool {
  const place = { specHash: specHash(spec), root: root ?? spec.pool.root }
  return readPool(decryptWithKey(key, blob, poolContext(place)), spec, place.root)
}

/**
 * Encrypts a pool's key to one validator. The same key gives the same bytes, so that it can be sealed again.
 *
 * @param to.publicKey the key that the validator joined with
 * @param to.validator its address, 0x and 40 hexadecimal digits
 * @throws EncryptionError when a key can't be used
 */
export function encryptPoolKey(
  key: Uint8Array,
  to: { validator: string; publicKey: Uint8Array },
  place: PoolPlace,
): Uint8Array {
  requireKey(key)
  return encryptKeyTo(to.publicKey, key, poolKeyContext(to.validator, place))
}

/**
 * Decrypts a pool's key.
 *
 * @param at.decrypt decrypts with the validator's own key, under the associated data that it is given
 * @throws EncryptionError when it was altered, or is for another validator, package or root, or no key
 */
export async function decryptPoolKey(
  encrypted: Uint8Array,
  at: {
    validator: string
    decrypt: (encrypted: Uint8Array, aad: string) => Uint8Array | Promise<Uint8Array>
  },
  place: PoolPlace,
): Promise<Uint8Array> {
  const key = await at.decrypt(encrypted, poolKeyContext(at.validator, place))
  requireKey(key)
  return key
}

function poolContext({ specHash, root }: PoolPlace): string {
  return `assay pool/${specHash}/${root}`
}

function poolKeyContext(validator: string, { specHash, root }: PoolPlace): string {
  return `assay pool key/${specHash}/${root}/${validator.toLowerCase()}`
}

function requireKey(key: Uint8Array): void {
  if (key.length === SHARED_KEY_BYTES) return
  throw new EncryptionError(`the pool's key has ${key.length} bytes and needs ${SHARED_KEY_BYTES}.`)
}
