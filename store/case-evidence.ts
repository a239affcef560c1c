/**
 * The evidence of a case as a blob that everybody may have and only its jurors can read. It is encrypted once, before the case: the
 * case names its hash. Once jurors are drawn, the key is encrypted to each of them, in a second blob.
 */
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import {
  decryptWithKey,
  ENCRYPTED_KEY_BYTES,
  EncryptionError,
  encryptKeyTo,
  encryptWithKey,
  SHARED_KEY_OVERHEAD_BYTES,
} from '@assay/sdk/protocol/encryption.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { type Address, hexToBytes, toHex } from 'viem'
import { z } from 'zod4'
import { type Hash, StoreError } from './blob-store.ts'
import { hashOf } from './sha256.ts'

/** What the evidence is about, and in which deployment: it can't be passed off as that of another case. */
export type CasePlace = Pick<CaseFacts, 'kind' | 'taskId' | 'round' | 'subject' | 'defendant'> & {
  chainId: number
}

/** A juror, with the public key that it joined with. */
export type KeyReader = { juror: Address; encryptionKey: Uint8Array }

/** Bytes that encryption adds to a case's evidence. */
export const CASE_EVIDENCE_OVERHEAD_BYTES = SHARED_KEY_OVERHEAD_BYTES

/** Jurors of the largest panel: the roster's places. */
const MOST_KEYS = 64
const VERSION = 1
/** Largest blob of keys, in bytes: an address, a key and their punctuation each. */
export const MAX_CASE_KEYS_BYTES = 1_024 + MOST_KEYS * (2 * ENCRYPTED_KEY_BYTES + 64)

const addressSchema = z.string().regex(/^0x[0-9a-f]{40}$/, 'an address in lower case')
const encryptedKeySchema = z
  .string()
  .regex(new RegExp(`^0x[0-9a-f]{${2 * ENCRYPTED_KEY_BYTES}}$`), `${ENCRYPTED_KEY_BYTES} bytes in lower case`)
const keysSchema = z.strictObject({
  version: z.literal(VERSION),
  evidence: z.string().regex(/^0x[0-9a-f]{64}$/, 'a hash in lower case'),
  keys: z
    .record(addressSchema, encryptedKeySchema)
    .refine((keys) => Object.keys(keys).length <= MOST_KEYS, `keys for at most ${MOST_KEYS} jurors`),
})

/**
 * Encrypts a case's evidence, under a key that follows from it. So whoever has the evidence can give jurors the key, after a restart or
 * by hand, and nobody has to keep one. Evidence must hold what nobody can guess, such as the salts of samples.
 */
export function encryptCaseEvidence(
  evidence: Uint8Array,
  place: CasePlace,
): { key: Uint8Array; blob: Uint8Array } {
  const key = hexToBytes(deriveSeed(hashOf(evidence), 'key of case evidence'))
  return { key, blob: encryptWithKey(key, evidence, contextOf(place)) }
}

/** Decrypts a case's blob. @throws EncryptionError when it was altered or cut, or belongs to another key or case */
export function decryptCaseEvidence(blob: Uint8Array, key: Uint8Array, place: CasePlace): Uint8Array {
  return decryptWithKey(key, blob, contextOf(place))
}

/**
 * The blob with the key to a case's evidence, encrypted to each juror of a panel. The same arguments give the same bytes. A juror to
 * whose key nobody can encrypt is left out.
 *
 * @param evidence hash of the encrypted evidence
 */
export function writeCaseKeys(key: Uint8Array, evidence: Hash, jurors: readonly KeyReader[]): Uint8Array {
  const entries = jurors.flatMap(({ juror, encryptionKey }) => {
    const encrypted = encryptedTo(encryptionKey, key, juryContext(evidence, juror))
    return encrypted === undefined ? [] : [[juror.toLowerCase(), toHex(encrypted)] as const]
  })
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1))
  const content = { version: VERSION, evidence: evidence.toLowerCase(), keys: Object.fromEntries(sorted) }
  return new TextEncoder().encode(JSON.stringify(content))
}

/**
 * What a blob of keys has for one juror, still encrypted.
 *
 * @returns undefined if it has nothing
 * @throws StoreError 'record-refused' when the blob is malformed
 */
export function caseKeyFor(blob: Uint8Array, juror: Address): Uint8Array | undefined {
  const text = contentOf(blob).keys[juror.toLowerCase()]
  return text === undefined ? undefined : hexToBytes(text as Hash)
}

/**
 * Hash of the encrypted evidence that a blob of keys is for. A case about a withheld window doesn't name it: its contributor does.
 *
 * @throws StoreError 'record-refused' when the blob is malformed
 */
export function evidenceOfKeys(blob: Uint8Array): Hash {
  return contentOf(blob).evidence as Hash
}

/** What a juror gives again to decrypt its key. @param evidence hash of the encrypted evidence */
export function juryContext(evidence: Hash, juror: Address): string {
  return `case key/${evidence.toLowerCase()}/${juror.toLowerCase()}`
}

function contentOf(blob: Uint8Array): z.infer<typeof keysSchema> {
  try {
    return keysSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(blob)))
  } catch (cause) {
    throw new StoreError('record-refused', `the blob holds no keys of a case: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function encryptedTo(publicKey: Uint8Array, key: Uint8Array, context: string): Uint8Array | undefined {
  try {
    return encryptKeyTo(publicKey, key, context)
  } catch (error) {
    if (error instanceof EncryptionError) return undefined
    throw error
  }
}

function contextOf({ chainId, kind, taskId, round, subject, defendant }: CasePlace): string {
  return `case evidence/${chainId}/${kind}/${taskId}/${round}/${subject}/${defendant.toLowerCase()}`
}
