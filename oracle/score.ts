import type { Deployment } from '@assay/sdk/client/deployment.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { commitScoresCall } from '@assay/sdk/verbs/rounds/commit-scores.ts'
import { redrawCommitteesCall } from '@assay/sdk/verbs/rounds/redraw-committees.ts'
import { revealScoresCall } from '@assay/sdk/verbs/rounds/reveal-scores.ts'
import { inTimeFor } from './deadlines.ts'
import { drawUpSheet } from './draw-up.ts'
import { type SheetDuty, seatsAt } from './duties.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import type { RoundFacts } from './round-facts.ts'
import { findSheet, keepSheet } from './sign-once.ts'

/**
 * Second committees drawn in one transaction. A reveal that draws them takes up to 155,000 gas a cohort
 * (`test/contracts/redraw-gas.test.ts`): 64 are well below a transaction's limit (EIP-7825).
 */
const MOST_REDRAWN_AT_ONCE = 64

/**
 * Judges the cohorts drawn for this validator and posts the commitment to its sheet. The sheet and its salt are on disk
 * before anything of it is signed. A sheet on disk is never made again.
 */
export async function commitSheet(context: OracleContext, facts: RoundFacts, duty: SheetDuty): Promise<void> {
  const { attempt } = duty
  let sheet = findSheet(context.db, { ...facts, attempt })
  if (sheet === undefined) {
    const drawnUp = await inTimeFor(duty, context.signal, (deadline) =>
      drawUpSheet(context, facts, duty, deadline),
    )
    if (drawnUp === undefined) return
    sheet = keepSheet(context.db, drawnUp)
  }
  const { taskId, round } = facts
  const name = { taskId, round, duty: `commit/${attempt}` }
  const call = commitScoresCall(context.reader.deployment, { taskId, digest: sheet.digest })
  note(context, round, name.duty, await context.outbox.post({ ...name, call, endsAt: duty.endsAt }))
}

/**
 * Reveals the sheet that was committed to. In a redraw the first reveal of a cohort draws its committee: for very many cohorts that takes
 * calls of its own, and the reveal is refused until they are in a block.
 */
export async function revealSheet(
  context: OracleContext,
  facts: RoundFacts,
  { attempt, endsAt }: SheetDuty,
): Promise<void> {
  const { taskId, round } = facts
  const duty = `reveal/${attempt}`
  const sheet = findSheet(context.db, { ...facts, attempt })
  if (sheet === undefined) {
    const seats = attempt === 0 ? seatsAt(facts, 0, facts.rosterIndex) : []
    if (seats.length > 0)
      context.log.warn({ round, duty }, 'nothing to reveal: this validator did not commit in time')
    return
  }
  if (attempt === 1) {
    for (const [i, redraw] of redrawCallsOf(context.reader.deployment, taskId, sheet.cohorts).entries())
      await context.outbox.post({ taskId, round, duty: `redraw/${i}`, call: redraw, endsAt })
  }
  const call = revealScoresCall(context.reader.deployment, { ...sheet, taskId })
  note(context, round, duty, await context.outbox.post({ taskId, round, duty, call, endsAt }))
}

/** The calls that draw second committees before a reveal; none when the reveal itself has gas enough for it. */
export function redrawCallsOf(deployment: Deployment, taskId: bigint, cohorts: readonly number[]): Call[] {
  if (cohorts.length <= MOST_REDRAWN_AT_ONCE) return []
  return Array.from({ length: Math.ceil(cohorts.length / MOST_REDRAWN_AT_ONCE) }, (_, i) =>
    redrawCommitteesCall(deployment, {
      taskId,
      cohorts: cohorts.slice(i * MOST_REDRAWN_AT_ONCE, (i + 1) * MOST_REDRAWN_AT_ONCE),
    }),
  )
}
