import { appealsIn } from '@assay/daemon/court-bonds.ts'
import { recall, remember } from '@assay/daemon/database.ts'
import { blobsToTry } from '@assay/sdk/protocol/case-keys.ts'
import type { CaseFacts, PanelState } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readKeyAnnouncements } from '@assay/sdk/verbs/court/read-key-announcements.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import {
  CASE_EVIDENCE_OVERHEAD_BYTES,
  type CasePlace,
  caseKeyFor,
  decryptCaseEvidence,
  juryContext,
  MAX_CASE_KEYS_BYTES,
} from '@assay/store/case-evidence.ts'
import { hexToBytes, toHex, zeroHash } from 'viem'
import type { OracleContext } from '../oracle-context.ts'

/** What a case's evidence is looked for with. */
export type Search = {
  blockNumber: bigint
  signal: AbortSignal
  /** Most bytes of the evidence in the clear. */
  maxBytes: number
  isEncrypted: boolean
}

/**
 * A case's evidence in the clear, for a juror of its last panel.
 *
 * @returns undefined if the case has none, or nobody gave this juror a key that opens it
 * @throws StoreError while a store doesn't have the blob, or doesn't answer
 */
export async function fetchCaseEvidence(
  context: OracleContext,
  one: CourtCase & { state: { panel: PanelState } },
  search: Search,
): Promise<Uint8Array | undefined> {
  const { store, reader } = context
  const { evidence } = one.facts
  if (evidence === zeroHash) return undefined
  const { maxBytes, isEncrypted, signal } = search
  const limit = { maxBytes: maxBytes + CASE_EVIDENCE_OVERHEAD_BYTES, signal }
  if (!isEncrypted) return store.get(evidence, { maxBytes, signal })

  const keys = await possibleKeys(context, one, search)
  if (keys.length === 0) return undefined
  const blob = await store.get(evidence, limit)
  for (const key of keys) {
    const clear = unlessWrong(() => decryptCaseEvidence(blob, key, placeOf(reader.deployment, one.facts)))
    if (clear === undefined) continue
    rememberCaseKey(context, evidence, key)
    return clear
  }
  return undefined
}

/** What the evidence of a case is encrypted for. */
export function placeOf({ chainId }: { chainId: number }, facts: CaseFacts): CasePlace {
  const { kind, taskId, round, subject, defendant } = facts
  return { chainId, kind, taskId, round, subject, defendant }
}

/** Keeps the key to a case's evidence: its next jurors may need it from this oracle. */
export function rememberCaseKey({ db }: Pick<OracleContext, 'db'>, evidence: Hash, key: Uint8Array): void {
  remember(db, `case-key/${evidence}`, toHex(key))
}

/** The key to a case's evidence, if this oracle made it or was given it. */
export function knownCaseKey({ db }: Pick<OracleContext, 'db'>, evidence: Hash): Uint8Array | undefined {
  const kept = recall(db, `case-key/${evidence}`) as Hash | undefined
  return kept === undefined ? undefined : hexToBytes(kept)
}

/** The keys that this juror was given, the most trustworthy first. */
async function possibleKeys(
  context: OracleContext,
  one: CourtCase & { state: { panel: PanelState } },
  { blockNumber, signal }: Search,
): Promise<Uint8Array[]> {
  const { reader } = context
  const { caseId, facts, state, openedBlock } = one
  const known = knownCaseKey(context, facts.evidence)
  if (known !== undefined) return [known]
  const of = { caseId, panelId: state.panel.id, openedBlock, blockNumber }
  const [announced, appeals] = await Promise.all([readKeyAnnouncements(reader, of), appealsIn(context, one)])
  const parties = [facts.challenger, ...appeals.map(({ appellant }) => appellant), facts.defendant]
  const keys: Uint8Array[] = []
  let failure: unknown
  for (const blob of blobsToTry(announced, parties)) {
    try {
      const key = await keyIn(context, blob, facts.evidence, signal)
      if (key !== undefined) keys.push(key)
    } catch (error) {
      failure = error
    }
  }
  // One that hangs must not hide another that is there.
  if (keys.length === 0 && failure !== undefined) throw failure
  return keys
}

/** This juror's key in a blob of keys; undefined if it has none that this juror can read. */
async function keyIn(
  { store, keys, account }: Pick<OracleContext, 'keys' | 'account'> & { store: BlobStore },
  blob: Hash,
  evidence: Hash,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const bytes = await store.get(blob, { maxBytes: MAX_CASE_KEYS_BYTES, signal })
  try {
    const encrypted = caseKeyFor(bytes, account.address)
    return encrypted && (await keys.decrypt(encrypted, juryContext(evidence, account.address)))
  } catch (error) {
    if (isWrong(error)) return undefined
    throw error
  }
}

function unlessWrong<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (isWrong(error)) return undefined
    throw error
  }
}

/** Whether what somebody gave can't be read at all, however often it is tried. */
export function isWrong(error: unknown): boolean {
  const isMalformed = error instanceof StoreError && error.code === 'record-refused'
  return isMalformed || (error instanceof Error && error.name === 'EncryptionError')
}
