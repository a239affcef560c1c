import { maxEvidenceBytes, type WindowClaim } from '@assay/engine/run/evidence.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, isMissing, type ReadOptions, StoreError } from '@assay/store/blob-store.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import { type EncryptedBlob, fetchEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import {
  decryptEvidence,
  EVIDENCE_OVERHEAD_BYTES,
  encryptEvidenceKey,
  type WindowReader,
} from '@assay/store/evidence-encryption.ts'
import { evidenceKey } from '@assay/store/records.ts'
import { type Address, hexToBytes, toHex } from 'viem'
import type { OracleKeys } from '../oracle-keys.ts'
import { asUnavailable } from './fetch-update.ts'

/** What a seat reads the windows of one update with. */
export type Reading = ReadOptions & {
  store: BlobStore
  keys: OracleKeys
  /** Bound to the same deadline as `signal`. */
  engine: Engine
  commitment: Hash
  contributor: Address
  validator: Address
  claim: Omit<WindowClaim, 'window'>
}

/** A drawn window, and the other validators whose seats read it. */
export type SharedWindow = { window: number; others: readonly WindowReader[] }

/**
 * The decrypted evidence of a window. It counts only if the contributor published the same evidence for all of the
 * window's readers: who decrypts it makes the keys of the others again and compares. Otherwise a cheat could show it to
 * those who look at it and hide it from the one that replays it.
 *
 * @returns or else why there is none: the contributor withholds it
 * @throws StoreError 'unavailable' when a store doesn't answer
 */
export async function readEvidence(
  reading: Reading,
  drawn: SharedWindow,
): Promise<{ bytes: Uint8Array } | { reason: string }> {
  return untilAborted(reading.signal, async () => {
    try {
      return await decryptForAll(reading, drawn)
    } catch (error) {
      if (error instanceof StoreError && !isMissing(error)) throw asUnavailable(error)
      if (error instanceof StoreError || (error instanceof Error && error.name === 'EncryptionError'))
        return { reason: error.message }
      throw error
    }
  })
}

async function decryptForAll(
  reading: Reading,
  { window, others }: SharedWindow,
): Promise<{ bytes: Uint8Array } | { reason: string }> {
  const { store, keys, engine, commitment, validator, claim, signal } = reading
  const [record, ...records] = await Promise.all(
    [validator, ...others.map((other) => other.validator)].map((reader) =>
      fetchRecord(reading, window, reader),
    ),
  )
  if (record === undefined) return { reason: 'no evidence was published' }
  const limit = maxEvidenceBytes(engine.spec, claim.sampleCount) + EVIDENCE_OVERHEAD_BYTES
  const { blob, sizeBytes: maxBytes, encryptedKey } = record
  if (maxBytes > limit) return { reason: `the evidence has ${maxBytes} bytes, the limit is ${limit}` }
  const key = await keys.decrypt(hexToBytes(encryptedKey), evidenceKey(commitment, window, validator))
  const place = { commitment, window }
  const bytes = decryptEvidence(await store.get(blob, { maxBytes, signal }), key, place)
  for (const [i, other] of others.entries()) {
    const own = encryptEvidenceKey(key, other, place)
    const expected = own && { ...record, encryptedKey: toHex(own) }
    if (expected !== undefined && !isSame(records[i], expected))
      return { reason: `${other.validator}, who reads it too, did not get it` }
  }
  return { bytes }
}

function fetchRecord(
  { store, commitment, contributor, signal }: Reading,
  window: number,
  validator: Address,
): Promise<EncryptedBlob | undefined> {
  const key = evidenceKey(commitment, window, validator)
  return fetchEncryptedBlob(store, { key, signer: contributor }, { signal })
}

function isSame(record: EncryptedBlob | undefined, expected: EncryptedBlob): boolean {
  return (
    record !== undefined &&
    record.blob === expected.blob &&
    record.sizeBytes === expected.sizeBytes &&
    record.encryptedKey === expected.encryptedKey
  )
}
