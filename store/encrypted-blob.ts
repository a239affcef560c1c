import type { LocalAccount } from 'viem'
import { z } from 'zod4'
import type { BlobStore, Hash, ReadOptions } from './blob-store.ts'
import { fetchRecord, hashSchema, parseRecord, requireSpelling } from './record-reading.ts'
import type { Address } from './records.ts'
import { requireSigner, type Signature, signatureSchema } from './signature.ts'

/** Where a blob is that is encrypted once, under a key of its own, and that key, encrypted to one reader. */
export type EncryptedBlob = {
  /** sha256 of the blob, the same for all readers. */
  blob: Hash
  /** Length of the blob. */
  sizeBytes: number
  /** The blob's key, encrypted to the reader; `0x` if the blob is in the clear. */
  encryptedKey: `0x${string}`
}

/** Much more than an encrypted key has, in bytes. */
const MAX_ENCRYPTED_KEY_BYTES = 4_096

const encryptedBlobSchema = z.strictObject({
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

/** The text that is signed: the record's name, and all that it says. */
function messageOf(key: string, { blob, sizeBytes, encryptedKey }: EncryptedBlob): string {
  return `${key}\n${blob}\n${sizeBytes}\n${encryptedKey}`
}

/** The record in its only spelling, so that a stranger can't make another one of the same blob. */
function encode({ blob, sizeBytes, encryptedKey }: EncryptedBlob, signature: Signature): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ blob, sizeBytes, encryptedKey, signature }))
}

/**
 * Makes the bytes of a record of an encrypted blob. The same arguments give the same bytes.
 *
 * @param key the record's name
 */
export async function signEncryptedBlob(
  key: string,
  record: EncryptedBlob,
  account: LocalAccount,
): Promise<Uint8Array> {
  return encode(record, await account.signMessage({ message: messageOf(key, record) }))
}

/**
 * Parses a record of an encrypted blob and checks who signed it.
 *
 * @throws StoreError 'record-refused' when it is malformed or signed by anybody else
 */
export async function decodeEncryptedBlob(
  bytes: Uint8Array,
  { key, signer }: { key: string; signer: Address },
): Promise<EncryptedBlob> {
  const wrong = `the record ${key} names no encrypted blob`
  const { signature, ...record } = parseRecord(bytes, encryptedBlobSchema.parse, wrong)
  requireSpelling(bytes, encode(record, signature), key)
  await requireSigner({ message: messageOf(key, record), signature }, { signer, what: key })
  return record
}

/**
 * The record of that name, checked; undefined while its signer has not published it. Of several stores, one without a
 * valid record is passed over.
 */
export function fetchEncryptedBlob(
  store: BlobStore,
  expected: { key: string; signer: Address },
  options: ReadOptions = {},
): Promise<EncryptedBlob | undefined> {
  return fetchRecord(store, expected.key, (bytes) => decodeEncryptedBlob(bytes, expected), options)
}
