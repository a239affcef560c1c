import type { Pool } from '@assay/engine/package/pool.ts'
import { decryptPool, decryptPoolKey, maxPoolBlobBytes } from '@assay/engine/package/pool-encryption.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { EncryptionError } from '@assay/sdk/protocol/encryption.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import type { EncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { fetchPoolRecord } from '@assay/store/pool-record.ts'
import { type Address, hexToBytes } from 'viem'
import type { OracleKeys } from '../oracle-keys.ts'
import type { PoolName } from './seal-pool.ts'

/** Whose envelopes to look for, and what opens them. */
export type EnvelopeOptions = {
  store: BlobStore
  spec: TaskSpec
  name: PoolName
  reader: { validator: Address; encryptionKeyHash: Hash }
  keys: Pick<OracleKeys, 'decrypt'>
  /** Who may hand the pool over, in the order in which they are asked. */
  authors: readonly Address[]
  /** Whether an author has the right to: asked only of one that has written something. */
  mayAuthor: (author: Address) => Promise<boolean>
  /** Authors whose envelope was opened in vain: it can't change, so it is not looked at again. */
  refused: Map<Address, string>
  signal?: AbortSignal | undefined
}

/** A pool that somebody handed over. */
export type OpenedPool = { pool: Pool; key: Uint8Array; author: Address }

/**
 * Opens the first envelope that holds the pool. What is in another one, a wrong key, another pool or a blob that is too
 * large, is noted in `refused`, and the next author is tried.
 *
 * @returns undefined while nobody has handed over the pool
 * @throws StoreError 'unavailable' when no author's envelope could be opened, and one could not be read
 */
export async function openEnvelope(options: EnvelopeOptions): Promise<OpenedPool | undefined> {
  const { authors, refused, mayAuthor } = options
  let unread: StoreError | undefined
  for (const author of authors) {
    if (refused.has(author)) continue
    try {
      const record = await fetchRecord(options, author)
      if (record === undefined || !(await mayAuthor(author))) continue
      return await openRecord(options, author, record)
    } catch (error) {
      if (error instanceof EncryptionError || error instanceof EngineRefusal)
        refused.set(author, error.message)
      else if (error instanceof StoreError) unread = error
      else throw error
    }
  }
  if (unread !== undefined)
    throw new StoreError('unavailable', `the pool can't be fetched: ${unread.message}`, { cause: unread })
  return undefined
}

function fetchRecord(
  { store, name, reader, signal }: EnvelopeOptions,
  author: Address,
): Promise<EncryptedBlob | undefined> {
  return fetchPoolRecord(store, { ...name, reader, author }, { signal })
}

async function openRecord(
  { store, spec, name, reader, keys, signal }: EnvelopeOptions,
  author: Address,
  { blob, sizeBytes, encryptedKey }: EncryptedBlob,
): Promise<OpenedPool> {
  const limit = maxPoolBlobBytes()
  if (sizeBytes > limit)
    throw new EngineRefusal('data', `the pool's blob has ${sizeBytes} bytes, the limit is ${limit}`)
  const place = { specHash: name.specHash, root: name.poolRoot }
  const at = { validator: reader.validator, decrypt: keys.decrypt }
  const key = await decryptPoolKey(hexToBytes(encryptedKey), at, place)
  const bytes = await store.get(blob, { maxBytes: sizeBytes, signal })
  const pool = decryptPool(bytes, key, spec, name.poolRoot)
  return { pool, key, author }
}
