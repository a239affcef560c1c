import { readFile } from 'node:fs/promises'
import type { Block } from '@assay/daemon/clock.ts'
import { canPay } from '@assay/daemon/court-bonds.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { stepBond } from '@assay/sdk/protocol/cases.ts'
import { accuseReadStepCall, readStepAccusation } from '@assay/sdk/verbs/court/accuse-read-step.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readPanelSeats } from '@assay/sdk/verbs/court/read-seats.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { committedSalt, hasCommitted } from '../court-commitment.ts'
import { courtTerms } from '../docket.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { isOutage, reasonOf } from '../verify/case.ts'
import { isFalseAgain } from './accuse-steps.ts'
import { rememberCaseKey } from './case-evidence.ts'
import { dropStep, type KeptStep, keptSteps } from './kept-steps.ts'
import { stepCharge } from './step-charge.ts'
import { atDeskOf } from './task-desk.ts'

/** Share of the time to accuse over which readers take turns: one case is enough. */
const TURNS = 0.75

type Moment = { block: Block; cases: readonly CourtCase[] }
/** A window that this oracle has read and found to differ, and the reading that ended so. */
type Differing = { kept: KeptStep; reading: CourtCase; until: number }

/**
 * As a reader: once a reading has ended because the window differs, accuses its contributor of the step, within the budget and the time
 * that the court gives for it. What came to another end is removed.
 */
export async function accuseReadSteps(context: OracleContext, { block, cases }: Moment): Promise<void> {
  const { told, log } = context
  for (const kept of await keptSteps(context, 'read-steps')) {
    try {
      const differing = await differingOf(context, kept, { block, cases })
      if (differing !== undefined) await lookAt(context, differing, { block, cases })
    } catch (error) {
      if (!isOutage(error)) throw error
      if (told.isNews('read step', `${kept.file} ${reasonOf(error)}`))
        log.warn({ round: kept.round, reason: reasonOf(error) }, 'a window that differs waits to be accused')
    }
  }
}

/** Undefined while the reading goes on, and once nothing can come of it. */
async function differingOf(
  context: OracleContext,
  kept: KeptStep,
  { block, cases }: Moment,
): Promise<Differing | undefined> {
  const { appealSeconds, verdictSeconds } = await courtTerms(context)
  const isSame = ({ facts }: CourtCase) =>
    facts.taskId === kept.taskId &&
    facts.round === kept.round &&
    facts.subject === kept.window &&
    facts.defendant.toLowerCase() === kept.contributor
  const reading = cases.find((one) => one.facts.kind === 'windowWithheld' && isSame(one))
  // Another node may not have its event yet.
  if (reading === undefined || !reading.state.isClosed) return undefined
  const { verdict, readyAt } = reading.state
  const now = Number(block.timestamp)
  const until = readyAt + appealSeconds
  // Until its step case ends, this oracle may have to give the evidence again.
  if (verdict !== 'dismissed' || now >= until + verdictSeconds) await dropStep(kept)
  return verdict === 'dismissed' && now < until ? { kept, reading, until } : undefined
}

async function lookAt(context: OracleContext, differing: Differing, { block, cases }: Moment): Promise<void> {
  const { config, account } = context
  const { kept, reading, until } = differing
  if ((config.courtBudgetWei ?? 0n) === 0n) return
  const own = account.address.toLowerCase()
  const isDone = cases.some(({ facts, state }) => {
    if (facts.kind !== 'falseStep' || facts.taskId !== kept.taskId || facts.round !== kept.round) return false
    if (facts.defendant.toLowerCase() !== kept.contributor) return false
    return facts.challenger.toLowerCase() === own || !state.isClosed || state.verdict === 'guilty'
  })
  if (isDone) return
  const seat = await ownSeat(context, reading)
  if (seat === undefined) return
  const { readyAt } = reading.state
  const isTurn = Number(block.timestamp) >= readyAt + (until - readyAt) * TURNS * seat.turn
  if (!isTurn && !hasCommitted(context, readStepAccusation(reading, account.address))) return
  await atDeskOf(context, kept.taskId, (desk) => accuse(context, { ...differing, seat, cases, block, desk }))
}

type OwnSeat = { instance: number; place: number; turn: number }

/** Where this account sat, and its turn among the readers of that panel, from 0 to 1. */
async function ownSeat(
  { reader, account }: OracleContext,
  { state }: CourtCase,
): Promise<OwnSeat | undefined> {
  const own = account.address.toLowerCase()
  for (const [instance, panelId] of state.panelIds.entries()) {
    if (panelId === 0n) continue
    const seats = await readPanelSeats(reader, { panelId })
    const at = seats.findIndex(({ juror }) => juror.toLowerCase() === own)
    const seat = seats[at]
    if (seat !== undefined) return { instance, place: seat.place, turn: at / seats.length }
  }
  return undefined
}

type Accusation = Differing & {
  seat: OwnSeat
  cases: readonly CourtCase[]
  block: Block
  desk: Parameters<Parameters<typeof atDeskOf>[2]>[0]
}

async function accuse(
  context: OracleContext,
  { kept, reading, until, seat, cases, block, desk }: Accusation,
): Promise<void> {
  const { reader, config, outbox, log } = context
  const { taskId, round, contributor } = kept
  const { facts, caseId } = reading
  const { active, unbonding } = await readStake(reader, { account: contributor })
  // Earlier verdicts took it all: a case would pay nobody.
  if (active + unbonding === 0n) return
  const bond = stepBond(facts.base, await courtTerms(context))
  const purpose = `readers of case ${caseId} found a window that differs`
  if (!(await canPay(context, { round, bond, cases, purpose }))) return
  const accusation = readStepAccusation(reading, context.account.address)
  const salt = await committedSalt(context, accusation, { block, endsAt: until })
  if (salt === undefined) return

  const { specHash } = await readTaskParams(reader, { taskId })
  const { spec } = await desk.bench.package(specHash)
  const clear = new Uint8Array(await readFile(kept.file))
  const charge = await stepCharge(reader, { spec, taskId, round, clear })
  if (!(await isFalseAgain(context, kept, { ...charge, clear }, desk))) return
  rememberCaseKey(context, charge.evidence, charge.key)
  await context.store.put(charge.blob)
  const call = accuseReadStepCall(reader.deployment, { reading, seat, ...charge, salt })
  const duty = `court/accuse-read-step/${caseId}`
  const result = await outbox.post({ taskId: config.taskId, round: 0, duty, call, endsAt: until })
  note(context, round, duty, result)
  if (result.status === 'sent')
    log.warn(
      { round, contributor, window: kept.window, bond: amountText(bond, ASSAY) },
      'accused a contributor of a false step that readers found',
    )
}
