import { isDeterministic } from '@assay/engine/refusal.ts'
import { auditedMembers } from '@assay/sdk/protocol/cohorts.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import type { JudgeContext } from '../judge-context.ts'
import { samplesOfRound } from '../pool/round-samples.ts'
import type { Finding } from '../sheet.ts'
import { type Case, type CohortInput, type CohortTask, findingOf, isOutage, reasonOf } from './case.ts'
import { runStages } from './run-stages.ts'

/**
 * Judges every update of a cohort by the stages of {@link STAGE_TABLE}, before the deadline. Whatever goes wrong with
 * one update costs the others nothing.
 *
 * @throws before the last call, if some updates could not be looked at: why the first of them wasn't. The others are
 * done by then, and not looked at again.
 */
export async function verifyCohort(context: JudgeContext, task: CohortTask): Promise<Finding[]> {
  const { cohort } = task.seat
  const known = task.notes.cohorts.get(cohort)
  if (known !== undefined) return known
  const cases = await judge(context, task)
  const waiting = cases.find((one) => one.waiting !== undefined)
  if (waiting !== undefined && !task.lastCall) throw waiting.waiting
  const findings = cases.map(findingOf)
  findings.forEach((finding, i) => {
    logFinding(context, task, finding, cases[i]!)
  })
  if (waiting === undefined) task.notes.cohorts.set(cohort, findings)
  return findings
}

async function judge(context: JudgeContext, task: CohortTask): Promise<readonly Case[]> {
  const { beacon, round, params } = task.facts
  const { members } = task
  const audited = auditedMembers({ beacon, isLastRound: round >= params.maxRounds, members })
  const cases: Case[] = members.map((member, i) => ({ member, audited: audited[i]! }))
  const ground = await groundOf(context, task)
  if ('base' in ground) return runStages({ ...task, ...ground, context }, cases)
  return cases.map((one) => ({ ...one, ...ground }))
}

/** What every judgement stands on: the task's package and the base model. Without it nobody can be judged. */
async function groundOf(
  context: JudgeContext,
  { facts, deadline: { signal } }: CohortTask,
): Promise<Pick<CohortInput, 'spec' | 'holdout' | 'base'> | Pick<Case, 'taskFault' | 'waiting'>> {
  try {
    const { bench, models } = context
    const { specHash } = facts.params
    const { spec } = await untilAborted(signal, () => bench.package(specHash))
    const { samples } = await untilAborted(signal, () => samplesOfRound(context, facts))
    return { spec, holdout: samples, base: await models.load(facts.baseModelHash, facts, signal) }
  } catch (error) {
    if (isDeterministic(error)) return { taskFault: error.message }
    if (isOutage(error)) return { waiting: error }
    throw error
  }
}

function logFinding(
  { log }: JudgeContext,
  { facts, seat }: CohortTask,
  finding: Finding,
  { replay, looks, waiting }: Case,
): void {
  const { contributor, audited, failed, taskFault, provenWindows, qualityBps, rarityBps } = finding
  const place = { round: facts.round, cohort: seat.cohort, contributor }
  const withheld = [...(replay?.withheld ?? []), ...(looks?.withheld ?? [])]
  const left = 'the update could not be looked at in time: it is left unaudited'
  if (waiting !== undefined && isOutage(waiting)) log.warn({ ...place, reason: reasonOf(waiting) }, left)
  else if (waiting !== undefined) log.error({ ...place, error: waiting }, left)
  else if (failed !== undefined)
    log.info({ ...place, gate: failed.gate, reason: failed.reason }, 'update failed a gate')
  else if (audited && taskFault !== undefined)
    log.warn({ ...place, reason: taskFault }, "the task's own graphs fail: nobody can judge the update")
  else if (audited) log.debug({ ...place, provenWindows, qualityBps, rarityBps }, 'update audited')
  if (failed === undefined && withheld.length > 0) log.info({ ...place, withheld }, 'evidence withheld')
}
