import { deliveryEndOf, type PanelState } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readJurorKeys } from '@assay/sdk/verbs/court/read-juror.ts'
import { readKeyAnnouncements } from '@assay/sdk/verbs/court/read-key-announcements.ts'
import { isMissing, isTooLarge } from '@assay/store/blob-store.ts'
import {
  CASE_EVIDENCE_OVERHEAD_BYTES,
  caseKeyFor,
  decryptCaseEvidence,
  evidenceOfKeys,
  juryContext,
  MAX_CASE_KEYS_BYTES,
} from '@assay/store/case-evidence.ts'
import { toHex } from 'viem'
import { courtTerms } from '../docket.ts'
import type { OracleContext } from '../oracle-context.ts'
import { isWrong, placeOf, type Search } from './case-evidence.ts'

/** This oracle can't read what anybody encrypts to it as a juror. */
export class ForeignKeyError extends Error {
  override name = 'ForeignKeyError'
}

/**
 * What the defendant of a reading gave to this reader, in the clear. Its last announcement in time counts, and nobody else's.
 *
 * @returns undefined if it gave nothing, or something that this reader can't open: a store said so, none that fails does
 * @throws StoreError while a store doesn't answer, ForeignKeyError when this reader joined with another key
 */
export async function fetchDelivered(
  context: OracleContext,
  one: CourtCase & { state: { panel: PanelState } },
  search: Search,
): Promise<Uint8Array | undefined> {
  await requireOwnKey(context, search.blockNumber)
  const keysBlob = await announcedInTime(context, one, search)
  if (keysBlob === undefined) return undefined
  try {
    return await open(context, one, { ...search, keysBlob })
  } catch (error) {
    if (isMissing(error) || isTooLarge(error) || isWrong(error)) return undefined
    throw error
  }
}

/** The defendant's last announcement in a block before the deadline. */
async function announcedInTime(
  context: OracleContext,
  { caseId, facts, state, openedBlock }: CourtCase & { state: { panel: PanelState } },
  { blockNumber }: Search,
): Promise<Hash | undefined> {
  const { reader } = context
  const of = { caseId, panelId: state.panel.id, openedBlock, blockNumber }
  const defendant = facts.defendant.toLowerCase()
  const own = (await readKeyAnnouncements(reader, of)).filter(
    ({ sender }) => sender.toLowerCase() === defendant,
  )
  const deadline = deliveryEndOf(state.panel, await courtTerms(context))
  // They are in the order of the chain, so that nobody can make a reader ask for all their blocks.
  let [low, high] = [0, own.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const block = await reader.chain.getBlock({ blockNumber: own[middle]!.block })
    if (Number(block.timestamp) < deadline) low = middle + 1
    else high = middle
  }
  return own[low - 1]?.keysBlob
}

async function open(
  { store, keys, account, reader }: OracleContext,
  { facts }: CourtCase,
  { keysBlob, maxBytes, signal }: Search & { keysBlob: Hash },
): Promise<Uint8Array | undefined> {
  const given = await store.get(keysBlob, { maxBytes: MAX_CASE_KEYS_BYTES, signal })
  const evidence = evidenceOfKeys(given)
  const encrypted = caseKeyFor(given, account.address)
  if (encrypted === undefined) return undefined
  const key = await keys.decrypt(encrypted, juryContext(evidence, account.address))
  const blob = await store.get(evidence, { maxBytes: maxBytes + CASE_EVIDENCE_OVERHEAD_BYTES, signal })
  return decryptCaseEvidence(blob, key, placeOf(reader.deployment, facts))
}

/** What doesn't open because of this reader's own key would look withheld. */
async function requireOwnKey({ reader, keys, account }: OracleContext, blockNumber: bigint): Promise<void> {
  const joinedWith = (await readJurorKeys(reader, { blockNumber })).get(account.address.toLowerCase())
  if (joinedWith === toHex(await keys.encryptionKey())) return
  throw new ForeignKeyError('this account joined the jury with another encryption key')
}
