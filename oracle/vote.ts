import { rootSeats } from '@assay/sdk/protocol/cohorts.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { voteAggregatesCall } from '@assay/sdk/verbs/rounds/vote-aggregates.ts'
import { voteModelCall } from '@assay/sdk/verbs/rounds/vote-model.ts'
import { aggregateSettled, nextModel, readResults } from './aggregate.ts'
import { readAggregateVotes, readModelVotes } from './aggregate-votes.ts'
import { type Attempt, committeeOf, seatsAt } from './duties.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import type { RoundFacts } from './round-facts.ts'
import { findVote, keepVote } from './sign-once.ts'

/**
 * Votes for the aggregates of the settled cohorts in which this validator sits. Each aggregate's blob is on
 * disk before its vote is, and each vote is on disk before it is signed. The blob goes to the stores meanwhile: no vote
 * waits for an upload.
 */
export async function voteOnAggregates(context: OracleContext, facts: RoundFacts): Promise<void> {
  const { taskId, round } = facts
  const cohorts = await settledSeats(context, facts)
  if (cohorts.length === 0) return
  const duty = `vote/${cohorts.join(',')}`
  if (context.outbox.stateOf({ taskId, round, duty }) === 'none')
    await chooseAggregates(context, facts, cohorts)

  const voted = cohorts.flatMap((cohort) => {
    const hash = findVote(context.db, { taskId, round, subject: cohort })
    return hash === undefined ? [] : [{ cohort, hash }]
  })
  if (voted.length < cohorts.length) return
  const call = voteAggregatesCall(context.reader.deployment, {
    taskId,
    cohorts: voted.map(({ cohort }) => cohort),
    hashes: voted.map(({ hash }) => hash),
  })
  note(context, round, duty, await context.outbox.post({ taskId, round, duty, call }))
}

/**
 * Votes for the next model, if this validator sits in the root committee.
 *
 * @param blockNumber a block of the root vote
 */
export async function voteOnModel(
  context: OracleContext,
  facts: RoundFacts,
  blockNumber: bigint,
): Promise<void> {
  const { taskId, round, rosterIndex } = facts
  if (rosterIndex === undefined || !rootSeats(facts).includes(rosterIndex)) return
  const place = { taskId, round, subject: 'model' as const }
  let hash = findVote(context.db, place)
  if (hash === undefined) {
    const votes = await readModelVotes(context.reader, { taskId, round })
    const visible = votes.map((vote) => vote.hash)
    const chosen = await choose(context, 'model', visible, () => nextModel(context, facts, blockNumber))
    if (chosen === undefined) return
    hash = keepVote(context.db, place, chosen)
  }
  const call = voteModelCall(context.reader.deployment, { taskId, modelHash: hash })
  note(context, round, 'vote/model', await context.outbox.post({ taskId, round, duty: 'vote/model', call }))
}

async function chooseAggregates(
  context: OracleContext,
  facts: RoundFacts,
  cohorts: readonly number[],
): Promise<void> {
  const { taskId, round } = facts
  const results = await readResults(context, facts)
  const votes = await readAggregateVotes(context.reader, { taskId, round })
  for (const cohort of cohorts) {
    const place = { taskId, round, subject: cohort }
    if (findVote(context.db, place) !== undefined) continue
    const settled = results.get(cohort)
    if (settled === undefined)
      throw new Error(`the node's log lacks the results of cohort ${cohort}: it lags behind`)
    const visible = votes.filter((vote) => vote.cohort === cohort).map(({ hash }) => hash)
    const hash = await choose(context, cohort, visible, () =>
      aggregateSettled(context, facts, cohort, settled),
    )
    if (hash !== undefined) keepVote(context.db, place, hash)
  }
}

function choose(
  { behaviour }: OracleContext,
  subject: number | 'model',
  visible: readonly Hash[],
  honest: () => Promise<Hash | undefined>,
): Promise<Hash | undefined> {
  return behaviour.chooseVote === undefined ? honest() : behaviour.chooseVote({ subject, visible, honest })
}

/** Settled cohorts in whose last committee this validator sits, ascending. */
async function settledSeats(context: OracleContext, facts: RoundFacts): Promise<number[]> {
  const { taskId, rosterIndex } = facts
  const own = new Set(
    ([0, 1] as Attempt[]).flatMap((attempt) => seatsAt(facts, attempt, rosterIndex)).map(cohortOf),
  )
  const settled: number[] = []
  for (const cohort of [...own].sort((a, b) => a - b)) {
    const { settled: isSettled, isVoid, attempt } = await readCohort(context.reader, { taskId, cohort })
    if (!isSettled || isVoid) continue
    if (committeeOf(facts, cohort, attempt as Attempt).includes(rosterIndex!)) settled.push(cohort)
  }
  return settled
}

const cohortOf = ({ cohort }: { cohort: number }) => cohort
