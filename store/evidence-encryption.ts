/**
 * A window's evidence as a blob that everybody may have and only the window's readers can read. It is encrypted once,
 * under a key of its own, and the key is encrypted to each reader. Whoever can read the evidence can make what every
 * other reader must have got, and so sees what was hidden from one of them.
 */
import {
  decryptWithKey,
  EncryptionError,
  encryptKeyTo,
  encryptWithKey,
  SHARED_KEY_OVERHEAD_BYTES,
} from '@assay/sdk/protocol/encryption.ts'
import type { Hash } from './blob-store.ts'
import { type Address, evidenceKey } from './records.ts'

/** The window that evidence is of. */
export type WindowPlace = { commitment: Hash; window: number }

/** Somebody who reads a window, with the public key that it joined with. */
export type WindowReader = { validator: Address; encryptionKey: Uint8Array }

/** Bytes that encryption adds to evidence. */
export const EVIDENCE_OVERHEAD_BYTES = SHARED_KEY_OVERHEAD_BYTES

/**
 * Encrypts a window's evidence. The same evidence and key give the same blob.
 *
 * @param key 32 secret bytes that serve this evidence only
 * @throws EncryptionError when the key has another length
 */
export function encryptEvidence(evidence: Uint8Array, key: Uint8Array, place: WindowPlace): Uint8Array {
  return encryptWithKey(key, evidence, evidenceContext(place))
}

/** Decrypts a window's blob. @throws EncryptionError when it was altered or cut, or belongs to another key or window */
export function decryptEvidence(blob: Uint8Array, key: Uint8Array, place: WindowPlace): Uint8Array {
  return decryptWithKey(key, blob, evidenceContext(place))
}

/**
 * Encrypts the key of a window's evidence to one reader. The same arguments give the same bytes.
 *
 * @returns undefined if the reader's public key is none: nobody can encrypt to it
 */
export function encryptEvidenceKey(
  key: Uint8Array,
  { validator, encryptionKey }: WindowReader,
  { commitment, window }: WindowPlace,
): Uint8Array | undefined {
  try {
    return encryptKeyTo(encryptionKey, key, evidenceKey(commitment, window, validator))
  } catch (error) {
    if (error instanceof EncryptionError) return undefined
    throw error
  }
}

function evidenceContext({ commitment, window }: WindowPlace): string {
  return `evidence/${commitment.toLowerCase()}/${window}`
}
