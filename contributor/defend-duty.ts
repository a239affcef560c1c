import { canPay } from '@assay/daemon/court-bonds.ts'
import { recall, remember } from '@assay/daemon/database.ts'
import { toleranceOf } from '@assay/engine/package/mode.ts'
import { isDeterministic } from '@assay/engine/refusal.ts'
import { replayWindow } from '@assay/engine/run/replay.ts'
import { windowOfCase } from '@assay/engine/run/step-case.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { caseStage, stepPenalty, verdictOf } from '@assay/sdk/protocol/cases.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import { appealCall, readAppealBond } from '@assay/sdk/verbs/court/appeal.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { readReport } from '@assay/sdk/verbs/court/read-report.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'
import { evidenceOf } from './evidence-duty.ts'
import { borderOf } from './work.ts'
import { fieldsOf, type Work } from './work-log.ts'

/**
 * Defends this contributor in cases about a false step: alarms its operator, trains the accused window again, and appeals a conviction
 * that this contradicts, within the budget.
 *
 * @param at.cases against this contributor, while one of them is open
 */
export async function defendDuty(
  context: ContributorContext,
  { block, cases }: Pick<Moment, 'block'> & { cases: readonly CourtCase[] },
): Promise<void> {
  for (const one of cases) {
    if (one.facts.kind !== 'falseStep' || one.state.isClosed) continue
    const isTolerant = toleranceOf((await context.bench.package(context.params.specHash)).spec) !== undefined
    // There no juror convicts, so that one who does is appealed.
    const isRight = isTolerant || (await ownAnswer(context, one))
    if (isTolerant) alarmOfTolerant(context, one)
    else alarm(context, one, isRight)
    const purpose = isTolerant
      ? `jurors convict in case ${one.caseId} although the task is tolerant`
      : `jurors convict in case ${one.caseId} what training again contradicts`
    if (isRight) await appealConviction(context, one, { cases, block, purpose })
  }
}

function alarmOfTolerant({ log, told }: ContributorContext, { caseId, facts }: CourtCase): void {
  if (!told.isNews('accused of a false step', `${caseId}`)) return
  const { round, subject: window, challenger } = facts
  log.warn(
    { round, case: Number(caseId), window, challenger },
    `accused of a false training step, which a tolerant task doesn't know: jurors acquit, see assay case show ${caseId}`,
  )
}

/** Loud, once a start: an operator may have to act within hours. */
function alarm(
  { log, told, config }: ContributorContext,
  { caseId, facts }: CourtCase,
  isRight: boolean | undefined,
): void {
  const { round, subject: window, challenger, base } = facts
  if (!told.isNews('accused of a false step', `${caseId} ${isRight}`)) return
  const atStake = amountText(stepPenalty(base), ASSAY)
  const about = { round, case: Number(caseId), window, challenger, atStake, trainedRight: isRight }
  const hasBudget = (config.courtBudgetWei ?? 0n) > 0n
  log.error(
    about,
    isRight
      ? `accused of a false training step, which training it again contradicts: jurors decide, see assay case show ${caseId}. ${hasBudget ? 'A conviction is appealed within --court-budget' : 'Nothing is appealed without --court-budget'}`
      : `accused of a false training step, and training it again does not give the committed state: assay case show ${caseId}`,
  )
}

/** Whether the accused window, trained again, ends in the committed state; undefined if that work isn't on record. Asked once. */
async function ownAnswer(
  context: ContributorContext,
  { caseId, facts }: CourtCase,
): Promise<boolean | undefined> {
  const { works, db } = context
  const key = `own-step/${caseId}/${facts.accused}`
  const known = recall(db, key)
  if (known !== undefined) return known === 'right'
  const { taskId, round, subject: window, accused } = facts
  const work = works.works(taskId, round).find(({ stateHashes }) => stateHashes[window + 1] === accused)
  if (work === undefined) return undefined
  return remember(db, key, (await isTrainedRight(context, work, window)) ? 'right' : 'wrong') === 'right'
}

async function isTrainedRight(context: ContributorContext, work: Work, window: number): Promise<boolean> {
  const { bench, params, account } = context
  const { spec } = await bench.package(params.specHash)
  const { taskId, round, previousBeacon, stateHashes } = work
  const shown = {
    fields: fieldsOf(work),
    sampleCount: (await context.data()).dataset.n,
    evidence: await evidenceOf(context, work, window),
  }
  const seed = batchSeed({ previousBeacon, taskId, round, contributor: account.address })
  const start = await borderOf(context, work, 0)
  const before = stateHashes[window]!
  const accused = windowOfCase(spec, shown, { window, round, batchSeed: seed, start, before })
  const engine = await bench.engine(params.specHash)
  try {
    return (await replayWindow({ engine, ...accused })).hash === stateHashes[window + 1]
  } catch (error) {
    if (!isDeterministic(error)) throw error
    return false
  }
}

/** Appeals what the last panel said against this contributor, within the budget and the time for it. */
export async function appealConviction(
  context: ContributorContext,
  one: CourtCase,
  { cases, block, purpose }: { cases: readonly CourtCase[]; block: Moment['block']; purpose: string },
): Promise<void> {
  const { reader, config, outbox, log, told } = context
  const { caseId, facts, state } = one
  if ((config.courtBudgetWei ?? 0n) === 0n || state.panel?.status !== 'ended') return
  const terms = await readCourtTerms(reader)
  const stage = caseStage(facts.kind, state, terms, Number(block.timestamp))
  if (stage.name !== 'appeal') return
  if (verdictOf(await readReport(reader, { panelId: state.panel.id }), facts) !== 'guilty') return
  const bond = await readAppealBond(reader, { facts, instance: state.instance })
  if (!(await canPay(context, { round: facts.round, bond, cases, purpose }))) return
  const name = { taskId: config.taskId, round: facts.round, duty: `appeal/${caseId}/${state.instance}` }
  const result = await outbox.post({
    ...name,
    call: appealCall(reader.deployment, { caseId, facts }),
    endsAt: stage.until,
  })
  const about = { round: facts.round, case: Number(caseId), bond: amountText(bond, ASSAY) }
  if (result.status === 'sent') log.warn(about, 'appealed a conviction')
  if ('reason' in result && told.isNews('appeal', `${caseId} ${result.reason}`))
    log.error({ ...about, reason: result.reason }, 'the appeal was refused')
}
