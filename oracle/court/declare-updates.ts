import type { Block } from '@assay/daemon/clock.ts'
import { STORES_MS, signalWithin } from '@assay/daemon/time-limit.ts'
import { type CaseFacts, commitEndOf } from '@assay/sdk/protocol/cases.ts'
import { cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { COHORT_SIZE } from '@assay/sdk/protocol/sampling.ts'
import {
  declareUpdateCall,
  isUpdateDeclared,
  MAX_LOCATION_BYTES,
} from '@assay/sdk/verbs/court/declare-update.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { openingKey } from '@assay/store/records.ts'
import { isForOthers, storeLocations, storeName } from '@assay/store/store-location.ts'
import { courtTerms } from '../docket.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { reasonOf } from '../verify/case.ts'
import type { PanelCase } from './jury-work.ts'
import { readClosedRound } from './recompute/closed-round.ts'
import { scoredUpdate } from './scored-updates.ts'
import { hasPanel } from './sit.ts'

/** Says where the update is, if no store has an address that others can use. */
const ANYWHERE = 'the stores of the task'

/** The commitments that a case about a score needs, the accused update's first. */
type UpdatesOf = (context: OracleContext, facts: CaseFacts) => Promise<Hash[]>
type Showing = { updatesOf: UpdatesOf; longestMs: number }

/**
 * As the accused of a score: gives the updates that its jurors need to the stores once more, from this disk, and says on chain that
 * they are there, while jurors can still commit. Who says so in time loses nothing if jurors don't get them.
 *
 * @param how.longestMs time for the stores to say what they have lost, in milliseconds. One that hangs counts as having all
 */
export async function declareUpdates(
  context: OracleContext,
  cases: readonly CourtCase[],
  block: Block,
  how: Partial<Showing> = {},
): Promise<void> {
  const own = context.account.address.toLowerCase()
  for (const one of cases) {
    const { facts, state } = one
    const isOwn = facts.kind === 'falseScore' && facts.defendant.toLowerCase() === own
    if (isOwn && state.verdict === 'none' && hasPanel(one))
      await declare(context, one, { updatesOf: commitmentsOf, longestMs: STORES_MS, ...how, block })
  }
}

async function declare(
  context: OracleContext,
  one: PanelCase,
  { block: { number: blockNumber }, ...how }: { block: Block } & Showing,
): Promise<void> {
  const { reader, outbox, docket, log } = context
  const { caseId, facts, state } = one
  const { panel } = state
  if (panel.status !== 'drawing' && panel.status !== 'committing') return
  if (await isUpdateDeclared(reader, { caseId, blockNumber })) return
  const known = docket.shown.get(caseId) ?? (await showUpdates(context, one, how))
  if (known === undefined) return
  docket.shown.set(caseId, known)
  if (!known) return
  const name = { taskId: facts.taskId, round: facts.round, duty: `court/declare/${caseId}` }
  const call = declareUpdateCall(reader.deployment, { caseId, facts, location: locationOf(context) })
  const endsAt = panel.status === 'committing' ? commitEndOf(panel, await courtTerms(context)) : undefined
  const result = await outbox.post({ ...name, call, endsAt })
  note(context, facts.round, name.duty, result)
  if (result.status === 'sent')
    log.warn({ case: Number(caseId), round: facts.round }, 'accused of a score: said where its update is')
}

/**
 * Puts the updates of a case's cohort into the stores that have lost them.
 *
 * @returns whether the accused one is on this disk; undefined while that can't be told
 */
async function showUpdates(
  context: OracleContext,
  { caseId, facts }: PanelCase,
  { updatesOf, longestMs }: Showing,
): Promise<boolean | undefined> {
  const { store, uploads, log, told } = context
  try {
    let hasAccused = false
    const shown: Hash[] = []
    for (const [i, commitment] of (await updatesOf(context, facts)).entries()) {
      const found = await scoredUpdate(context, commitment)
      if (found === undefined) continue
      shown.push(await store.put(found.blob))
      await store.putRecord(openingKey(commitment), found.record)
      if (i === 0) hasAccused = true
    }
    const signal = signalWithin(context, longestMs)
    await Promise.all(shown.map((hash) => uploads.restore(hash, { signal })))
    if (!hasAccused)
      log.error(
        { case: Number(caseId) },
        'accused of the score of an update that is not on this disk any more',
      )
    return hasAccused
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    const reason = reasonOf(error)
    if (told.isNews('scored updates for a case', `${caseId} ${reason}`))
      log.warn({ case: Number(caseId), reason }, 'updates of a case can not be given to the stores now')
    return undefined
  }
}

/** The addresses of this oracle's stores that others can use, as many as the chain takes. */
function locationOf({ config }: OracleContext): string {
  const urls = storeLocations(config).filter(isForOthers)
  return (
    urls.map(storeName).reduce((text, url) => {
      const longer = text === '' ? url : `${text} ${url}`
      return Buffer.byteLength(longer) > MAX_LOCATION_BYTES ? text : longer
    }, '') || ANYWHERE
  )
}

async function commitmentsOf({ reader }: OracleContext, facts: CaseFacts): Promise<Hash[]> {
  const { beacon, submissions } = await readClosedRound(reader, facts)
  const member = facts.subject % COHORT_SIZE
  const cohort = (facts.subject - member) / COHORT_SIZE
  const members = cohortMembers({ beacon, count: submissions.length, cohort })
  const accusedFirst = [members[member]!, ...members.filter((_, i) => i !== member)]
  return accusedFirst.map((index) => submissions[index]!.commitment)
}
