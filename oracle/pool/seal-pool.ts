/**
 * How a held-out pool comes to the task's validators. It is encrypted once and put into the stores. Its key is encrypted
 * to each validator, and stands in a record that names both. The owner seals it to those who joined; so does every
 * oracle that has it, to those who join later.
 */
import type { Pool } from '@assay/engine/package/pool.ts'
import { encryptPool, encryptPoolKey } from '@assay/engine/package/pool-encryption.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EncryptionError } from '@assay/sdk/protocol/encryption.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { poolKeyOf } from '@assay/store/pool-record.ts'
import { type Address, bytesToHex, hexToBytes, keccak256, type LocalAccount } from 'viem'
import type { JoinedValidator } from './joined.ts'

/** Which pool: that of a package, by its root. */
export type PoolName = { specHash: Hash; poolRoot: Hash }

/** An encrypted pool in the stores, with the key that opens it. */
export type PoolSeal = {
  /** sha256 of the encrypted pool. */
  blob: Hash
  /** Length of that blob. */
  sizeBytes: number
  /** 32 secret bytes. */
  key: Uint8Array
}

/** Encrypts a pool and puts it into the store. Doing it again changes nothing. @param key 32 secret bytes */
export async function putPool(
  store: BlobStore,
  pool: Pool,
  spec: TaskSpec,
  key: Uint8Array,
): Promise<PoolSeal> {
  const encrypted = encryptPool(pool, spec, key)
  return { blob: await store.put(encrypted), sizeBytes: encrypted.length, key }
}

/** What became of one validator's envelope. */
export type Sealed = { validator: Address; refusal?: string }

/**
 * Seals a pool's key to a validator. Doing it again changes nothing: the same account, pool and validator give the same
 * record.
 *
 * @returns with a reason when its encryption key can't be used
 * @throws StoreError 'unavailable', and any other refusal of the store but a record that is there already
 */
export async function sealTo(
  { store, account }: { store: BlobStore; account: LocalAccount },
  { name, seal }: { name: PoolName; seal: PoolSeal },
  { validator, encryptionKey }: JoinedValidator,
): Promise<Sealed> {
  const { specHash, poolRoot } = name
  const reader = { validator, encryptionKeyHash: keccak256(encryptionKey) }
  const key = poolKeyOf({ specHash, poolRoot, reader, author: account.address })
  let encrypted: Uint8Array
  try {
    const to = { validator, publicKey: hexToBytes(encryptionKey) }
    encrypted = encryptPoolKey(seal.key, to, { specHash, root: poolRoot })
  } catch (error) {
    if (!(error instanceof EncryptionError)) throw error
    return { validator, refusal: error.message }
  }
  const { blob, sizeBytes } = seal
  const record = await signEncryptedBlob(
    key,
    { blob, sizeBytes, encryptedKey: bytesToHex(encrypted) },
    account,
  )
  await store.putRecord(key, record).catch((error) => {
    if (!(error instanceof StoreError) || error.code !== 'record-taken') throw error
  })
  return { validator }
}
