import { recall, remember } from '@assay/daemon/database.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import { rootSeats } from '@assay/sdk/protocol/cohorts.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { voteAggregatesCall } from '@assay/sdk/verbs/rounds/vote-aggregates.ts'
import { voteModelCall } from '@assay/sdk/verbs/rounds/vote-model.ts'
import { aggregateSettled, nextModel } from './aggregate.ts'
import { type AggregateVote, readAggregateVotes, readModelVotes } from './aggregate-votes.ts'
import { type Deadline, type DutyClock, inShareOf, inTimeFor } from './deadlines.ts'
import { type Attempt, committeeOf, seatsAt } from './duties.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import type { RoundFacts } from './round-facts.ts'
import { readResults, resultsOf, type SettledResults } from './settled-results.ts'
import { findVote, keepVote } from './sign-once.ts'
import { isOutage, reasonOf } from './verify/case.ts'

/**
 * Votes for the aggregates of the settled cohorts in which this validator sits. Each aggregate's blob is on
 * disk before its vote is, and each vote is on disk before it is signed. The blob goes to the stores meanwhile: no vote
 * waits for an upload. Before the last call all votes are sent together; from then on, those that are there.
 */
export async function voteOnAggregates(
  context: OracleContext,
  facts: RoundFacts,
  clock: DutyClock,
): Promise<void> {
  const { taskId, round } = facts
  const cohorts = await settledSeats(context, facts)
  const place = (cohort: number) => ({ taskId, round, subject: cohort })
  const open = cohorts.filter((cohort) => findVote(context.db, place(cohort)) === undefined)
  let fault: Fault | undefined
  if (open.length > 0) {
    const results = await readResults(context.reader, { taskId, round })
    const votes = await readAggregateVotes(context.reader, { taskId, round })
    fault = await inTimeFor(clock, context.signal, (deadline) =>
      chooseAggregates(context, facts, open, { results, votes, deadline, lastCall: clock.lastCall }),
    )
  }

  const voted = cohorts.flatMap((cohort) => {
    const hash = findVote(context.db, place(cohort))
    return hash === undefined ? [] : [{ cohort, hash }]
  })
  await postVotes(context, facts, voted, clock)
  if (fault !== undefined) throw fault.error
}

/**
 * Posts votes: those that were posted before in the same transactions as then, the others in one. Which transaction a
 * vote is part of is on disk before it is signed, so that none is sent twice.
 */
export async function postVotes(
  context: OracleContext,
  { taskId, round }: Pick<RoundFacts, 'taskId' | 'round'>,
  voted: readonly { cohort: number; hash: Hash }[],
  { endsAt }: DutyClock,
): Promise<void> {
  const { db, outbox, reader } = context
  const keyOf = (cohort: number) => voteDutyKey({ taskId, round, cohort })
  for (const votes of Map.groupBy(voted, ({ cohort }) => recall(db, keyOf(cohort))).values()) {
    const cohorts = votes.map(({ cohort }) => cohort)
    const duty = `vote/${cohorts.join(',')}`
    for (const cohort of cohorts) remember(db, keyOf(cohort), duty)
    const hashes = votes.map(({ hash }) => hash)
    const call = voteAggregatesCall(reader.deployment, { taskId, cohorts, hashes })
    note(context, round, duty, await outbox.post({ taskId, round, duty, call, endsAt }))
  }
}

function voteDutyKey({ taskId, round, cohort }: { taskId: bigint; round: number; cohort: number }): string {
  return `vote-duty/${taskId}/${round}/${cohort}`
}

/**
 * Votes for the next model, if this validator sits in the root committee. A seat that can't work it out until the last
 * call votes for the base model, as it would after a rejection: a silent seat has missed a duty, whoever's store or
 * graph was to blame.
 *
 * @param blockNumber a block of the root vote
 */
