import { signalWithin } from '@assay/daemon/time-limit.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { COHORT_SIZE, ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { fetchOpening } from '@assay/store/opening-record.ts'
import { openingKey } from '@assay/store/records.ts'
import { majorityAggregates, readAggregateVotes } from '../aggregate-votes.ts'
import type { OracleContext } from '../oracle-context.ts'
import { type ClosedRound, judgedMembers } from './recompute/closed-round.ts'
import type { CheckedWord } from './words-to-check.ts'

/** Longest that the stores may take for all of it, in milliseconds. */
const SHOW_AGAIN_MS = 60_000

/**
 * Publishes again what jurors will need and this oracle can still read: openings and updates of the cohort, or the aggregates that a
 * model combines, the base model, and the accused blob. So nobody makes a case fail by having a store forget them.
 *
 * @param longestMs time for the stores, in milliseconds. What they don't give by then is left as it is
 */
export async function showAgain(
  oracle: OracleContext,
  closed: ClosedRound,
  word: CheckedWord,
  longestMs = SHOW_AGAIN_MS,
): Promise<void> {
  const context = { ...oracle, signal: signalWithin(oracle, longestMs) }
  const { kind, subject, accused } = word
  if (kind !== 'falseScore') await blobAgain(context, closed, accused)
  await blobAgain(context, closed, closed.baseModelHash)
  if (subject === ROOT_COHORT) return aggregatesAgain(context, closed)
  const cohort = kind === 'falseScore' ? Math.floor(subject / COHORT_SIZE) : subject
  for (const { commitment } of await judgedMembers(context.reader, closed, cohort))
    await updateAgain(context, closed, commitment)
}

async function aggregatesAgain(context: OracleContext, closed: ClosedRound): Promise<void> {
  const { taskId, round, span, committeeSize } = closed
  const votes = await readAggregateVotes(context.reader, { taskId, round, span })
  for (const hash of majorityAggregates(votes, committeeSize).values()) await blobAgain(context, closed, hash)
}

async function updateAgain(context: OracleContext, closed: ClosedRound, commitment: Hash): Promise<void> {
  const { store, signal } = context
  const key = openingKey(commitment)
  await ifItCan(async () => {
    const opening = await fetchOpening(store, commitment, { signal })
    const record = opening && (await store.getRecord(key, { signal }))
    if (record === undefined || opening === undefined) return
    await store.putRecord(key, record)
    await blobAgain(context, closed, opening.updateHash)
  })
}

async function blobAgain(
  { store, bench, signal }: OracleContext,
  { params }: ClosedRound,
  hash: Hash,
): Promise<void> {
  const { spec } = await bench.package(params.specHash)
  const limit = { maxBytes: maxUpdateBytes(spec), signal }
  await ifItCan(async () => store.put(await store.get(hash, limit)))
}

/** What can't be read or stored now is left as it is: jurors may still have it from elsewhere. */
async function ifItCan(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
  }
}
