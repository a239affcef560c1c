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
 * What an update weighs in its cohort's aggregate, from settled integers alone, so that every seat comes to the same: see
 * {@link updateWeight}, with data units up to the task's limit. A failed update weighs nothing.
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
 * Computes a settled cohort's aggregate from the chain and the store, and publishes its blob. An update that its owner took away is
 * left out: nobody else can read it either.
 *
 * @throws StoreError `unavailable` while the store doesn't answer, or not with what was committed to: no vote is better than a wrong one
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
 * Computes the next model from the aggregates that committees agreed on, a step no longer than helps on the held-out pool, guards it (S6), and
 * publishes it. With nothing agreed on, or a model that the guard rejects, that is the base model.
 *
 * @param blockNumber one of the root vote, when no vote on an aggregate can come any more
 * @throws Error when the node's log lacks votes that the chain counts
 */
export async function nextModel(
  context: OracleContext,
  facts: RoundFacts,
  blockNumber: bigint,
): Promise<Hash> {
  const { taskId, round, committeeSize, params, count } = facts
  const { spec, holdout } = await context.bench.package(params.specHash)
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

/** The blob of an agreed aggregate; where nobody published it, made again from the updates. */
async function agreedBlob(
  context: OracleContext,
  facts: RoundFacts,
  { cohort, hash, results }: { cohort: number; hash: Hash; results: readonly Result[] },
): Promise<Uint8Array | undefined> {
  const { spec } = await context.bench.package(facts.params.specHash)
  const limit = { maxBytes: maxUpdateBytes(spec) }
  try {
    return await context.store.get(hash, limit)
  } catch (error) {
    if (!(error instanceof StoreError) || error.code === 'unavailable') throw error
  }
  if ((await aggregateSettled(context, facts, cohort, results)) === hash)
    return context.store.get(hash, limit)
  context.log.warn(
    { round: facts.round, cohort, hash },
    'a committee agreed on an aggregate that nobody published',
  )
  return undefined
}

/** Members of a cohort as the settlement wants to be told them. */
export function contributorsOf(facts: RoundFacts, cohort: number): `0x${string}`[] {
  const { beacon, count, submissions } = facts
  return cohortMembers({ beacon, count, cohort }).map((index) => submissions[index]!.contributor)
}
