import type { CohortMember } from '@assay/engine/aggregate.ts'
import { cohortMembers } from '@assay/sdk/cohorts.ts'
import type { Hash } from '@assay/sdk/random.ts'
import { type CohortResults, readCohortResults } from '@assay/sdk/verbs/read-cohort-results.ts'
import { majorityAggregates, readAggregateVotes } from './aggregate-votes.ts'
import { acceptsModel } from './model-guard.ts'
import { fetchCohortBlobs } from './models.ts'
import type { OracleContext } from './oracle-context.ts'
import { expectedOf, type RoundFacts, readMembers } from './round-facts.ts'
import { fetchUpdate } from './verify/fetch-update.ts'

type Result = CohortResults['results'][number]

/**
 * What an update weighs in its cohort's aggregate, from settled integers alone, so that every seat comes to the same: proven
 * windows (at least 1) × settled quality × data units up to the task's limit. A failed update weighs nothing.
 */
export function settledWeight(
  updateWeight: (settled: { provenSteps: number; qualityBps: number; dataUnits: number }) => bigint,
  result: Pick<Result, 'outcome' | 'provenSteps' | 'qualityBps'>,
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
 * Computes a settled cohort's aggregate from the chain and the store, and publishes its blob. An update that can't be read is
 * left out: nobody else can read it either.
 *
 * @throws StoreError `unavailable` when the store doesn't answer
 */
export async function aggregateSettled(
  context: OracleContext,
  facts: RoundFacts,
  cohort: number,
  results: readonly Result[],
): Promise<Hash> {
  const { aggregateCohort, updateWeight } = await import('@assay/engine/aggregate.ts')
  const { spec } = await context.bench.package(facts.params.specHash)
  const base = await context.models.load(facts.baseModelHash, facts)
  const included: CohortMember[] = []
  for (const [position, member] of (await readMembers(context.reader, facts, cohort)).entries()) {
    const { dataUnitsLimit } = facts.params
    const units = { dataUnits: member.sampleCount, dataUnitsLimit }
    const weight = settledWeight(updateWeight, results[position]!, units)
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
 * Computes the next model from the aggregates that committees agreed on, guards it (S6), and publishes it. With nothing agreed
 * on, or a model that the guard rejects, that is the base model.
 */
export async function nextModel(context: OracleContext, facts: RoundFacts): Promise<Hash> {
  const { aggregateRoot } = await import('@assay/engine/aggregate.ts')
  const { serializeState } = await import('@assay/engine/state.ts')
  const contents = await context.bench.package(facts.params.specHash)
  const base = await context.models.load(facts.baseModelHash, facts)
  const { taskId, round, committeeSize } = facts
  const votes = await readAggregateVotes(context.reader, { taskId, round })
  const agreed = majorityAggregates(votes, committeeSize)
  const cohorts = await fetchCohortBlobs(context.store, contents, [...agreed.values()])
  const next = aggregateRoot({ spec: contents.spec, base, cohorts })
  if (next === base) return facts.baseModelHash

  const engine = await context.bench.engine(facts.params.specHash)
  const guarded = await acceptsModel({ engine, holdout: contents.holdout, base, next })
  if (!guarded.accepted) {
    context.log.warn(
      { round, reason: guarded.reason },
      'the guard rejects the new model; voting for the old one',
    )
    return facts.baseModelHash
  }
  return context.store.put(serializeState(contents.spec, next))
}

/** Members of a cohort as the settlement wants to be told them. */
export function contributorsOf(facts: RoundFacts, cohort: number): `0x${string}`[] {
  const { beacon, count, submissions } = facts
  return cohortMembers({ beacon, count, cohort }).map((index) => submissions[index]!.contributor)
}
