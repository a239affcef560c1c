import { auditedMembers } from '@assay/sdk/protocol/cohorts.ts'
import type { OracleContext } from '../oracle-context.ts'
import type { Finding } from '../sheet.ts'
import { withEngine } from '../with-engine.ts'
import { type Case, type CohortTask, findingOf } from './case.ts'
import { runStages } from './run-stages.ts'

/**
 * Judges every update of a cohort by the stages of {@link STAGE_TABLE}.
 *
 * @throws StoreError `unavailable` before the last call; EngineRefusal when the task's own graphs fail
 */
export async function verifyCohort(context: OracleContext, task: CohortTask): Promise<Finding[]> {
  const { facts, members } = task
  const { beacon, round, params } = facts
  const holdout = await context.holdout(params.specHash)
  const base = await context.models.load(facts.baseModelHash, facts)
  const audited = auditedMembers({ beacon, isLastRound: round >= params.maxRounds, members })
  const cases = await withEngine(context, params.specHash, (engine) =>
    runStages(
      { ...task, context, engine, base, holdout },
      members.map((member, i) => ({ member, audited: audited[i]! })),
    ),
  )
  return cases.map((one) => {
    const finding = findingOf(one)
    logFinding(context, task, finding, one)
    return finding
  })
}

function logFinding(
  { log }: OracleContext,
  { facts, seat }: CohortTask,
  finding: Finding,
  { replay }: Case,
): void {
  const { contributor, audited, failed, provenWindows, qualityBps, rarityBps } = finding
  const place = { round: facts.round, cohort: seat.cohort, contributor }
  const withheld = replay?.withheld ?? []
  if (finding.unreachable) log.warn(place, 'the store did not answer in time: the update is left unaudited')
  else if (failed !== undefined)
    log.info({ ...place, gate: failed.gate, reason: failed.reason }, 'update failed a gate')
  else if (audited) log.debug({ ...place, provenWindows, qualityBps, rarityBps }, 'update audited')
  if (failed === undefined && withheld.length > 0) log.info({ ...place, withheld }, 'evidence withheld')
}
