import type { Block } from '@assay/daemon/clock.ts'
import { type CaseVerdict, type PollState, pollDecision, verdictOf } from '@assay/sdk/protocol/cases.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readJuror } from '@assay/sdk/verbs/court/read-juror.ts'
import { votePollCall } from '@assay/sdk/verbs/court/vote-poll.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { findPollVote, keepPollVote } from '../sign-once.ts'
import { ownVerdict } from './appeal-verdicts.ts'
import { positionOf } from './committed-vote.ts'
import type { PanelCase } from './jury-work.ts'
import { RECOMPUTATIONS } from './recompute/recompute.ts'
import { hasPanel } from './sit.ts'

type PolledCase = PanelCase & { state: { poll: PollState } }

/** Looks at a case, and the longest that one may take. */
const LOOKS = 8
const LOOK_SECONDS = 120

/**
 * Votes about verdicts that the guardian has suspended, as somebody who was a juror then: to carry them out if this oracle itself
 * comes to another value than the accused one, to annul them if it comes to the same. It abstains from what it can't compute.
 */
export async function votePolls(
  context: OracleContext,
  cases: readonly CourtCase[],
  block: Block,
): Promise<void> {
  const polled = cases.filter(isPolled)
  const panels = new Set(polled.map(({ state }) => state.panel.id))
  context.docket.polls.forget((panelId) => !panels.has(panelId))
  for (const one of polled) await vote(context, one, block)
}

/** Whether jurors decided a case, and vote now about its verdict. */
function isPolled(one: CourtCase): one is PolledCase {
  const { poll, verdict, isClosed } = one.state
  return poll !== undefined && verdict === 'guilty' && !isClosed && hasPanel(one)
}

async function vote(context: OracleContext, one: PolledCase, block: Block): Promise<void> {
  const { poll } = one.state
  if (pollDecision(poll) !== undefined) return
  const place = await placeIn(context, poll)
  if (place === undefined || poll.voted.includes(place)) return
  const { question } = positionOf(one, one.state.panel.id)
  const position = { caseId: one.caseId, question }
  const isForExecution = findPollVote(context.db, position) ?? decide(context, one, block)
  if (isForExecution === undefined) return
  await send(context, one, { place, isForExecution: keepPollVote(context.db, position, isForExecution) })
}

/** The place that this account had when the verdict was suspended. */
async function placeIn({ reader, account }: OracleContext, { openedAt }: PollState) {
  const seat = await readJuror(reader, { account: account.address })
  if (seat === undefined || seat.from > openedAt) return undefined
  return seat.until !== undefined && seat.until <= openedAt ? undefined : seat.place
}

/** What this oracle wants; undefined while it can't tell. */
function decide(context: OracleContext, one: PolledCase, block: Block): boolean | undefined {
  const verdict = ownVerdict(context, one) ?? lookedAt(context, one, block)
  return verdict === undefined ? undefined : verdict === 'guilty'
}

/**
 * The verdict by this oracle's own computation, made now. A window is given to each panel anew: who didn't sit there hasn't seen
 * whether it was withheld.
 */
function lookedAt(context: OracleContext, one: PolledCase, block: Block): CaseVerdict | undefined {
  const { polls } = context.docket
  const { facts, state } = one
  const how = RECOMPUTATIONS[facts.kind]
  if (how === undefined || how.isDelivered) return undefined
  const look = polls.look(state.panel.id)
  const found = look?.found
  if (found !== undefined && typeof found !== 'string') return verdictOf(found.value, facts)
  const now = Number(block.timestamp)
  const wait = (state.readyAt - state.poll.openedAt) / LOOKS
  const isDue = look === undefined || (found !== undefined && !look.isFinal && now >= look.at + wait)
  if (isDue && now < state.readyAt)
    polls.begin(context, one, {
      at: now,
      ms: 1_000 * LOOK_SECONDS,
      blockNumber: block.number,
      hasOwnPool: true,
    })
  return undefined
}

async function send(
  context: OracleContext,
  one: PolledCase,
  { place, isForExecution }: { place: number; isForExecution: boolean },
): Promise<void> {
  const { reader, outbox, config, log } = context
  const { caseId, facts, state } = one
  const duty = `jury/poll/${caseId}/${state.poll.openedAt}`
  const call = votePollCall(reader.deployment, { caseId, place, isForExecution })
  const name = { taskId: config.taskId, round: 0, duty }
  const result = await outbox.post({ ...name, call, endsAt: state.readyAt })
  note(context, facts.round, duty, result)
  if (result.status === 'sent')
    log.warn({ case: Number(caseId), isForExecution }, 'voted about a verdict that the guardian suspended')
}
