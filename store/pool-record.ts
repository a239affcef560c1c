import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import type { LocalAccount } from 'viem'
import { z } from 'zod'
import { type BlobStore, type Hash, type ReadOptions, StoreError } from './blob-store.ts'
import { fetchRecord, hashSchema, parseRecord, requireSpelling } from './record-reading.ts'
import { type Address, parseRecordKey, poolKey } from './records.ts'
import { requireSigner, type Signature, signatureSchema } from './signature.ts'

/** Where a held-out pool is, and the key that opens it, signed by whoever hands it over. */
export type PoolRecord = {
  /** sha256 of the pool's blob. */
  blob: Hash
  /** Length of that blob. */
  sizeBytes: number
  /** The pool's key, encrypted to the reader; `0x` if the blob is the pool in the clear. */
  encryptedKey: `0x${string}`
}

/** Who may read a pool: one validator by the key that it joined with, or everybody once the task is over. */
export type PoolReader = { validator: Address; encryptionKeyHash: Hash } | 'everybody'

/** Much more than an encrypted key has, in bytes. */
const MAX_ENCRYPTED_KEY_BYTES = 4_096

const poolSchema = z.strictObject({
  blob: hashSchema,
  sizeBytes: z.int().min(0),
  encryptedKey: z.custom<`0x${string}`>(
    (value) =>
      typeof value === 'string' &&
      value.length <= 2 + 2 * MAX_ENCRYPTED_KEY_BYTES &&
      /^0x([0-9a-f]{2})*$/.test(value),
    `at most ${MAX_ENCRYPTED_KEY_BYTES} bytes in lower case`,
  ),
  signature: signatureSchema,
})

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

/** The text that an author signs: the record's name, and all that it says. */
function poolMessage(key: string, { blob, sizeBytes, encryptedKey }: PoolRecord): string {
  return `${key}\n${blob}\n${sizeBytes}\n${encryptedKey}`
}

/** The record in its only spelling, so that a stranger can't make another one of the same pool. */
function encode({ blob, sizeBytes, encryptedKey }: PoolRecord, signature: Signature): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ blob, sizeBytes, encryptedKey, signature }))
}

/** Makes the bytes of a pool's record. The same account, name and record give the same bytes. */
export async function signPoolRecord(
  key: string,
  record: PoolRecord,
  account: LocalAccount,
): Promise<Uint8Array> {
  return encode(record, await account.signMessage({ message: poolMessage(key, record) }))
}

/**
 * Parses a pool's record and checks that the author in its name signed it.
 *
 * @throws StoreError 'record-refused' when it is malformed or signed by anybody else
 */
export async function decodePoolRecord(bytes: Uint8Array, key: string): Promise<PoolRecord> {
  const wrong = `the record ${key} is not a pool's`
  const { signature, ...record } = parseRecord(bytes, poolSchema.parse, wrong)
  requireSpelling(bytes, encode(record, signature), key)
  const parsed = parseRecordKey(key)
  if (parsed.kind !== 'pool') throw new StoreError('bad-request', `${key} is not the name of a pool.`)
  await requireSigner({ message: poolMessage(key, record), signature }, { signer: parsed.author, what: key })
  return record
}

/**
 * One author's record of a pool for one reader, checked; undefined while the author has not published it. Of several
 * stores, one without a valid record is passed over.
 */
export async function fetchPoolRecord(
  store: BlobStore,
  place: PoolPlace,
  options: ReadOptions = {},
): Promise<PoolRecord | undefined> {
  const key = poolKeyOf(place)
  return fetchRecord(store, key, (bytes) => decodePoolRecord(bytes, key), options)
}
