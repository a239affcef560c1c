import type { Block } from '@assay/daemon/clock.ts'
import { canPay } from '@assay/daemon/court-bonds.ts'
import { signalWithin } from '@assay/daemon/time-limit.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { Accusation } from '@assay/sdk/protocol/accusation.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { challengedRounds, lookAtNext } from '../challenged-rounds.ts'
import type { ClosedTimes } from '../closed-times.ts'
import { committedSalt, hasCommitted } from '../court-commitment.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { isOutage, reasonOf } from '../verify/case.ts'
import { isCourtTurn } from './court-turn.ts'
import { findFalse } from './find-false.ts'
import { prosecutionOf } from './open-accusation.ts'
import { accuseVoters } from './other-voters.ts'
import type { CheckedWord } from './words-to-check.ts'

type Moment = { state: RoundState; block: Block; cases: readonly CourtCase[] }

/** Longest that one audit of a round may take. */
const AUDIT_MS = 300_000
/** Share of the challenge time after which another's open case isn't relied on any more: it may be lost on purpose. */
const RELIANCE = 0.75

/**
 * Looks once at what colleagues said in each closed round, and accuses who said something false: within the budget, in the keepers' turn,
 * and never once the round is final. Runs when no duty of the open round waits for this oracle.
 */
export async function auditRounds(context: OracleContext, moment: Moment): Promise<void> {
  const { config, docket } = context
  if ((config.courtBudgetWei ?? 0n) === 0n) return
  const rounds = await challengedRounds(context, moment)
  await orLater(context, 'audit of colleagues', () =>
    lookAtNext(docket.audited, rounds, ({ round }) =>
      findFalse(context, round, signalWithin(context, AUDIT_MS)),
    ),
  )
  for (const times of rounds)
    for (const word of docket.audited.get(times.round) ?? [])
      await orLater(context, 'accusation of colleagues', () => prosecute(context, word, { ...moment, times }))
}

/** What an outage keeps from being done now is tried again in the next block. */
async function orLater({ told, log }: OracleContext, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isOutage(error)) throw error
    if (told.isNews(what, reasonOf(error)))
      log.warn({ reason: reasonOf(error) }, `the ${what} can not go on now`)
  }
}

async function prosecute(
  context: OracleContext,
  word: CheckedWord,
  { block, cases, times }: Moment & { times: ClosedTimes },
): Promise<void> {
  const { round, accused: seed } = word
  const isTurn = await isCourtTurn(context, { seed, round, dueAt: times.closedAt }, block)
  if (!isTurn && !hasCommitted(context, accusationOf(context, word))) return
  const same = cases.filter((one) => isAbout(one, word))
  const open = same.find(({ state }) => state.verdict === 'none')
  if (open !== undefined && isTurn) await accuseVoters(context, open, times.finalAt)
  if (isAccused(context, same, times, Number(block.timestamp))) return
  await accuse(context, word, { cases, block, endsAt: times.finalAt })
}

function accusationOf(
  { account }: OracleContext,
  { kind, taskId, round, defendant }: CheckedWord,
): Accusation {
  return { challenger: account.address, kind, taskId, round, defendant }
}

/** Whether a case is about the same false word. A false hash is the same charge whoever voted for it. */
function isAbout({ facts }: CourtCase, { kind, round, subject, accused, defendant }: CheckedWord): boolean {
  if (facts.kind !== kind || facts.round !== round) return false
  if (kind === 'falseScore') return facts.defendant.toLowerCase() === defendant.toLowerCase()
  return facts.subject === subject && facts.accused === accused
}

/**
 * Whether nothing is left to accuse: this oracle did, or somebody won. Another's open case counts too, but not for ever: an accomplice
 * could let it fail.
 */
function isAccused(
  { account }: OracleContext,
  same: readonly CourtCase[],
  { closedAt, finalAt }: ClosedTimes,
  now: number,
): boolean {
  const isRelied = now < closedAt + RELIANCE * (finalAt - closedAt)
  const own = account.address.toLowerCase()
  return same.some(
    ({ facts, state }) =>
      facts.challenger.toLowerCase() === own ||
      state.verdict === 'guilty' ||
      (state.verdict === 'none' && isRelied),
  )
}

const DONE: Record<CheckedWord['kind'], string> = {
  falseScore: 'accused a colleague of a false score',
  falseAggregate: 'accused a colleague of voting for a false aggregate',
  falseModel: 'accused a colleague of voting for a false model',
}

async function accuse(
  context: OracleContext,
  word: CheckedWord,
  { cases, block, endsAt }: { cases: readonly CourtCase[]; block: Block; endsAt: number },
): Promise<void> {
  const { outbox, log } = context
  const { taskId, round, kind, subject, defendant } = word
  const prosecution = await prosecutionOf(context, word)
  if (prosecution === undefined) return
  const { bond, prepare, callWith } = prosecution
  if (!(await canPay(context, { round, bond, cases, purpose: 'a colleague said something false' }))) return
  const salt = await committedSalt(context, accusationOf(context, word), { block, endsAt })
  if (salt === undefined) return
  await prepare()
  const call = callWith(salt)
  const duty = `court/${kind}/${subject}/${defendant.toLowerCase()}`
  const result = await outbox.post({ taskId, round, duty, call, endsAt })
  note(context, round, duty, result)
  if (result.status === 'sent')
    log.warn({ round, defendant, subject, bond: amountText(bond, ASSAY) }, DONE[kind])
}
