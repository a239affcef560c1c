import { readFile } from 'node:fs/promises'
import type { Block } from '@assay/daemon/clock.ts'
import { canPay } from '@assay/daemon/court-bonds.ts'
import { signalWithin } from '@assay/daemon/time-limit.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { type CaseFacts, stepBond, verdictOf } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { accuseStepCall, type StepProof, stepAccusation } from '@assay/sdk/verbs/court/accuse-step.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readKeyAnnouncements } from '@assay/sdk/verbs/court/read-key-announcements.ts'
import { readReport } from '@assay/sdk/verbs/court/read-report.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { getAddress } from 'viem'
import { type ClosedTimes, closedTimes } from '../closed-times.ts'
import { committedSalt, hasCommitted } from '../court-commitment.ts'
import { courtTerms } from '../docket.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { isOutage, reasonOf } from '../verify/case.ts'
import { rememberCaseKey } from './case-evidence.ts'
import { isCourtTurn } from './court-turn.ts'
import { dropStep, type KeptStep, keptSteps } from './kept-steps.ts'
import { FALSE_STEP } from './recompute/false-step.ts'
import type { RecomputeContext } from './recompute/recompute.ts'
import { stepCharge } from './step-charge.ts'

type Moment = { state: RoundState; block: Block; cases: readonly CourtCase[] }

/** Share of the challenge time after which another's open case isn't relied on any more: it may be lost on purpose. */
const RELIANCE = 0.75
/** Longest that one replay may take. */
const REPLAY_MS = 120_000

/**
 * Accuses contributors of the false steps that this oracle's own replays found: once each, within the budget, in the keepers' turn,
 * and only after another replay that comes to the same. What no case can need any more is removed.
 */
export async function accuseSteps(context: OracleContext, moment: Moment): Promise<void> {
  const { phase, round } = moment.state
  const lastClosed = phase === 'Idle' ? round : round - 1
  const ofTask = (await keptSteps(context)).filter(({ taskId }) => taskId === context.config.taskId)
  for (const one of ofTask.filter((kept) => kept.round <= lastClosed)) {
    try {
      await lookAt(context, one, moment)
    } catch (error) {
      if (!isOutage(error)) throw error
      if (context.told.isNews('false step', `${one.file} ${reasonOf(error)}`))
        context.log.warn({ round: one.round, reason: reasonOf(error) }, 'a false step waits to be accused')
    }
  }
}

async function lookAt(
  context: OracleContext,
  kept: KeptStep,
  { block, cases }: Omit<Moment, 'state'>,
): Promise<void> {
  const { config } = context
  const times = await closedTimes(context, kept.round, block.number)
  if (times === undefined) return
  const now = Number(block.timestamp)
  const { verdictSeconds } = await courtTerms(context)
  if (now >= times.finalAt + verdictSeconds) return dropStep(kept)
  if ((config.courtBudgetWei ?? 0n) === 0n || now >= times.finalAt) return
  if (await isAccused(context, kept, { cases, times, block })) return
  const turn = { seed: seedOf(kept), round: kept.round, dueAt: times.closedAt }
  if (!hasCommitted(context, accusationOf(context, kept)) && !(await isCourtTurn(context, turn, block)))
    return
  await accuse(context, kept, { cases, times, block })
}

function accusationOf({ account, config: { taskId } }: OracleContext, { round, contributor }: KeptStep) {
  return stepAccusation({ taskId, round, contributor: getAddress(contributor) }, account.address)
}

/**
 * Whether nothing is left to accuse: this oracle did, or somebody won. An open case of somebody else counts, too; late in the challenge
 * time only one that goes well, because an accomplice could let it fail.
 */
async function isAccused(
  context: OracleContext,
  { round, contributor }: KeptStep,
  { cases, times, block }: { cases: readonly CourtCase[]; times: ClosedTimes; block: Block },
): Promise<boolean> {
  const relied = Number(block.timestamp) < times.closedAt + RELIANCE * (times.finalAt - times.closedAt)
  const own = context.account.address.toLowerCase()
  const same = cases.filter(
    ({ facts }) =>
      facts.kind === 'falseStep' && facts.round === round && facts.defendant.toLowerCase() === contributor,
  )
  if (same.some(({ facts, state }) => facts.challenger.toLowerCase() === own || state.verdict === 'guilty'))
    return true
  for (const one of same)
    if (!one.state.isClosed && (relied || (await goesWell(context, one, block)))) return true
  return false
}

