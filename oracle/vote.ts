import { recall, remember } from '@assay/daemon/database.ts'
import { rootSeats } from '@assay/sdk/protocol/cohorts.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { voteAggregatesCall } from '@assay/sdk/verbs/rounds/vote-aggregates.ts'
import { voteModelCall } from '@assay/sdk/verbs/rounds/vote-model.ts'
import { aggregateSettled, nextModel, readResults } from './aggregate.ts'
import { readAggregateVotes, readModelVotes } from './aggregate-votes.ts'
import { type Deadline, type DutyClock, inShareOf, inTimeFor } from './deadlines.ts'
import { type Attempt, committeeOf, seatsAt } from './duties.ts'
import { ModelLostError } from './models.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import type { RoundFacts } from './round-facts.ts'
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
  if (open.length > 0)
    await inTimeFor(clock, context.signal, (deadline) =>
      chooseAggregates(context, facts, open, { deadline, lastCall: clock.lastCall }),
    )

  const voted = cohorts.flatMap((cohort) => {
    const hash = findVote(context.db, place(cohort))
    return hash === undefined ? [] : [{ cohort, hash }]
  })
  for (const votes of inTransactions(context, facts, voted)) await postVotes(context, facts, votes, clock)
}

type Vote = { cohort: number; hash: Hash }

/** The votes by the transaction that they are part of: those fixed before, and one for all others. */
function inTransactions(
  { db }: OracleContext,
  { taskId, round }: RoundFacts,
  votes: readonly Vote[],
): Vote[][] {
  const known = Map.groupBy(votes, ({ cohort }) => recall(db, voteDutyKey({ taskId, round, cohort })))
  return [...known.values()]
}

async function postVotes(
  context: OracleContext,
  { taskId, round }: RoundFacts,
  votes: readonly Vote[],
  { endsAt }: DutyClock,
): Promise<void> {
  const cohorts = votes.map(({ cohort }) => cohort)
  const duty = `vote/${cohorts.join(',')}`
  const hashes = votes.map(({ hash }) => hash)
  const call = voteAggregatesCall(context.reader.deployment, { taskId, cohorts, hashes })
  for (const cohort of cohorts) remember(context.db, voteDutyKey({ taskId, round, cohort }), duty)
  note(context, round, duty, await context.outbox.post({ taskId, round, duty, call, endsAt }))
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
    const chosen = await choose(context, 'model', visible, honest)
    if (chosen === undefined) return
    hash = keepVote(context.db, place, chosen)
  }
  const name = { taskId, round, duty: 'vote/model' }
  const call = voteModelCall(context.reader.deployment, { taskId, modelHash: hash })
  note(context, round, name.duty, await context.outbox.post({ ...name, call, endsAt: clock.endsAt }))
}

async function modelOrBase(
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
    const isNobodysFault = isOutage(error) || error instanceof ModelLostError
    if (context.signal.aborted || !clock.lastCall || !isNobodysFault) throw error
    context.log.warn(
      { round: facts.round, reason: reasonOf(error) },
      'the next model could not be worked out in time; voting for the old one',
    )
    return facts.baseModelHash
  }
}

async function chooseAggregates(
  context: OracleContext,
  facts: RoundFacts,
  cohorts: readonly number[],
  { deadline, lastCall }: { deadline: Deadline; lastCall: boolean },
): Promise<void> {
  const { taskId, round } = facts
  const results = await readResults(context, facts)
  const votes = await readAggregateVotes(context.reader, { taskId, round })
  let failure: { error: unknown } | undefined
  for (const [i, cohort] of cohorts.entries()) {
    const settled = results.get(cohort)
    if (settled === undefined)
      throw new Error(`the node's log lacks the results of cohort ${cohort}: it lags behind`)
    const visible = votes.filter((vote) => vote.cohort === cohort).map(({ hash }) => hash)
    const honest = () =>
      inShareOf(deadline, cohorts.length - i, (share) =>
        aggregateSettled(context, facts, { cohort, results: settled }, share),
      )
    try {
      const hash = await choose(context, cohort, visible, honest)
      if (hash !== undefined) keepVote(context.db, { taskId, round, subject: cohort }, hash)
    } catch (error) {
      failure ??= { error }
    }
  }
  if (failure === undefined) return
  if (context.signal.aborted || !lastCall || !isOutage(failure.error)) throw failure.error
  const reason = reasonOf(failure.error)
  context.log.warn({ round, reason }, 'an aggregate could not be worked out in time: no vote for it')
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
