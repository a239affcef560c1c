import type { DutyName } from '@assay/daemon/duty-log.ts'
import type { Deployment } from '@assay/sdk/client/deployment.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { voteOf } from '@assay/sdk/protocol/commitments.ts'
import { commitScoresCall } from '@assay/sdk/verbs/rounds/commit-scores.ts'
import { readSheetDigest } from '@assay/sdk/verbs/rounds/read-sheet-digest.ts'
import { redrawCommitteesCall } from '@assay/sdk/verbs/rounds/redraw-committees.ts'
import { revealScoresCall } from '@assay/sdk/verbs/rounds/reveal-scores.ts'
import { inTimeFor } from './deadlines.ts'
import { judgeCohorts, sheetOf } from './draw-up.ts'
import { type SheetDuty, seatsAt } from './duties.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import { sheetAgain } from './restore-sheet.ts'
import type { RoundFacts } from './round-facts.ts'
import type { Sheet } from './sheet.ts'
import { findSheet, keepSheet } from './sign-once.ts'

/**
 * Second committees drawn in one transaction. A reveal that draws them takes up to 155,000 gas a cohort
 * (`test/contracts/redraw-gas.test.ts`): 64 are well below a transaction's limit (EIP-7825).
 */
const MOST_REDRAWN_AT_ONCE = 64

/**
 * Judges the cohorts drawn for this validator and posts the commitment to its sheet. The sheet and its salt are on disk
 * before anything of it is signed. A sheet on disk is never made again, unless another one stands on chain.
 */
export async function commitSheet(context: OracleContext, facts: RoundFacts, duty: SheetDuty): Promise<void> {
  const { taskId, round } = facts
  const name = { taskId, round, duty: `commit/${duty.attempt}` }
  if (context.outbox.stateOf(name) === 'none') {
    const committed = await committedDigest(context, facts, duty)
    if (committed !== undefined) {
      await sheetCommittedTo(context, facts, duty, committed)
      return
    }
  }
  const sheet = findSheet(context.db, { ...facts, ...duty }) ?? (await firstSheet(context, facts, duty))
  if (sheet === undefined) return
  const call = commitScoresCall(context.reader.deployment, { taskId, digest: sheet.digest })
  note(context, round, name.duty, await context.outbox.post({ ...name, call, endsAt: duty.endsAt }))
}

/** Draws up the sheet of a draw, on disk when this returns; undefined without a seat. */
async function firstSheet(
  context: OracleContext,
  facts: RoundFacts,
  duty: SheetDuty,
): Promise<Sheet | undefined> {
  if (seatsAt(facts, duty.attempt, facts.rosterIndex).length === 0) return undefined
  // A commitment of a database that was lost may be among them. Another sheet must not be signed beside it.
  if (!duty.lastCall && (await context.outbox.strangersInFlight()) > 0)
    throw new Error(
      'the node holds transactions of this account that this database knows nothing of: waiting until they are in a block',
    )
  const judged = await inTimeFor(duty, context.signal, (deadline) =>
    judgeCohorts(context, facts, duty, deadline),
  )
  return judged.length === 0
    ? undefined
    : keepSheet(context.db, sheetOf(context, facts, duty.attempt, judged))
}

/**
 * Reveals the sheet that was committed to. In a redraw the first reveal of a cohort draws its committee: for very many cohorts that takes
 * calls of its own, and the reveal is refused until they are in a block.
 */
export async function revealSheet(context: OracleContext, facts: RoundFacts, duty: SheetDuty): Promise<void> {
  const { attempt, endsAt } = duty
  const { taskId, round } = facts
  const name = { taskId, round, duty: `reveal/${attempt}` }
  const sheet = await sheetToReveal(context, facts, duty, name)
  if (sheet === undefined) return
  if (attempt === 1) {
    for (const [i, redraw] of redrawCallsOf(context.reader.deployment, taskId, sheet.cohorts).entries())
      await context.outbox.post({ taskId, round, duty: `redraw/${i}`, call: redraw, endsAt })
  }
  const call = revealScoresCall(context.reader.deployment, { ...sheet, taskId })
  note(context, round, name.duty, await context.outbox.post({ ...name, call, endsAt }))
}

async function sheetToReveal(
  context: OracleContext,
  facts: RoundFacts,
  duty: SheetDuty,
  name: DutyName,
): Promise<Sheet | undefined> {
  if (seatsAt(facts, duty.attempt, facts.rosterIndex).length === 0) return undefined
  const kept = findSheet(context.db, { ...facts, ...duty })
  if (kept !== undefined && context.outbox.stateOf(name) !== 'none') return kept
  const committed = await committedDigest(context, facts, duty)
  if (committed !== undefined) return sheetCommittedTo(context, facts, duty, committed)
  const { round } = facts
  const isOwed = duty.attempt === 0 || kept !== undefined
  if (isOwed && context.told.isNews(`reveal ${round}/${duty.attempt}`, 'not committed'))
    context.log.warn({ round, duty: name.duty }, 'nothing to reveal: this validator did not commit in time')
  return undefined
}

/** The sheet whose digest stands on chain: from the database, or drawn up again. */
async function sheetCommittedTo(
  context: OracleContext,
  facts: RoundFacts,
  duty: SheetDuty,
  committed: bigint,
): Promise<Sheet | undefined> {
  const kept = findSheet(context.db, { ...facts, ...duty })
  if (kept !== undefined && voteOf(kept.digest) === committed) return kept
  return sheetAgain(context, facts, duty, committed)
}

function committedDigest(
  { reader, account }: OracleContext,
  { taskId, round }: RoundFacts,
  { attempt }: SheetDuty,
): Promise<bigint | undefined> {
  return readSheetDigest(reader, { taskId, round, attempt, validator: account.address })
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
