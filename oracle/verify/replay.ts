import type { Dataset } from '@assay/engine/package/data.ts'
import {
  checkWindowEvidence,
  type EvidenceResult,
  maxEvidenceBytes,
  type WindowClaim,
} from '@assay/engine/run/evidence.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, isMissing, type ReadOptions, StoreError } from '@assay/store/blob-store.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import { fetchEvidenceRecord } from '@assay/store/evidence-record.ts'
import { evidenceKey } from '@assay/store/records.ts'
import type { Address } from 'viem'
import type { OracleKeys } from '../oracle-keys.ts'
import { asUnavailable } from './fetch-update.ts'

/** Most bytes that encryption adds to evidence: a KEM ciphertext, a nonce and a tag. */
const ENCRYPTION_ROOM_BYTES = 4_096

export type ReplayOutcome = {
  /** Number of windows that were trained again and ended in the committed state. */
  proven: number
  /** Those of them that are of held rounds; by default none. They say nothing of this round's training. */
  provenHeld?: number
  /** The samples of these windows. */
  shown: Dataset[]
  /** Windows without usable evidence, of this round or a held one. They prove nothing and accuse nobody. */
  withheld: { window: number; heldRound?: number; reason: string }[]
  /** Why the first of the windows that could not be looked at now wasn't: an outage or a deadline. */
  waiting?: unknown
  /** The same for one of a held round: it would cost held pay, which an outage must not. */
  waitingHeld?: unknown
  /** The first window whose evidence fits the commitment, and whose training ends in another state: a miss. */
  mismatch?: string
  /** The first window on whose samples the task's graph fails, on every machine. */
  graphFails?: string
}

type Asked = ReadOptions & {
  store: BlobStore
  keys: OracleKeys
  /** Bound to the same deadline as `signal`. */
  engine: Engine
  commitment: Hash
  contributor: Address
  validator: Address
  claim: Omit<WindowClaim, 'window'>
}

/**
 * Stage S5: trains this seat's windows of one update again, from evidence encrypted to this validator.
 *
 * @param options.known results of windows that were trained again before; new ones are added
 */
export async function replayWindows(
  options: Asked & { windows: readonly number[]; known: Map<string, EvidenceResult> },
): Promise<ReplayOutcome> {
  const { windows, known, commitment } = options
  const outcome: ReplayOutcome = { proven: 0, shown: [], withheld: [] }
  for (const window of windows) {
    try {
      const name = `${commitment}/${window}`
      const result = known.get(name) ?? (await replayOne(options, window))
      if (!('evidence' in result)) known.set(name, result)
      if (result.ok) {
        outcome.proven += 1
        outcome.shown.push(result.samples)
      } else if (result.kind === 'withheld') outcome.withheld.push({ window, reason: result.reason })
      else if (result.kind === 'mismatch') return { ...outcome, mismatch: result.reason }
      else return { ...outcome, graphFails: result.reason }
    } catch (error) {
      outcome.waiting ??= error
    }
  }
  return outcome
}

/** @returns with `evidence: 'none'` what isn't final: the contributor may still publish it */
async function replayOne(
  options: Asked,
  window: number,
): Promise<EvidenceResult | { ok: false; kind: 'withheld'; reason: string; evidence: 'none' }> {
  const evidence = await untilAborted(options.signal, () => decryptEvidence(options, window))
  if ('reason' in evidence) return { ok: false, kind: 'withheld', reason: evidence.reason, evidence: 'none' }
  const { engine, claim } = options
  return checkWindowEvidence({ engine, evidence: evidence.bytes, window, ...claim })
}

async function decryptEvidence(
  { store, keys, engine, commitment, contributor, validator, claim, signal }: Asked,
  window: number,
): Promise<{ bytes: Uint8Array } | { reason: string }> {
  const key = evidenceKey(commitment, window, validator)
  try {
    const record = await fetchEvidenceRecord(store, { key, contributor }, { signal })
    if (record === undefined) return { reason: 'no evidence was published' }
    const limit = maxEvidenceBytes(engine.spec, claim.sampleCount) + ENCRYPTION_ROOM_BYTES
    const { blob, sizeBytes: maxBytes } = record
    if (maxBytes > limit) return { reason: `the evidence has ${maxBytes} bytes, the limit is ${limit}` }
    const encrypted = await store.get(blob, { maxBytes, signal })
    return { bytes: await keys.decrypt(encrypted, key) }
  } catch (error) {
    if (error instanceof StoreError && !isMissing(error)) throw asUnavailable(error)
    if (error instanceof StoreError || (error instanceof Error && error.name === 'EncryptionError'))
      return { reason: error.message }
    throw error
  }
}
