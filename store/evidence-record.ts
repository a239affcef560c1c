import type { LocalAccount } from 'viem'
import { z } from 'zod'
import type { BlobStore, Hash, ReadOptions } from './blob-store.ts'
import { fetchRecord, hashSchema, parseRecord, requireSpelling } from './record-reading.ts'
import type { Address } from './records.ts'
import { hashOf } from './sha256.ts'
import { requireSigner, type Signature, signatureSchema } from './signature.ts'

/** Where the encrypted evidence of one window for one validator is, signed by the contributor. */
export type EvidenceRecord = {
  /** sha256 of the ciphertext's blob. */
  blob: Hash
  /** Length of that blob. */
  sizeBytes: number
}

const evidenceSchema = z.strictObject({
  blob: hashSchema,
  sizeBytes: z.int().min(0),
  signature: signatureSchema,
})

/** The text that a contributor signs: the record's name, and the blob's hash and length. */
function evidenceMessage(key: string, { blob, sizeBytes }: EvidenceRecord): string {
  return `${key}\n${blob}\n${sizeBytes}`
}

/** The record in its only spelling, so that a stranger can't make another one of the same evidence. */
function encode({ blob, sizeBytes }: EvidenceRecord, signature: Signature): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ blob, sizeBytes, signature }))
}

/**
 * Makes the bytes of an evidence record. The same account, key and evidence give the same bytes.
 *
 * @param encrypted the evidence's blob
 */
export async function signEvidence(parameters: {
  key: string
  encrypted: Uint8Array
  account: LocalAccount
}): Promise<Uint8Array> {
  const { key, encrypted, account } = parameters
  const record = { blob: hashOf(encrypted), sizeBytes: encrypted.length }
  return encode(record, await account.signMessage({ message: evidenceMessage(key, record) }))
}

/**
 * Parses an evidence record and checks who signed it.
 *
 * @throws StoreError 'record-refused' when it is malformed or signed by anybody but the contributor
 */
export async function decodeEvidence(
  bytes: Uint8Array,
  { key, contributor }: { key: string; contributor: Address },
): Promise<EvidenceRecord> {
  const { signature, ...record } = parseRecord(
    bytes,
    evidenceSchema.parse,
    `the record ${key} is not evidence`,
  )
  requireSpelling(bytes, encode(record, signature), key)
  await requireSigner(
    { message: evidenceMessage(key, record), signature },
    { signer: contributor, what: key },
  )
  return record
}

/**
 * The evidence record of that name, checked; undefined while the contributor has not published it. Of several stores,
 * one without a valid record is passed over.
 */
export async function fetchEvidenceRecord(
  store: BlobStore,
  expected: { key: string; contributor: Address },
  options: ReadOptions = {},
): Promise<EvidenceRecord | undefined> {
  return fetchRecord(store, expected.key, (bytes) => decodeEvidence(bytes, expected), options)
}
