import { aggregateCohort, type CohortMember, updateWeight } from '@assay/engine/aggregate/aggregate.ts'
import { writeModel } from '@assay/engine/package/model-blob.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import { cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { cohortCount } from '@assay/sdk/protocol/sampling.ts'
import { type CohortResults, readCohortResults } from '@assay/sdk/verbs/rounds/read-cohort-results.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import { majorityAggregates, readAggregateVotes, requireWholeLog } from './aggregate-votes.ts'
import { combineAggregates } from './combine-aggregates.ts'
import { type Deadline, inShareOf, lookAtEach } from './deadlines.ts'
import { engineUntil } from './engine-until.ts'
import { metricFor } from './measure-model.ts'
import { chooseModel } from './model-guard.ts'
import type { OracleContext } from './oracle-context.ts'
import { samplesOfRound } from './pool/round-samples.ts'
import { expectedOf, type RoundFacts, readMembers } from './round-facts.ts'
import { fetchUpdate } from './verify/fetch-update.ts'

/** Most downloads at once, so that each gets enough of a slow connection. */
const DOWNLOADS_AT_ONCE = 4

type Result = CohortResults['results'][number]

/**
 * An update's weight in its cohort's aggregate; one that failed, or that couldn't be judged by the task's fault, has none. It follows from settled integers alone, so
 * that every seat gets the same: see {@link updateWeight}, with data units up to the task's limit.
 */
export function settledWeight(
  result: Pick<Result, 'outcome' | 'provenWindows' | 'qualityBps' | 'reputationBps'>,
  { dataUnits, dataUnitsLimit }: { dataUnits: number; dataUnitsLimit: number },
): bigint {
  if (result.outcome === 'failed' || result.outcome === 'taskFault') return 0n
  return updateWeight({ ...result, dataUnits: Math.min(dataUnits, dataUnitsLimit) })
}

/** Results of this round's settled cohorts, by cohort. */
export async function readResults(context: OracleContext, facts: RoundFacts): Promise<Map<number, Result[]>> {
  const { taskId, round } = facts
  const settled = await readCohortResults(context.reader, { taskId, round })
  return new Map(settled.map(({ cohort, results }) => [cohort, results]))
}

/** A settled cohort, and what the chain says of its members. */
export type SettledCohort = { cohort: number; results: readonly Result[] }

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
  settled: SettledCohort,
  deadline: Deadline,
): Promise<Hash> {
  const { spec, base } = await modelGround(context, facts, deadline)
  const members = await includedMembers(context, facts, settled, { spec, deadline })
  const { blob, hash } = aggregateCohort({ spec, base, members })
  await untilAborted(deadline.signal, () => context.store.put(blob))
  return hash
}

/** What every aggregate and model stands on: the task's package and the base model. */
async function modelGround({ bench, models }: OracleContext, facts: RoundFacts, { signal }: Deadline) {
  const { spec } = await untilAborted(signal, () => bench.package(facts.params.specHash))
  return { spec, base: await models.load(facts.baseModelHash, facts, signal) }
}

async function includedMembers(
  { reader, store }: OracleContext,
  facts: RoundFacts,
  { cohort, results }: SettledCohort,
  { spec, deadline }: { spec: TaskSpec; deadline: Deadline },
): Promise<CohortMember[]> {
  const { dataUnitsLimit } = facts.params
  const weighed = (await readMembers(reader, facts, cohort)).map((member, position) => ({
    member,
    weight: settledWeight(results[position]!, { dataUnits: member.sampleCount, dataUnitsLimit }),
  }))
  const included = await lookAtEach(
    weighed.filter(({ weight }) => weight > 0n),
    { lanes: DOWNLOADS_AT_ONCE, deadline },
    async ({ member, weight }, { signal }): Promise<CohortMember[]> => {
      const expected = expectedOf(reader.deployment, facts, member)
      const { commitment } = member
      const update = await untilAborted(signal, () =>
        fetchUpdate({ store, spec, commitment, expected, signal }),
      )
      return update.ok ? [{ final: update.final, weight }] : []
    },
  )
  return included.flat()
}

/**
 * Computes the next model from the agreed aggregates, checks it with the guard (S6), and publishes it with the figures
 * that this took ({@link metricFor}). Of the whole step it takes the share that is best on the round's slice of the held-out pool. If nothing was agreed on, or the
 * guard rejects the model, the next model is the base model.
 *
 * @param blockNumber a block of the root vote, when no vote for an aggregate can come any more
 * @throws StoreError `unavailable` or EngineRefusal `limit` for what can't be had before the deadline
 * @throws Error when the node's log lacks votes that the chain counts
 */
export async function nextModel(
  context: OracleContext,
  facts: RoundFacts,
  blockNumber: bigint,
  deadline: Deadline,
): Promise<Hash> {
  const { taskId, round, committeeSize, params, count } = facts
  const { spec, base } = await modelGround(context, facts, deadline)
  const judged = await untilAborted(deadline.signal, () => samplesOfRound(context, facts))
  const votes = await readAggregateVotes(context.reader, { taskId, round })
  const cohorts = cohortCount(count)
  await requireWholeLog(context.reader, { taskId, round, cohorts, blockNumber }, votes)
  const agreed = majorityAggregates(votes, committeeSize)
  const results = await readResults(context, facts)
  const blobs: Uint8Array[] = []
  for (const [cohort, hash] of agreed) {
    const settled = { cohort, hash, results: results.get(cohort) ?? [] }
    const blob = await agreedBlob(context, facts, settled, deadline)
    if (blob !== undefined) blobs.push(blob)
  }
  const full = combineAggregates({ spec, base, blobs })
  if (full === base) return facts.baseModelHash

  const engine = engineUntil(context, { specHash: params.specHash, spec }, deadline.signal)
  const chosen = await chooseModel({ engine, holdout: judged.samples, base, full })
  if (chosen.accepted) {
    const metric = metricFor(facts, judged, chosen.evaluation)
    context.log.info(metric, 'the next model, as measured on the samples that judged the round')
    const blob = writeModel(spec, chosen.state, metric)
    return untilAborted(deadline.signal, () => context.store.put(blob))
  }
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
  settled: SettledCohort & { hash: Hash },
  deadline: Deadline,
): Promise<Uint8Array | undefined> {
  const { cohort, hash } = settled
  const { spec } = await context.bench.package(facts.params.specHash)
  const maxBytes = maxUpdateBytes(spec)
  let unread: StoreError
  try {
    // If it doesn't come in half of the time, the rest is for computing it.
    return await inShareOf(deadline, 2, ({ signal }) =>
      untilAborted(signal, () => context.store.get(hash, { maxBytes, signal })),
    )
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    unread = error
  }
  if ((await aggregateSettled(context, facts, settled, deadline)) === hash)
    return context.store.get(hash, { maxBytes, signal: deadline.signal })
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
