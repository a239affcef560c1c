import { checkWindowEvidence, maxEvidenceBytes, type WindowClaim } from '@assay/engine/run/evidence.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, isMissing, StoreError } from '@assay/store/blob-store.ts'
import { fetchEvidenceRecord } from '@assay/store/evidence-record.ts'
import { evidenceKey } from '@assay/store/records.ts'
import type { Address } from 'viem'
import type { OracleKeys } from '../oracle-keys.ts'
import { asUnavailable, type Patience } from './fetch-update.ts'

/** Most bytes that encryption adds to evidence: a KEM ciphertext, a nonce and a tag. */
const ENCRYPTION_ROOM_BYTES = 4_096

export type ReplayOutcome = {
  /** Number of windows that were trained again and ended in the committed state. */
  proven: number
  /** Windows without usable evidence. They prove nothing and accuse nobody. */
  withheld: { window: number; reason: string }[]
  /** Whether one of them is withheld only because the store didn't answer. */
  unreachable?: true
  /** The first window whose evidence fits the commitment, and whose training ends in another state: a miss. */
  mismatch?: string
}

/**
 * Stage S5: trains this seat's windows of one update again, from evidence encrypted to this validator.
 *
 * @throws StoreError `unavailable` before the last call; EngineRefusal `limit` when the engine ran out of time or
 * memory
 */
export async function replayWindows(options: {
  store: BlobStore
  keys: OracleKeys
  engine: Engine
  commitment: Hash
  contributor: Address
  validator: Address
  windows: readonly number[]
  claim: Omit<WindowClaim, 'window'>
  patience: Patience
}): Promise<ReplayOutcome> {
  const outcome: ReplayOutcome = { proven: 0, withheld: [] }
  for (const window of options.windows) {
    const evidence = await decryptEvidence({ ...options, window })
    if ('reason' in evidence) {
      outcome.withheld.push({ window, reason: evidence.reason })
      if (evidence.unreachable) outcome.unreachable = true
      continue
    }
    const { engine, claim } = options
    const result = await checkWindowEvidence({ engine, evidence: evidence.bytes, window, ...claim })
    if (result.ok) outcome.proven += 1
    else if (result.kind === 'withheld') outcome.withheld.push({ window, reason: result.reason })
    else return { ...outcome, mismatch: result.reason }
  }
  return outcome
}

async function decryptEvidence(options: {
  store: BlobStore
  keys: OracleKeys
  engine: Engine
  commitment: Hash
  contributor: Address
  validator: Address
  window: number
  claim: Omit<WindowClaim, 'window'>
  patience: Patience
}): Promise<{ bytes: Uint8Array } | { reason: string; unreachable?: boolean }> {
  const { store, keys, engine, commitment, contributor, validator, window, claim, patience } = options
  const key = evidenceKey(commitment, window, validator)
  try {
    const { signal } = patience
    const record = await fetchEvidenceRecord(store, { key, contributor }, { signal })
    if (record === undefined) return { reason: 'no evidence was published' }
    const limit = maxEvidenceBytes(engine.spec, claim.sampleCount) + ENCRYPTION_ROOM_BYTES
    const { blob, sizeBytes: maxBytes } = record
    if (maxBytes > limit) return { reason: `the evidence has ${maxBytes} bytes, the limit is ${limit}` }
    const encrypted = await store.get(blob, { maxBytes, signal })
    return { bytes: await keys.decrypt(encrypted, key) }
  } catch (error) {
    if (error instanceof StoreError && !isMissing(error)) {
      if (!patience.lastCall) throw asUnavailable(error)
      return { reason: error.message, unreachable: true }
    }
    if (error instanceof StoreError || (error instanceof Error && error.name === 'EncryptionError'))
      return { reason: error.message }
    throw error
  }
}
