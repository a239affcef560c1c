import type { Deployment } from '@assay/sdk/client/deployment.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import type { ScoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { commitScoresCall } from '@assay/sdk/verbs/rounds/commit-scores.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { redrawCommitteesCall } from '@assay/sdk/verbs/rounds/redraw-committees.ts'
import { revealScoresCall } from '@assay/sdk/verbs/rounds/reveal-scores.ts'
import { type Attempt, type CommitDuty, needsRedraw, type Seat, seatsAt } from './duties.ts'
import { mapAtMost } from './map-at-most.ts'
import { note } from './note.ts'
import type { OracleContext } from './oracle-context.ts'
import { type RoundFacts, readMembers, type Submission } from './round-facts.ts'
import { rememberUpdates, type SeenUpdate } from './seen-updates.ts'
import { entryOf, makeSheet, type Sheet } from './sheet.ts'
import { findSheet, keepSheet } from './sign-once.ts'
import { fetchCheckedOpening, type Patience } from './verify/fetch-update.ts'
import { verifyCohort } from './verify/verify-cohort.ts'

/** Most openings that are read for exact duplicates. The limit keeps the work from growing with the contributors. */
const MOST_OPENINGS_READ = 256
const OPENINGS_AT_ONCE = 16
/**
 * Second committees drawn in one transaction. A reveal that draws them takes up to 155,000 gas a cohort
 * (`test/contracts/redraw-gas.test.ts`): 64 are well below a transaction's limit (EIP-7825).
 */
const MOST_REDRAWN_AT_ONCE = 64
/** At the last call: shares of the remaining commit phase that reading openings, and then cohorts, may take. */
const LEARNING_SHARE = 0.2
const LOOKING_SHARE = 0.3

/**
 * Judges the cohorts drawn for this validator and posts the commitment to its sheet. The sheet and its salt are on disk
 * before anything of it is signed. A sheet on disk is never made again.
 */
export async function commitSheet(
  context: OracleContext,
  facts: RoundFacts,
  duty: CommitDuty,
): Promise<void> {
  const { attempt } = duty
  const sheet = findSheet(context.db, { ...facts, attempt }) ?? (await drawUpSheet(context, facts, duty))
  if (sheet === undefined) return
  const { taskId, round } = facts
  const call = commitScoresCall(context.reader.deployment, { taskId, digest: sheet.digest })
  note(
    context,
    round,
    `commit/${attempt}`,
    await context.outbox.post({ taskId, round, duty: `commit/${attempt}`, call }),
  )
}

/**
 * Reveals the sheet that was committed to. In a redraw the first reveal of a cohort draws its committee: for very many cohorts that takes
 * calls of its own, and the reveal is refused until they are in a block.
 */
export async function revealSheet(
  context: OracleContext,
  facts: RoundFacts,
  attempt: Attempt,
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
      await context.outbox.post({ taskId, round, duty: `redraw/${i}`, call: redraw })
  }
  const call = revealScoresCall(context.reader.deployment, { ...sheet, taskId })
  note(context, round, duty, await context.outbox.post({ taskId, round, duty, call }))
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

async function drawUpSheet(
  context: OracleContext,
  facts: RoundFacts,
  duty: CommitDuty,
): Promise<Sheet | undefined> {
  const { attempt } = duty
  const seats = await openSeats(context, facts, attempt)
  if (seats.length === 0) return undefined
  await learnOpenings(context, facts, patienceOf(duty, LEARNING_SHARE))

  const patience = patienceOf(duty, LOOKING_SHARE)
  const cohorts: { cohort: number; entries: ScoreEntry[] }[] = []
  for (const seat of seats) {
    const members = await readMembers(context.reader, facts, seat.cohort)
    const honest = async () => (await verifyCohort(context, { facts, seat, members, patience })).map(entryOf)
    const { fillSheet } = context.behaviour
    const place = { cohort: seat.cohort, size: members.length, honest }
    cohorts.push({
      cohort: seat.cohort,
      entries: fillSheet === undefined ? await honest() : await fillSheet(place),
    })
  }
  const { chainId, contracts } = context.reader.deployment
  const { taskId, round } = facts
  const place = {
    chainId,
    rounds: contracts.rounds,
    taskId,
    round,
    attempt,
    validator: context.account.address,
  }
  return keepSheet(context.db, makeSheet(place, cohorts, context.keys.saltOf(place)))
}

/**
 * At the last call a store that hangs gets this share of the remaining time; the rest is for judging and committing.
 */
function patienceOf({ lastCall, secondsLeft }: CommitDuty, share: number): Patience {
  if (!lastCall) return { lastCall }
  return { lastCall, signal: AbortSignal.timeout(Math.ceil(1_000 * share * secondsLeft)) }
}

/** This validator's seats: all of the first draw, and of the second draw those in cohorts without a majority. */
async function openSeats(context: OracleContext, facts: RoundFacts, attempt: Attempt): Promise<Seat[]> {
  const seats = seatsAt(facts, attempt, facts.rosterIndex)
  if (attempt === 0) return seats
  const open: Seat[] = []
  for (const seat of seats) {
    const cohort = await readCohort(context.reader, { taskId: facts.taskId, cohort: seat.cohort })
    if (needsRedraw(cohort, facts.committeeSize)) open.push(seat)
  }
  return open
}

/** Records the updates opened in this round, in all cohorts, to recognise exact duplicates now and later. */
async function learnOpenings(context: OracleContext, facts: RoundFacts, patience: Patience): Promise<void> {
  const { taskId, round } = facts
  const seen: SeenUpdate[] = []
  const read = async ({ commitment, contributor, index }: Submission) => {
    const opening = await fetchCheckedOpening(context.store, commitment, patience)
    if ('ok' in opening || opening.contributor.toLowerCase() !== contributor.toLowerCase()) return
    seen.push({ taskId, round, submission: index, contributor, updateHash: opening.updateHash })
  }
  const submissions = facts.submissions.slice(0, MOST_OPENINGS_READ)
  await mapAtMost(submissions, OPENINGS_AT_ONCE, read)
  rememberUpdates(context.db, seen)
}
