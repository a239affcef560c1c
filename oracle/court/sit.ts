import type { Block } from '@assay/daemon/clock.ts'
import { type CaseFacts, commitEndOf, type PanelState } from '@assay/sdk/protocol/cases.ts'
import {
  CANNOT_EXECUTE,
  EVIDENCE_MISSING,
  type JuryVote,
  WINDOW_DIFFERS,
} from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { commitJuryVoteCall } from '@assay/sdk/verbs/court/commit-jury-vote.ts'
import { type CourtCase, isCaseOf } from '@assay/sdk/verbs/court/read-cases.ts'
import { readSeats } from '@assay/sdk/verbs/court/read-seats.ts'
import { revealJuryVoteCall } from '@assay/sdk/verbs/court/reveal-jury-vote.ts'
import { zeroHash } from 'viem'
import { courtTerms } from '../docket.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { findJuryVote, keepJuryVote } from '../sign-once.ts'
import { committedVote, digestOf, positionOf, saltOf } from './committed-vote.ts'
import { nextStep } from './jury-clock.ts'
import type { PanelCase } from './jury-work.ts'
import type { Recomputed } from './recompute/recompute.ts'

/**
 * Does a juror's duties: computes the value of each case again in whose panel this account has a seat, commits to it and reveals it.
 * Whatever doesn't come in time, it votes: silence costs stake, saying that evidence is missing doesn't.
 */
export async function sitInPanels(
  context: OracleContext,
  cases: readonly CourtCase[],
  block: Block,
): Promise<void> {
  const open = cases.filter(({ state }) => !state.isClosed)
  const sitting = new Set(open.flatMap(({ state }) => state.panel?.id ?? []))
  context.docket.jury.forget((panelId) => !sitting.has(panelId))
  for (const one of open) if (hasPanel(one)) await sit(context, one, block)
}

async function sit(context: OracleContext, one: PanelCase, block: Block): Promise<void> {
  const { panel } = one.state
  if (panel.status !== 'committing' && panel.status !== 'revealing') return
  const place = await ownPlace(context, panel)
  if (place === undefined) return
  const position = positionOf(one, panel.id)
  const kept = findJuryVote(context.db, position)
  if (panel.status === 'revealing') {
    const vote = await committedVote(context, one, {
      kept,
      block,
      compute: () => decide(context, one, block),
    })
    if (vote !== undefined) await reveal(context, one, { place, vote })
    return
  }
  const vote = kept ?? (await decide(context, one, block))
  if (vote !== undefined)
    await commit(context, one, { place, vote: keepJuryVote(context.db, position, vote) })
}

export function hasPanel(one: CourtCase): one is PanelCase {
  return one.state.panel !== undefined
}

/** The place at which this account sits in a panel, asked once. */
async function ownPlace(context: OracleContext, panel: PanelState): Promise<number | undefined> {
  const { reader, account, docket } = context
  const known = docket.seats.get(panel.id)
  if (known !== undefined && known.drawnAt === panel.drawnAt) return known.place
  const own = account.address.toLowerCase()
  const seats = await readSeats(reader, { panel })
  const place = seats.find(({ juror }) => juror.toLowerCase() === own)?.place
  docket.seats.set(panel.id, { drawnAt: panel.drawnAt, place })
  return place
}

/** This juror's vote, once it is known or time is short. */
async function decide(context: OracleContext, one: PanelCase, block: Block): Promise<JuryVote | undefined> {
  const { docket } = context
  const { panel } = one.state
  const commitEnd = commitEndOf(panel, await courtTerms(context))
  const phase =
    panel.status === 'committing'
      ? { start: panel.drawnAt, end: commitEnd }
      : { start: commitEnd, end: panel.endsAt }
  const now = Number(block.timestamp)
  const next = nextStep(docket.jury.look(panel.id), { ...phase, now })
  if (next.do === 'look')
    docket.jury.begin(context, one, { at: now, ms: 1_000 * next.seconds, blockNumber: block.number })
  return next.do === 'vote' ? voteOn(context, one, next.found) : undefined
}

function voteOn(context: OracleContext, one: PanelCase, found: Recomputed): JuryVote {
  const salt = saltOf(context, one)
  if (typeof found !== 'string') return { result: found.value, witness: found.witness, salt }
  const result = found === 'missing' ? EVIDENCE_MISSING : CANNOT_EXECUTE
  return { result, witness: zeroHash, salt }
}

type Voting = { place: number; vote: JuryVote }

async function commit(context: OracleContext, one: PanelCase, { place, vote }: Voting): Promise<void> {
  const { reader, outbox, log, config, docket } = context
  const { panel } = one.state
  const digest = digestOf(context, panel.id, vote)
  const call = commitJuryVoteCall(reader.deployment, { panelId: panel.id, place, digest })
  const endsAt = commitEndOf(panel, await courtTerms(context))
  const duty = `jury/commit/${panel.id}/${panel.drawnAt}`
  const result = await outbox.post({ taskId: config.taskId, round: 0, duty, call, endsAt })
  note(context, one.facts.round, duty, result)
  if (result.status !== 'sent') return
  const reason = docket.jury.look(panel.id)?.reason
  log.info(
    { ...aboutOf(one), answer: answerOf(vote.result, one.facts), reason },
    'committed to a vote as juror',
  )
}

async function reveal(context: OracleContext, one: PanelCase, { place, vote }: Voting): Promise<void> {
  const { reader, outbox, log, config } = context
  const { panel } = one.state
  // Events that were read a moment ago may be of a branch of the chain that is gone: another case could have this number now.
  if (!(await isCaseOf(reader, one))) return
  const call = revealJuryVoteCall(reader.deployment, { panelId: panel.id, place, ...vote })
  const duty = `jury/reveal/${panel.id}/${panel.drawnAt}`
  const result = await outbox.post({ taskId: config.taskId, round: 0, duty, call, endsAt: panel.endsAt })
  note(context, one.facts.round, duty, result)
  if (result.status === 'sent')
    log.info({ ...aboutOf(one), answer: answerOf(vote.result, one.facts) }, 'revealed the vote as juror')
}

function aboutOf({ caseId, facts, state }: PanelCase) {
  const { kind, round, defendant } = facts
  return { case: Number(caseId), kind, round, defendant, instance: state.instance }
}

function answerOf(result: Hash, { kind, accused }: CaseFacts): string {
  if (kind === 'windowWithheld') return readingOf(result)
  if (result === EVIDENCE_MISSING) return 'evidence missing'
  if (result === CANNOT_EXECUTE) return 'cannot compute'
  return result === accused ? 'the accused value is right' : 'the accused value is false'
}

function readingOf(result: Hash): string {
  if (result === EVIDENCE_MISSING) return 'the window is withheld'
  if (result === CANNOT_EXECUTE) return 'cannot say whether the window is withheld'
  return result === WINDOW_DIFFERS ? 'the window ends in another state' : 'the window is good'
}
