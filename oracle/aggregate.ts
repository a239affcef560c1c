import { aggregateCohort, type CohortMember, updateWeight } from '@assay/engine/aggregate/aggregate.ts'
import { serializeState } from '@assay/engine/package/state.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import { cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { cohortCount } from '@assay/sdk/protocol/sampling.ts'
import { type CohortResults, readCohortResults } from '@assay/sdk/verbs/rounds/read-cohort-results.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { majorityAggregates, readAggregateVotes, requireWholeLog } from './aggregate-votes.ts'
import { combineAggregates } from './combine-aggregates.ts'
import { chooseModel } from './model-guard.ts'
import type { OracleContext } from './oracle-context.ts'
import { expectedOf, type RoundFacts, readMembers } from './round-facts.ts'
import { fetchUpdate } from './verify/fetch-update.ts'
import { withEngine } from './with-engine.ts'

type Result = CohortResults['results'][number]

/**
 * An update's weight in its cohort's aggregate; a failed update has none. It follows from settled integers alone, so
 * that every seat gets the same: see {@link updateWeight}, with data units up to the task's limit.
 */
export function settledWeight(
  result: Pick<Result, 'outcome' | 'provenWindows' | 'qualityBps' | 'reputationBps'>,
  { dataUnits, dataUnitsLimit }: { dataUnits: number; dataUnitsLimit: number },
): bigint {
  if (result.outcome === 'failed') return 0n
  return updateWeight({ ...result, dataUnits: Math.min(dataUnits, dataUnitsLimit) })
}

/** Results of this round's settled cohorts, by cohort. */
export async function readResults(context: OracleContext, facts: RoundFacts): Promise<Map<number, Result[]>> {
  const { taskId, round } = facts
  const settled = await readCohortResults(context.reader, { taskId, round })
  return new Map(settled.map(({ cohort, results }) => [cohort, results]))
}

/**
 * Computes a settled cohort's aggregate from the chain and the store, and publishes its blob: it is on this disk when
 * this returns, and no store is waited for. An update whose blob its owner removed is left out: nobody else can read it
 * either.
 *
 * @throws StoreError `unavailable` while the store doesn't answer, or answers with other bytes than those committed to:
 * no vote is better than a wrong one
 */
export async function aggregateSettled(
  context: OracleContext,
  facts: RoundFacts,
  cohort: number,
  results: readonly Result[],
): Promise<Hash> {
  const { spec } = await context.bench.package(facts.params.specHash)
  const base = await context.models.load(facts.baseModelHash, facts)
  const { dataUnitsLimit } = facts.params
  const members = await readMembers(context.reader, facts, cohort)
  const included: CohortMember[] = []
  for (const [position, member] of members.entries()) {
    const weight = settledWeight(results[position]!, { dataUnits: member.sampleCount, dataUnitsLimit })
    if (weight === 0n) continue
    const { commitment } = member
    const expected = expectedOf(context.reader.deployment, facts, member)
    const patience = { lastCall: false }
    const update = await fetchUpdate({ store: context.store, spec, commitment, expected, patience })
    if (update.ok) included.push({ final: update.final, weight })
  }
  const { blob, hash } = aggregateCohort({ spec, base, members: included })
  await context.store.put(blob)
  return hash
}

/**
 * Computes the next model from the agreed aggregates, checks it with the guard (S6), and publishes it. Of the whole
 * step it takes the share that is best on the held-out pool. If nothing was agreed on, or the guard rejects the model,
 * the next model is the base model.
 *
 * @param blockNumber a block of the root vote, when no vote for an aggregate can come any more
 * @throws Error when the node's log lacks votes that the chain counts
 */
export async function nextModel(
  context: OracleContext,
  facts: RoundFacts,
  blockNumber: bigint,
): Promise<Hash> {
  const { taskId, round, committeeSize, params, count } = facts
  const { spec } = await context.bench.package(params.specHash)
  const holdout = await context.holdout(params.specHash)
  const base = await context.models.load(facts.baseModelHash, facts)
  const votes = await readAggregateVotes(context.reader, { taskId, round })
  const cohorts = cohortCount(count)
  await requireWholeLog(context.reader, { taskId, round, cohorts, blockNumber }, votes)
  const agreed = majorityAggregates(votes, committeeSize)
  const results = await readResults(context, facts)
  const blobs: Uint8Array[] = []
  for (const [cohort, hash] of agreed) {
    const blob = await agreedBlob(context, facts, { cohort, hash, results: results.get(cohort) ?? [] })
    if (blob !== undefined) blobs.push(blob)
  }
  const full = combineAggregates({ spec, base, blobs })
  if (full === base) return facts.baseModelHash

  const chosen = await withEngine(context, params.specHash, (engine) =>
    chooseModel({ engine, holdout, base, full }),
  )
  if (chosen.accepted) return context.store.put(serializeState(spec, chosen.state))
  context.log.warn(
    { round, reason: chosen.reason },
    'the guard rejects the new model; voting for the old one',
  )
  return facts.baseModelHash
}

/** The blob of an agreed aggregate; if no store has it, or none answers, it is computed from the updates. */
async function agreedBlob(
  context: OracleContext,
  facts: RoundFacts,
  { cohort, hash, results }: { cohort: number; hash: Hash; results: readonly Result[] },
): Promise<Uint8Array | undefined> {
  const { spec } = await context.bench.package(facts.params.specHash)
  const limit = { maxBytes: maxUpdateBytes(spec) }
  let unread: StoreError
  try {
    return await context.store.get(hash, limit)
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    unread = error
  }
  if ((await aggregateSettled(context, facts, cohort, results)) === hash)
    return context.store.get(hash, limit)
  // Other seats may read what this one can't: leaving it out would make another model than theirs.
  if (unread.code === 'unavailable') throw unread
  context.log.warn(
    { round: facts.round, cohort, hash },
    'a committee agreed on an aggregate that nobody published',
  )
  return undefined
}

/** Members of a cohort, in the order in which `settle` takes them. */
export function contributorsOf(facts: RoundFacts, cohort: number): `0x${string}`[] {
  const { beacon, count, submissions } = facts
  return cohortMembers({ beacon, count, cohort }).map((index) => submissions[index]!.contributor)
}