export async function voteOnModel(
  context: OracleContext,
  facts: RoundFacts,
  clock: DutyClock,
  blockNumber: bigint,
): Promise<void> {
  const { taskId, round, rosterIndex } = facts
  if (rosterIndex === undefined || !rootSeats(facts).includes(rosterIndex)) return
  const place = { taskId, round, subject: 'model' as const }
  let hash = findVote(context.db, place)
  if (hash === undefined) {
    const votes = await readModelVotes(context.reader, { taskId, round })
    const visible = votes.map((vote) => vote.hash)
    const honest = () => modelOrBase(context, facts, clock, blockNumber)
    const chosen = await choose(context, facts, { subject: 'model', visible, honest })
    if (chosen === undefined) return
    hash = keepVote(context.db, place, chosen)
  }
  const name = { taskId, round, duty: 'vote/model' }
  const call = voteModelCall(context.reader.deployment, { taskId, modelHash: hash })
  note(context, round, name.duty, await context.outbox.post({ ...name, call, endsAt: clock.endsAt }))
}

/** The next model; the base model if it can't be worked out until the last call. */
export async function modelOrBase(
  context: OracleContext,
  facts: RoundFacts,
  clock: DutyClock,
  blockNumber: bigint,
): Promise<Hash> {
  try {
    return await inTimeFor(clock, context.signal, (deadline) =>
      nextModel(context, facts, blockNumber, deadline),
    )
  } catch (error) {
    if (context.signal.aborted || !clock.lastCall || !isOutage(error)) throw error
    context.log.warn(
      { round: facts.round, reason: reasonOf(error) },
      'the next model could not be worked out in time; voting for the old one',
    )
    return facts.baseModelHash
  }
}

/** What the chain says of a round's aggregates, and how much time there is for them. */
type Choosing = {
  results: SettledResults
  votes: readonly AggregateVote[]
  deadline: Deadline
  lastCall: boolean
}

/** Why the vote for an aggregate failed. */
type Fault = { error: unknown }

/**
 * Works out the aggregates of cohorts, each in its share of the time, and keeps the votes for them.
 *
 * @returns at the last call, the first failure that is no outage: to be thrown once the other votes are sent
 * @throws if one could not be worked out before the last call
 */
export async function chooseAggregates(
  context: OracleContext,
  facts: RoundFacts,
  cohorts: readonly number[],
  { results, votes, deadline, lastCall }: Choosing,
): Promise<Fault | undefined> {
  const { taskId, round } = facts
  const failures: Fault[] = []
  for (const [i, cohort] of cohorts.entries()) {
    const visible = votes.filter((vote) => vote.cohort === cohort).map(({ hash }) => hash)
    const honest = () =>
      inShareOf(deadline, cohorts.length - i, (share) =>
        aggregateSettled(context, facts, { cohort, results: resultsOf(results, cohort) }, share),
      )
    try {
      const hash = await choose(context, facts, { subject: cohort, visible, honest })
      if (hash !== undefined) keepVote(context.db, { taskId, round, subject: cohort }, hash)
    } catch (error) {
      failures.push({ error })
    }
  }
  const [first] = failures
  if (first === undefined) return undefined
  if (context.signal.aborted || !lastCall) throw first.error
  const reason = reasonOf(first.error)
  context.log.warn({ round, reason }, 'an aggregate could not be worked out in time: no vote for it')
  return failures.find(({ error }) => !isOutage(error))
}

/** A vote to choose: on what, what others voted so far, and how an honest seat comes to its own. */
type Choice = { subject: number | 'model'; visible: readonly Hash[]; honest: () => Promise<Hash | undefined> }

function choose(
  { behaviour, bench, store }: OracleContext,
  { params }: RoundFacts,
  choice: Choice,
): Promise<Hash | undefined> {
  if (behaviour.chooseVote === undefined) return choice.honest()
  return behaviour.chooseVote({
    ...choice,
    forge: async (change) => {
      const hash = await choice.honest()
      if (hash === undefined) return undefined
      const { spec } = await bench.package(params.specHash)
      return store.put(change(await store.get(hash, { maxBytes: maxUpdateBytes(spec) }), spec))
    },
  })
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
