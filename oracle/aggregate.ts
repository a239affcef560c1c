import { aggregateCohort, type CohortMember, updateWeight } from '@assay/engine/aggregate/aggregate.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import { cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { SettledMember } from '@assay/sdk/protocol/results.ts'
import { cohortCount } from '@assay/sdk/protocol/sampling.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import { majorityAggregates, readAggregateVotes, requireWholeLog } from './aggregate-votes.ts'
import { type AgreedAggregate, hasWeight } from './combine-aggregates.ts'
import { type Deadline, inShareOf, lookAtEach } from './deadlines.ts'
import { engineUntil } from './engine-until.ts'
import { makeModel } from './make-model.ts'
import type { OracleContext } from './oracle-context.ts'
import { samplesOfRound } from './pool/round-samples.ts'
import { expectedOf, type RoundFacts, readMembers } from './round-facts.ts'
import { readResults, resultsOf } from './settled-results.ts'
import { fetchUpdate } from './verify/fetch-update.ts'

/** Most downloads at once, so that each gets enough of a slow connection. */
const DOWNLOADS_AT_ONCE = 4

/**
 * An update's weight in its cohort's aggregate, if it has one. It follows from settled integers alone, so that every seat gets the
 * same: see {@link updateWeight}, with data units up to the task's limit.
 */
export function settledWeight(
  result: Pick<SettledMember, 'outcome' | 'provenWindows' | 'qualityBps' | 'reputationBps'>,
  { dataUnits, dataUnitsLimit }: { dataUnits: number; dataUnitsLimit: number },
): bigint {
  if (!hasWeight(result)) return 0n
  return updateWeight({ ...result, dataUnits: Math.min(dataUnits, dataUnitsLimit) })
}

/** A settled cohort, and what the chain says of its members. */
export type SettledCohort = { cohort: number; results: readonly SettledMember[] }

/**
 * Computes a settled cohort's aggregate from the chain and the store, and publishes its blob: it is on this disk when
 * this returns, and no store is waited for. It holds every update with a weight but those that no store has and those
 * that fail S0 or S1, and says which ones it holds.
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
  const members = await membersOf(context, facts, settled, { spec, deadline })
  const { blob, hash } = aggregateCohort({ spec, base, members })
  await untilAborted(deadline.signal, () => context.store.put(blob))
  return hash
}

/** What every aggregate and model stands on: the task's package and the base model. */
async function modelGround({ bench, models }: OracleContext, facts: RoundFacts, { signal }: Deadline) {
  const { spec } = await untilAborted(signal, () => bench.package(facts.params.specHash))
  return { spec, base: await models.load(facts.baseModelHash, facts, signal) }
}

/** All members of the cohort, in its order, with the updates that can be in its aggregate. */
async function membersOf(
  { reader, store }: OracleContext,
  facts: RoundFacts,
  { cohort, results }: SettledCohort,
  { spec, deadline }: { spec: TaskSpec; deadline: Deadline },
): Promise<CohortMember[]> {
  const { dataUnitsLimit } = facts.params
  const members = (await readMembers(reader, facts, cohort)).map((member, position) => ({
    member,
    weight: settledWeight(results[position]!, { dataUnits: member.sampleCount, dataUnitsLimit }),
  }))
  const weighed = members.filter(({ weight }) => weight > 0n)
  const finals = await lookAtEach(
    weighed,
    { lanes: DOWNLOADS_AT_ONCE, deadline },
    async ({ member }, { signal }): Promise<State | undefined> => {
      const expected = expectedOf(reader.deployment, facts, member)
      const { commitment } = member
      const update = await untilAborted(signal, () =>
        fetchUpdate({ store, spec, commitment, expected, signal }),
      )
      return update.ok ? update.final : undefined
    },
  )
  return members.map((one) => ({ weight: one.weight, final: finals[weighed.indexOf(one)] }))
}

/**
 * Computes the next model from the agreed aggregates ({@link makeModel}), and publishes it. If nothing was agreed on, or
 * the guard rejects the model, the next model is the base model.
 *
 * @param blockNumber a block of the root vote, when no vote for an aggregate can come any more
 * @throws StoreError `unavailable` or EngineRefusal `limit` for what can't be had before the deadline
 * @throws Error when the node's log lacks votes that the chain counts, or the results of a cohort
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
  const settled = await readResults(context.reader, { taskId, round })
  const aggregates: AgreedAggregate[] = []
  for (const [cohort, hash] of agreed) {
    const results = resultsOf(settled, cohort)
    const blob = await agreedBlob(context, facts, { cohort, hash, results }, deadline)
    if (blob !== undefined) aggregates.push({ cohort, blob, results })
  }
  const engine = engineUntil(context, { specHash: params.specHash, spec }, deadline.signal)
  const model = await makeModel({ engine, spec, base, made: facts, judged }, aggregates)
  if ('blob' in model) {
    context.log.info(model.metric, 'the next model, as measured on the samples that judged the round')
    return untilAborted(deadline.signal, () => context.store.put(model.blob))
  }
  if (model.kept === 'rejected')
    context.log.warn(
      { round, reason: model.reason },
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
