import type { Block } from '@assay/daemon/clock.ts'
import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { cohortBounds } from '@assay/sdk/protocol/sampling.ts'
import { closeSubmissionsCall } from '@assay/sdk/verbs/rounds/close-submissions.ts'
import { finalizeRoundCall } from '@assay/sdk/verbs/rounds/finalize-round.ts'
import { openRoundCall } from '@assay/sdk/verbs/rounds/open-round.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { sealCall } from '@assay/sdk/verbs/rounds/seal.ts'
import { settleCall } from '@assay/sdk/verbs/rounds/settle.ts'
import { voidCohortCall } from '@assay/sdk/verbs/rounds/void-cohort.ts'
import { zeroHash } from 'viem'
import { contributorsOf } from './aggregate.ts'
import { frozenRoster, isTurnOf, liveRoster } from './keeper-turn.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import type { RoundFacts } from './round-facts.ts'

/** Most members settled in one transaction. At 45,000 gas each they take half of a transaction's limit (EIP-7825). */
const MOST_SETTLED_AT_ONCE = 192

/** Refusals after which no round of the task ever opens. */
const FOR_GOOD = ['Rounds_AllRoundsDone', 'Rounds_TaskClosed']

type Chore = { duty: string; call: Call }

/**
 * Acts as the round's keeper when it is this validator's turn: opens the round, closes submissions, seals, settles,
 * voids and finalizes. A call that the chain refuses, because it is too early or done already, leaves no trace.
 *
 * @param facts the round's facts, once it is sealed
 */
export async function keepRoundGoing(
  context: OracleContext,
  state: RoundState,
  facts: RoundFacts | undefined,
  block: Block,
): Promise<void> {
  const due = dueSince(state, Number(block.timestamp))
  if (due === undefined) return
  if (state.phase === 'Idle' && !(await canOpen(context, block))) return
  const roster = state.phase === 'Idle' ? await liveRoster(context) : await frozenRoster(context)
  const seed = state.beacon ?? state.previousBeacon ?? zeroHash
  const turn = { seed, round: state.round, phase: state.phase, dueAt: due.at }
  if (!isTurnOf(context, roster, turn, block)) return
  const { taskId } = context.config
  const round = state.phase === 'Idle' ? state.round + 1 : state.round
  for (const { duty, call } of await choresOf(context, state, facts, Number(block.timestamp)))
    note(context, round, duty, await context.outbox.post({ taskId, round, duty, call }))
}

/**
 * Since when a keeper's call is due, in unix seconds; `at` is undefined if that isn't known. Undefined if none is due.
 */
function dueSince(state: RoundState, timestamp: number): { at: number | undefined } | undefined {
  switch (state.phase) {
    case 'Idle':
      return { at: state.closedAt || undefined }
    case 'CloseDue':
    case 'SealDue':
      return { at: state.submitEnd }
    case 'RedrawCommit':
    case 'RedrawReveal':
      return { at: state.revealEnd }
    case 'SettleDue':
      return { at: state.redrawRevealEnd }
    case 'FinalizeDue':
      return {
        at: state.rootVoteEnd !== undefined && state.rootVoteEnd <= timestamp ? state.rootVoteEnd : undefined,
      }
    default:
      return undefined
  }
}

/**
 * Whether a round can start now. Asked first, because a task may wait for contributors for a long time. Says once what it
 * waits for, and doesn't ask again once none is to come.
 */
async function canOpen(
  { reader, account, config, told, log }: OracleContext,
  { reorganised }: Block,
): Promise<boolean> {
  if (!reorganised && FOR_GOOD.some((name) => told.isKnown('next round', name))) return false
  const { to, data } = openRoundCall(reader.deployment, { taskId: config.taskId })
  try {
    await reader.chain.call({ account: account.address, to, data })
    told.forget('next round')
    return true
  } catch (error) {
    const { kind, name, message: reason, fix } = decodeFailure(error)
    if (kind === 'transient') throw error
    if (told.isNews('next round', name))
      log.info({ reason, fix }, 'waiting: the next round does not open yet')
    return false
  }
}

async function choresOf(
  context: OracleContext,
  state: RoundState,
  facts: RoundFacts | undefined,
  timestamp: number,
): Promise<Chore[]> {
  const { taskId } = context.config
  const { deployment } = context.reader
  switch (state.phase) {
    case 'Idle':
      return [{ duty: 'keeper/open', call: openRoundCall(deployment, { taskId }) }]
    case 'CloseDue':
      return [{ duty: 'keeper/close', call: closeSubmissionsCall(deployment, { taskId }) }]
    case 'SealDue':
      return [{ duty: 'keeper/seal', call: sealCall(deployment, { taskId }) }]
    case 'FinalizeDue':
      return [{ duty: 'keeper/finalize', call: finalizeRoundCall(deployment, { taskId }) }]
    default:
      return facts === undefined ? [] : settlements(context, state, facts, timestamp)
  }
}

/** Calls that settle the cohorts with a majority, and void those that can't get one any more. */
async function settlements(
  context: OracleContext,
  state: RoundState,
  facts: RoundFacts,
  timestamp: number,
): Promise<Chore[]> {
  const { taskId, committeeSize } = facts
  const { deployment } = context.reader
  const isOver = state.redrawRevealEnd !== undefined && timestamp >= state.redrawRevealEnd
  const ripe: number[] = []
  const chores: Chore[] = []
  for (let cohort = 0; cohort < state.cohorts; cohort++) {
    const { settled, isVoid, revealed, attempt } = await readCohort(context.reader, { taskId, cohort })
    if (settled || isVoid) continue
    const hasMajority = 2 * revealed > committeeSize
    if (hasMajority && (attempt === 0 || isOver)) ripe.push(cohort)
    else if (!hasMajority && isOver)
      chores.push({ duty: `keeper/void/${cohort}`, call: voidCohortCall(deployment, { taskId, cohort }) })
  }
  for (const cohorts of batches(ripe, facts.count)) {
    const contributors = cohorts.flatMap((cohort) => contributorsOf(facts, cohort))
    const call = settleCall(deployment, { taskId, cohorts, contributors })
    chores.push({ duty: `keeper/settle/${cohorts.join(',')}`, call })
  }
  return chores
}

function batches(cohorts: readonly number[], count: number): number[][] {
  const all: number[][] = []
  let members = MOST_SETTLED_AT_ONCE
  for (const cohort of cohorts) {
    const { size } = cohortBounds(count, cohort)
    if (members + size > MOST_SETTLED_AT_ONCE) {
      all.push([])
      members = 0
    }
    all.at(-1)?.push(cohort)
    members += size
  }
  return all
}
