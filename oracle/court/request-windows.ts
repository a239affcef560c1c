import type { Block } from '@assay/daemon/clock.ts'
import { canPay } from '@assay/daemon/court-bonds.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { AssayError } from '@assay/sdk/client/errors.ts'
import { caseBond } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readWindowRequests, type WindowRequest } from '@assay/sdk/verbs/court/read-window-requests.ts'
import { requestWindowCall, windowAccusation } from '@assay/sdk/verbs/court/request-window.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { challengedRounds, lookAtNext } from '../challenged-rounds.ts'
import { committedSalt, hasCommitted } from '../court-commitment.ts'
import { courtTerms } from '../docket.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { isCourtTurn } from './court-turn.ts'

type Moment = { state: RoundState; block: Block; cases: readonly CourtCase[] }

/**
 * Asks for each window of closed rounds that this oracle said was withheld from it, and one of the two other seats that had to
 * read it, too; in the keepers' turn and within the budget. Each once, whoever asks. Alone it doesn't ask: it would pay all readers, and
 * a contributor or a store that keeps a window from one seat alone could cost that seat their fees again and again. What it said stands
 * on chain, so that a restart changes nothing.
 */
export async function requestWindows(context: OracleContext, moment: Moment): Promise<void> {
  const { config, log, told } = context
  if ((config.courtBudgetWei ?? 0n) === 0n) return
  try {
    await requestAll(context, moment)
  } catch (error) {
    // The node may lack events of the round; the duties of the open one don't wait for it.
    if (!(error instanceof AssayError)) throw error
    if (told.isNews('withheld windows', error.message))
      log.warn({ reason: error.message }, 'withheld windows can not be asked for now')
  }
}

async function requestAll(context: OracleContext, { state, block, cases }: Moment): Promise<void> {
  const { reader, config, docket } = context
  const rounds = await challengedRounds(context, { state, block })
  await lookAtNext(docket.asked, rounds, ({ round }) => requestsIn(context, round))
  const { contributorStake } = await readTaskParams(reader, { taskId: config.taskId })
  const bond = caseBond('windowWithheld', contributorStake, await courtTerms(context))
  for (const { round, closedAt, finalAt } of rounds)
    for (const request of docket.asked.get(round) ?? []) {
      if (isAsked(cases, request)) continue
      const turn = { seed: seedOf(request), round, dueAt: closedAt }
      const accusation = windowAccusation(request, context.account.address)
      if (!hasCommitted(context, accusation) && !(await isCourtTurn(context, turn, block))) continue
      await ask(context, request, { bond, cases, finalAt, block })
    }
}

/** The windows of a round that this oracle and a second seat said were withheld from them. */
async function requestsIn(
  { reader, config: { taskId }, account }: OracleContext,
  round: number,
): Promise<readonly WindowRequest[]> {
  const said = await readWindowRequests(reader, { taskId, round, validator: account.address })
  return said.filter(({ second }) => second !== undefined)
}

function isAsked(cases: readonly CourtCase[], { round, contributor, window }: WindowRequest): boolean {
  return cases.some(
    ({ facts }) =>
      facts.kind === 'windowWithheld' &&
      facts.round === round &&
      facts.subject === window &&
      facts.defendant.toLowerCase() === contributor.toLowerCase(),
  )
}

type Asking = { bond: bigint; cases: readonly CourtCase[]; finalAt: number; block: Block }

async function ask(
  context: OracleContext,
  request: WindowRequest,
  { bond, cases, finalAt, block }: Asking,
): Promise<void> {
  const { reader, config, outbox, log } = context
  const { taskId } = config
  const { round, contributor, window } = request
  const { active, unbonding } = await readStake(reader, { account: contributor })
  // Nothing is left to take: a case would pay nobody.
  if (active + unbonding === 0n) return
  const purpose = 'a contributor withholds a window'
  if (!(await canPay(context, { round, bond, cases, purpose }))) return
  const accusation = windowAccusation(request, context.account.address)
  const salt = await committedSalt(context, accusation, { block, endsAt: finalAt })
  if (salt === undefined) return
  const call = requestWindowCall(reader.deployment, { ...request, salt })
  const duty = `court/request-window/${contributor.toLowerCase()}/${window}`
  const result = await outbox.post({ taskId, round, duty, call, endsAt: finalAt })
  note(context, round, duty, result)
  if (result.status === 'sent')
    log.warn(
      { round, contributor, window, bond: amountText(bond, ASSAY) },
      'asked for a window that a contributor withholds',
    )
}

/** Fixes whose turn it is: the same for every seat that asks for this window. */
function seedOf({ contributor, window }: WindowRequest): Hash {
  return `0x${window.toString(16).padStart(24, '0')}${contributor.slice(2).toLowerCase()}`
}
