import type { Block } from '@assay/daemon/clock.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { caseStage, type PanelState, panelAt } from '@assay/sdk/protocol/cases.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { annulCall } from '@assay/sdk/verbs/court/annul.ts'
import { concludeCall } from '@assay/sdk/verbs/court/conclude.ts'
import { drawPanelCall } from '@assay/sdk/verbs/court/draw-panel.ts'
import { executeCall } from '@assay/sdk/verbs/court/execute.ts'
import { type CourtCase, readCaseState, readOpenedCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { accuseWithholders } from '../accuse-withholders.ts'
import { courtTerms, type Docket, forgetBranch } from '../docket.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { accusePasses } from './accuse-passes.ts'
import { accuseReadSteps } from './accuse-read-steps.ts'
import { accuseSteps } from './accuse-steps.ts'
import { finishCases } from './after-verdict.ts'
import { appealVerdicts } from './appeal-verdicts.ts'
import { auditRounds } from './audit-rounds.ts'
import { isCourtTurn } from './court-turn.ts'
import { declareUpdates } from './declare-updates.ts'
import { giveKeys } from './give-keys.ts'
import { settleVoters } from './other-voters.ts'
import { keepPlace } from './place.ts'
import { requestWindows } from './request-windows.ts'
import { sitInPanels } from './sit.ts'
import { votePolls } from './vote-polls.ts'

/**
 * What an oracle owes the court at a block: it draws panels, sits in them and gives them keys, accuses and appeals within its budget,
 * and carries verdicts out.
 *
 * @param isFree whether no duty of the round is due: looking at what colleagues said takes as long as judging an update
 */
export async function attendCourt(
  context: OracleContext,
  { state, block, isFree }: { state: RoundState; block: Block; isFree: boolean },
): Promise<void> {
  const isJuror = await keepPlace(context, block)
  const all = await readAllCases(context, block, isJuror)
  const cases = all.filter(({ facts }) => facts.taskId === context.config.taskId)
  if (isJuror) await sitInPanels(context, all, block)
  await endCases(context, cases, block)
  await giveKeys(context, all, block)
  await declareUpdates(context, cases, block)
  await accuseWithholders(context, { state, block, cases })
  await requestWindows(context, { state, block, cases })
  await accuseSteps(context, { state, block, cases })
  await accuseReadSteps(context, { block, cases: all })
  await accusePasses(context, { block, cases })
  if (isFree) await auditRounds(context, { state, block, cases })
  await appealVerdicts(context, all, block)
  if (isJuror) await votePolls(context, all, block)
  await settleVoters(context, cases, block)
  await finishCases(context, all, block)
}

/**
 * Has panels of the task's cases drawn, verdicts noted and carried out, in the keepers' turn: anyone can, and one is enough. So no case
 * keeps pay for ever, whether or not anybody sits as juror.
 */
export async function endCases(
  context: OracleContext,
  cases: readonly CourtCase[],
  block: Block,
): Promise<void> {
  const own = context.account.address.toLowerCase()
  context.tally.openCases = cases.filter(
    ({ facts, state }) => !state.isClosed && facts.challenger.toLowerCase() === own,
  ).length
  for (const one of cases) if (!one.state.isClosed) await endCase(context, one, block)
}

/** All cases of the task; a juror's are those of all tasks. */
async function readAllCases(context: OracleContext, block: Block, ofAllTasks: boolean): Promise<CourtCase[]> {
  const { reader, config, docket } = context
  const blockNumber = block.number
  if (block.reorganised) forgetBranch(docket)
  const ofTask = ofAllTasks ? {} : { taskId: config.taskId }
  const opened = await readOpenedCases(reader, { ...ofTask, blockNumber })
  const knownPanel = await panelsAt(context, block)
  return Promise.all(
    opened.map(async (one) => {
      const known = docket.closed.get(one.caseId)
      if (known !== undefined) return known
      const { caseId } = one
      const read = { ...one, state: await readCaseState(reader, { caseId, blockNumber, knownPanel }) }
      keep(docket, read)
      return read
    }),
  )
}

/** Gives the panels that were drawn by the last block, as of this one: most of what a case's state costs to read. */
async function panelsAt(context: OracleContext, { timestamp }: Block) {
  const terms = await courtTerms(context)
  return (panelId: bigint): PanelState | undefined => {
    const panel = context.docket.panels.get(panelId)
    return panel && panelAt(panel, terms, Number(timestamp))
  }
}

function keep({ closed, panels }: Docket, read: CourtCase): void {
  const { isClosed, panel, panelIds } = read.state
  if (isClosed) {
    closed.set(read.caseId, read)
    for (const panelId of panelIds) panels.delete(panelId)
  } else if (panel !== undefined) panels.set(panel.id, panel)
}

async function endCase(context: OracleContext, one: CourtCase, block: Block): Promise<void> {
  const { caseId, facts, state } = one
  const terms = await courtTerms(context)
  const { name } = caseStage(facts.kind, state, terms, Number(block.timestamp))
  const call = callFor(context, name, one)
  if (call === undefined) return

  const { round, taskId } = facts
  const dueAt = Math.max(state.readyAt, (state.panel?.endsAt ?? 0) + terms.appealSeconds)
  if (!(await isCourtTurn(context, { seed: facts.accused, round, dueAt }, block))) return
  const duty = `keeper/${name}/${caseId}/${state.instance}`
  const result = await context.outbox.post({ taskId, round, duty, call })
  note(context, round, duty, result)
  if (result.status === 'sent')
    context.log.info({ round, case: Number(caseId), defendant: facts.defendant }, name)
}

function callFor({ reader: { deployment } }: OracleContext, stage: string, of: CourtCase): Call | undefined {
  const { panel } = of.state
  if (stage === 'draw' && panel !== undefined) return drawPanelCall(deployment, { panelId: panel.id })
  if (stage === 'conclude') return concludeCall(deployment, of)
  if (stage === 'annul') return annulCall(deployment, of)
  return stage === 'execute' ? executeCall(deployment, of) : undefined
}
