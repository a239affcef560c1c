import type { LocalAccount } from 'viem'
import { recoverMessageAddress } from 'viem/utils'
import { z } from 'zod'
import { type BlobStore, type Hash, type ReadOptions, StoreError } from './blob-store.ts'
import { type Address, unreadableRecord } from './records.ts'

/** Where the encrypted evidence of one window for one validator is, signed by the contributor. */
export type EvidenceRecord = {
  /** sha256 of the ciphertext's blob. */
  blob: Hash
  /** EIP-191 signature over {@link evidenceMessage}, 65 bytes. */
  signature: `0x${string}`
}

const evidenceSchema = z.strictObject({
  blob: z.custom<Hash>(
    (value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value),
    'a 32-byte hash',
  ),
  signature: z.custom<`0x${string}`>(
    (value) => typeof value === 'string' && /^0x[0-9a-f]{130}$/.test(value),
    'a signature of 65 bytes',
  ),
})

/** The text that a contributor signs: the record's name and the blob's hash. */
export function evidenceMessage(key: string, blob: Hash): string {
  return `${key}\n${blob}`
}

/** Makes the bytes of an evidence record. The same account, key and blob give the same bytes. */
export async function signEvidence(parameters: {
  key: string
  blob: Hash
  account: LocalAccount
}): Promise<Uint8Array> {
  const { key, blob, account } = parameters
  const signature = await account.signMessage({ message: evidenceMessage(key, blob) })
  return new TextEncoder().encode(JSON.stringify({ blob, signature }))
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
  const record = parseEvidence(bytes, key)
  const signer = await recoverMessageAddress({
    message: evidenceMessage(key, record.blob),
    signature: record.signature,
  }).catch((cause: Error) => {
    throw new StoreError('record-refused', `the signature of ${key} recovers to nobody: ${cause.message}`, {
      cause,
    })
  })
  if (signer.toLowerCase() !== contributor.toLowerCase()) {
    throw new StoreError(
      'record-refused',
      `${key} is signed by ${signer}; only contributor ${contributor} may write it.`,
    )
  }
  return record
}

/** The evidence record of that name, checked; undefined while the contributor has not published it. */
export async function fetchEvidenceRecord(
  store: BlobStore,
  expected: { key: string; contributor: Address },
  options?: ReadOptions,
): Promise<EvidenceRecord | undefined> {
  const bytes = await store.getRecord(expected.key, options)
  return bytes && decodeEvidence(bytes, expected)
}

function parseEvidence(bytes: Uint8Array, key: string): EvidenceRecord {
  try {
    return evidenceSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (cause) {
    throw unreadableRecord(`the record ${key} is not evidence`, cause as Error)
  }
}