/** Whether an open case leads to a conviction as far as one sees: its jurors were given a key, or have reported another value. */
async function goesWell({ reader }: OracleContext, one: CourtCase, block: Block): Promise<boolean> {
  const { caseId, openedBlock, facts, state } = one
  const { panel } = state
  if (panel === undefined || panel.status === 'drawing' || panel.status === 'empty') return false
  if (panel.status === 'ended')
    return verdictOf(await readReport(reader, { panelId: panel.id }), facts) === 'guilty'
  const of = { caseId, panelId: panel.id, openedBlock, blockNumber: block.number }
  return (await readKeyAnnouncements(reader, of)).some(({ sender }) => sender === facts.challenger)
}

async function accuse(
  context: OracleContext,
  kept: KeptStep,
  { cases, times, block }: { cases: readonly CourtCase[]; times: ClosedTimes; block: Block },
): Promise<void> {
  const { reader, config, outbox, log } = context
  const { taskId } = config
  const { round, contributor } = kept
  const params = await readTaskParams(reader, { taskId })
  const bond = stepBond(params.contributorStake, await courtTerms(context))
  const { active, unbonding } = await readStake(reader, { account: contributor })
  // Earlier verdicts took it all: a case would pay nobody.
  if (active + unbonding === 0n) return
  if (!(await canPay(context, { round, bond, cases, purpose: 'a replay found a false step' }))) return
  const salt = await committedSalt(context, accusationOf(context, kept), { block, endsAt: times.finalAt })
  if (salt === undefined) return

  const { spec } = await context.bench.package(params.specHash)
  const clear = new Uint8Array(await readFile(kept.file))
  const charge = await stepCharge(reader, { spec, taskId, round, clear })
  if (!(await isFalseAgain(context, kept, { ...charge, clear }))) return
  rememberCaseKey(context, charge.evidence, charge.key)
  await context.store.put(charge.blob)
  const call = accuseStepCall(reader.deployment, { ...charge, salt })
  const duty = `court/accuse-step/${contributor}`
  const result = await outbox.post({ taskId, round, duty, call, endsAt: times.finalAt })
  note(context, round, duty, result)
  if (result.status === 'sent')
    log.warn(
      { round, contributor, window: charge.step.window, bond: amountText(bond, ASSAY) },
      'accused a contributor of a false step',
    )
}

/** Replays the window once more, as jurors will. What doesn't come out false again is no case: it is dropped, and said loudly. */
export async function isFalseAgain(
  context: OracleContext,
  kept: KeptStep,
  { step, clear, evidence }: { step: StepProof; clear: Uint8Array; evidence: Hash },
  desk: Pick<RecomputeContext, 'bench' | 'models'> = context,
): Promise<boolean> {
  const { account, log } = context
  const signal = signalWithin(context, REPLAY_MS)
  const facts: CaseFacts = {
    kind: 'falseStep',
    taskId: kept.taskId,
    round: kept.round,
    subject: step.window,
    challenger: account.address,
    bond: 0n,
    defendant: kept.contributor,
    base: 0n,
    accused: step.afterwards,
    context: step.before,
    evidence,
    committee: 0n,
    committedAt: 0n,
  }
  const found = await FALSE_STEP.recompute(
    { ...context, ...desk, juror: account.address, signal },
    facts,
    clear,
  )
  if (typeof found !== 'string' && found.value !== step.afterwards) return true
  log.error(
    { round: kept.round, contributor: kept.contributor, window: step.window, found },
    'a second replay does not find the false step of the first one: nobody is accused',
  )
  await dropStep(kept)
  return false
}

/** Fixes whose turn it is: the same for every oracle that found this contributor's false step. */
function seedOf({ contributor }: KeptStep): Hash {
  return `0x${contributor.slice(2).padStart(64, '0')}`
}
