import { join } from 'node:path'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import { cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import { longestRoundSeconds } from '@assay/sdk/protocol/phases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { entryAt, isComputed } from '@assay/sdk/protocol/score-words.ts'
import { type BlobStore, isMissing, isTooLarge, type ReadOptions } from '@assay/store/blob-store.ts'
import { type FileStore, openFileStore } from '@assay/store/file-store.ts'
import { fetchOpening } from '@assay/store/opening-record.ts'
import { openingKey } from '@assay/store/records.ts'
import { courtTerms } from '../docket.ts'
import type { OracleContext } from '../oracle-context.ts'
import type { RoundFacts } from '../round-facts.ts'
import type { Sheet } from '../sheet.ts'
import { findSheet } from '../sign-once.ts'
import { reasonOf } from '../verify/case.ts'

const ATTEMPTS = [0, 1] as const

/** Updates that this oracle has scored, with their openings, on its own disk: a case may ask for what no store has any more. */
export type ScoredUpdates = {
  files: FileStore
  /** Sheets whose updates are kept, or are being kept. */
  begun: Set<Hash>
  running: Set<Promise<void>>
}

export async function openScoredUpdates(dataDir: string): Promise<ScoredUpdates> {
  const unlimited = { maxBlobBytes: Number.MAX_SAFE_INTEGER, maxTotalBytes: Number.MAX_SAFE_INTEGER }
  const files = await openFileStore({ dir: join(dataDir, 'scored-updates'), ...unlimited })
  return { files, begun: new Set(), running: new Set() }
}

/**
 * Keeps what the round's sheets on record have scored, in the background and once a sheet, and removes what no case can need any
 * more. What a store doesn't give now is tried again at the next block.
 */
export function keepScored(context: OracleContext, facts: RoundFacts): void {
  const { begun, running } = context.scored
  for (const attempt of ATTEMPTS) {
    const sheet = findSheet(context.db, { ...facts, attempt })
    if (sheet === undefined || begun.has(sheet.digest)) continue
    begun.add(sheet.digest)
    const work = keepAll(context, facts, sheet)
    running.add(work)
    void work.finally(() => running.delete(work))
  }
}

/** Never throws. */
async function keepAll(context: OracleContext, facts: RoundFacts, sheet: Sheet): Promise<void> {
  const { scored, bench, signal, log, told } = context
  try {
    const { spec } = await bench.package(facts.params.specHash)
    const limit = { maxBytes: maxUpdateBytes(spec), signal }
    for (const commitment of scoredIn(facts, sheet)) await keepOne(context, commitment, limit)
    await forgetOld(context, facts)
  } catch (error) {
    scored.begun.delete(sheet.digest)
    const reason = reasonOf(error)
    if (!signal.aborted && told.isNews('scored updates', `${facts.round} ${reason}`))
      log.warn(
        { round: facts.round, reason },
        'updates that were scored can not be kept for cases about them',
      )
  }
}

/** The commitments whose entries have a value that a case can be about. */
export function scoredIn(
  { beacon, count, submissions }: Pick<RoundFacts, 'beacon' | 'count' | 'submissions'>,
  { cohorts, words }: Pick<Sheet, 'cohorts' | 'words'>,
): Hash[] {
  return cohorts.flatMap((cohort, i) => {
    const sheet = [words[2 * i]!, words[2 * i + 1]!] as const
    return cohortMembers({ beacon, count, cohort })
      .filter((_, j) => isComputed(entryAt([...sheet], j)))
      .map((index) => submissions[index]!.commitment)
  })
}

async function keepOne(
  { scored: { files }, store }: Pick<OracleContext, 'scored' | 'store'>,
  commitment: Hash,
  limit: { maxBytes: number } & ReadOptions,
): Promise<void> {
  if ((await files.getRecord(openingKey(commitment))) !== undefined) return
  try {
    const found = await readUpdate(store, commitment, limit)
    if (found === undefined) return
    await files.put(found.blob)
    await files.putRecord(openingKey(commitment), found.record)
  } catch (error) {
    // What is gone by now can't be kept; its score was made from it all the same.
    if (!isMissing(error) && !isTooLarge(error)) throw error
  }
}

/** An update's bytes and its opening, as they are stored. */
type StoredUpdate = { record: Uint8Array; blob: Uint8Array }

async function readUpdate(
  store: BlobStore,
  commitment: Hash,
  limit: { maxBytes: number } & ReadOptions,
): Promise<StoredUpdate | undefined> {
  const opening = await fetchOpening(store, commitment, limit)
  const record = opening && (await store.getRecord(openingKey(commitment), limit))
  if (opening === undefined || record === undefined) return undefined
  return { record, blob: await store.get(opening.updateHash, limit) }
}

/** An update that was scored, from this disk. */
export async function scoredUpdate(
  { scored: { files } }: Pick<OracleContext, 'scored'>,
  commitment: Hash,
): Promise<StoredUpdate | undefined> {
  try {
    return await readUpdate(files, commitment, { maxBytes: Number.MAX_SAFE_INTEGER })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Removes updates of rounds that no case can be about any more. */
async function forgetOld(context: OracleContext, { params }: RoundFacts): Promise<void> {
  const { files } = context.scored
  const { verdictSeconds, executionSeconds } = await courtTerms(context)
  const longest = longestRoundSeconds(params) + params.challengeSeconds + verdictSeconds + executionSeconds
  const oldest = Math.floor(Date.now() / 1_000) - longest
  for await (const { path, seconds } of files.list()) if (seconds < oldest) await files.remove(path, oldest)
}
