import type { Block } from '@assay/daemon/clock.ts'
import { canPay } from '@assay/daemon/court-bonds.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { type CaseVerdict, caseStage, verdictOf } from '@assay/sdk/protocol/cases.ts'
import { CANNOT_EXECUTE, isAbsence } from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { appealCall, readAppealBond } from '@assay/sdk/verbs/court/appeal.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readReport } from '@assay/sdk/verbs/court/read-report.ts'
import { courtTerms } from '../docket.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { findJuryVote } from '../sign-once.ts'
import { positionOf } from './committed-vote.ts'
import { ownDefence } from './defend-words.ts'
import type { PanelCase } from './jury-work.ts'
import { hasPanel } from './sit.ts'

/** Share of the time for an appeal that jurors leave to the parties, and share over which they take turns. */
const LEFT_TO_PARTIES = 0.5
const TURNS = 0.4
const PLACES = 64

/** Appeals verdicts that contradict what this oracle computed itself: as challenger, defendant or juror, within the budget. */
export async function appealVerdicts(
  context: OracleContext,
  cases: readonly CourtCase[],
  block: Block,
): Promise<void> {
  if ((context.config.courtBudgetWei ?? 0n) === 0n) return
  const terms = await courtTerms(context)
  for (const one of cases) {
    if (!hasPanel(one) || one.state.panel.status !== 'ended') continue
    const now = Number(block.timestamp)
    const stage = caseStage(one.facts.kind, one.state, terms, now)
    if (stage.name !== 'appeal' || !isTurn(context, one, { now, appealSeconds: terms.appealSeconds }))
      continue
    const report = await readReport(context.reader, { panelId: one.state.panel.id })
    const reported = verdictOf(report, one.facts)
    if (await isWrong(context, one, { report, reported }))
      await appeal(context, one, { cases, reported, until: stage.until })
  }
}

/**
 * Whether a report contradicts what this oracle computed: the verdict, or the value that convicts, as another one punishes jurors that
 * are right. Who is accused appeals only what convicts it wrongly.
 */
async function isWrong(
  context: OracleContext,
  one: CourtCase,
  { report, reported }: { report: Hash; reported: CaseVerdict },
): Promise<boolean> {
  const own = ownVerdict(context, one)
  if (own !== undefined && own !== reported) return true
  const value = ownValue(context, one)
  if (value !== undefined) return reported === 'guilty' && report !== value
  return own === undefined && reported === 'guilty' && (await ownDefence(context, one)) === 'acquitted'
}

/** What this oracle found itself: who accuses has replayed it, who sat in a panel has voted. */
export function ownVerdict(
  context: Pick<OracleContext, 'account' | 'db'>,
  one: CourtCase,
): CaseVerdict | undefined {
  const own = context.account.address.toLowerCase()
  // Who asks for a window has not seen it: readers may have.
  const isSure = one.facts.kind !== 'windowWithheld'
  if (isSure && one.facts.challenger.toLowerCase() === own) return 'guilty'
  const value = ownValue(context, one)
  return value === undefined ? undefined : verdictOf(value, one.facts)
}

/** The value that this oracle voted for as a juror of a case, if it computed one. */
function ownValue({ db }: Pick<OracleContext, 'db'>, one: CourtCase): Hash | undefined {
  for (const panelId of one.state.panelIds) {
    const vote = findJuryVote(db, positionOf(one, panelId))
    if (vote !== undefined && vote.result !== CANNOT_EXECUTE && !isAbsence(vote.result)) return vote.result
  }
  return undefined
}

/** The parties appeal at once; jurors only where they don't, one after the other, because one appeal is enough. */
function isTurn(
  { account, docket }: OracleContext,
  one: PanelCase,
  { now, appealSeconds }: { now: number; appealSeconds: number },
): boolean {
  const own = account.address.toLowerCase()
  const { challenger, defendant } = one.facts
  if ([challenger, defendant].some((party) => party.toLowerCase() === own)) return true
  const { place = 0 } = docket.seats.get(one.state.panel.id) ?? {}
  return now >= one.state.panel.endsAt + appealSeconds * (LEFT_TO_PARTIES + (TURNS * place) / PLACES)
}

async function appeal(
  context: OracleContext,
  one: PanelCase,
  { cases, reported, until }: { cases: readonly CourtCase[]; reported: CaseVerdict; until: number },
): Promise<void> {
  const { reader, outbox, config, log } = context
  const { caseId, facts, state } = one
  const bond = await readAppealBond(reader, { facts, instance: state.instance })
  const purpose = `case ${caseId} was decided against what this oracle computed`
  if (!(await canPay(context, { round: facts.round, bond, cases, purpose }))) return
  const duty = `court/appeal/${caseId}/${state.instance}`
  const call = appealCall(reader.deployment, { caseId, facts })
  const result = await outbox.post({ taskId: config.taskId, round: 0, duty, call, endsAt: until })
  note(context, facts.round, duty, result)
  if (result.status === 'sent')
    log.warn({ case: Number(caseId), reported, bond: amountText(bond, ASSAY) }, 'appealed in a case')
}
