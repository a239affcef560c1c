import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, type Hash, type ReadOptions, StoreError } from './blob-store.ts'
import { decodeEncryptedBlob, type EncryptedBlob, fetchEncryptedBlob } from './encrypted-blob.ts'
import { type Address, parseRecordKey, poolKey } from './records.ts'

/** Who may read a pool: one validator by the key that it joined with, or everybody once the task is over. */
export type PoolReader = { validator: Address; encryptionKeyHash: Hash } | 'everybody'

/** What tells one pool and its reader apart from all others, for the record's name. */
export function poolEnvelope(poolRoot: Hash, reader: PoolReader): Hash {
  if (reader === 'everybody') return deriveSeed(poolRoot, 'assay pool for everybody')
  return deriveSeed(
    poolRoot,
    'assay pool for a validator',
    BigInt(reader.validator),
    reader.encryptionKeyHash,
  )
}

/** Where one author's record for one reader of a pool is. */
export type PoolPlace = { specHash: Hash; poolRoot: Hash; reader: PoolReader; author: Address }

/** The record's name. */
export function poolKeyOf({ specHash, poolRoot, reader, author }: PoolPlace): string {
  return poolKey(specHash, poolEnvelope(poolRoot, reader), author)
}

/**
 * Parses a pool's record and checks that the author in its name signed it.
 *
 * @throws StoreError 'record-refused' when it is malformed or signed by anybody else
 */
export async function decodePoolRecord(bytes: Uint8Array, key: string): Promise<EncryptedBlob> {
  const parsed = parseRecordKey(key)
  if (parsed.kind !== 'pool') throw new StoreError('bad-request', `${key} is not the name of a pool.`)
  return decodeEncryptedBlob(bytes, { key, signer: parsed.author })
}

/** One author's record of a pool for one reader, checked; undefined while the author has not published it. */
export function fetchPoolRecord(
  store: BlobStore,
  place: PoolPlace,
  options: ReadOptions = {},
): Promise<EncryptedBlob | undefined> {
  return fetchEncryptedBlob(store, { key: poolKeyOf(place), signer: place.author }, options)
}
