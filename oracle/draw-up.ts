import type { ScoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import { fetchCommitted } from '@assay/store/opening-record.ts'
import { type Deadline, inShareOf, lookAtEach } from './deadlines.ts'
import { type Attempt, needsRedraw, type Seat, type SheetDuty, seatsAt } from './duties.ts'
import type { OracleContext } from './oracle-context.ts'
import { type Member, type RoundFacts, readMembers } from './round-facts.ts'
import { rememberUpdates, type SeenUpdate } from './seen-updates.ts'
import { entryOf, makeSheet, type Sheet } from './sheet.ts'
import { verifyCohort } from './verify/verify-cohort.ts'

/** Most openings that are read for exact duplicates. The limit keeps the work from growing with the contributors. */
const MOST_OPENINGS_READ = 256
const OPENINGS_AT_ONCE = 16
/** Reading openings of all cohorts may take one of so many parts of the time. */
const LEARNING_PARTS = 5

/** One of this validator's cohorts with its entries, in the order of its members. */
export type JudgedCohort = { cohort: number; members: readonly Member[]; entries: ScoreEntry[] }

/** What a sheet is made for: a draw, looked at before a deadline. */
type Drawing = { facts: RoundFacts; attempt: Attempt; lastCall: boolean; deadline: Deadline }

/**
 * Judges the cohorts drawn for this validator, each in its share of the time.
 *
 * @returns none without a seat in this draw
 * @throws before the last call, if something could not be looked at. All the rest is done by then, and isn't repeated
 */
export async function judgeCohorts(
  context: OracleContext,
  facts: RoundFacts,
  { attempt, lastCall }: Pick<SheetDuty, 'attempt' | 'lastCall'>,
  deadline: Deadline,
): Promise<JudgedCohort[]> {
  const seats = await openSeats(context, facts, attempt)
  if (seats.length === 0) return []
  const drawing = { facts, attempt, lastCall, deadline }
  await inShareOf(deadline, LEARNING_PARTS, (share) => learnOpenings(context, facts, share))

  const judged: JudgedCohort[] = []
  let failure: { error: unknown } | undefined
  for (const [i, seat] of seats.entries()) {
    try {
      const one = await inShareOf(deadline, seats.length - i, (share) =>
        judgeCohort(context, { ...drawing, deadline: share }, seat),
      )
      judged.push(one)
    } catch (error) {
      failure ??= { error }
    }
  }
  if (failure !== undefined) throw failure.error
  // When the daemon stops, everything looks as if time had run out. Such a sheet must not count.
  context.signal.throwIfAborted()
  return judged
}

/** The sheet with these entries: the same entries give the same sheet, whenever it is drawn up. */
export function sheetOf(
  { reader: { deployment }, account, keys }: OracleContext,
  { taskId, round }: RoundFacts,
  attempt: Attempt,
  judged: readonly JudgedCohort[],
): Sheet {
  const { chainId, contracts } = deployment
  const place = { chainId, rounds: contracts.rounds, taskId, round, attempt, validator: account.address }
  return makeSheet(place, judged, keys.saltOf(place))
}

async function judgeCohort(context: OracleContext, drawing: Drawing, seat: Seat): Promise<JudgedCohort> {
  const { facts, attempt, lastCall, deadline } = drawing
  const notes = context.progress.notesOn({ ...facts, attempt })
  const members = await readMembers(context.reader, facts, seat.cohort)
  const task = { facts, attempt, seat, members, notes, lastCall, deadline }
  const honest = async () => (await verifyCohort(context, task)).map(entryOf)
  const { fillSheet } = context.behaviour
  const place = { round: facts.round, cohort: seat.cohort, size: members.length, honest }
  const entries = fillSheet === undefined ? await honest() : await fillSheet(place)
  return { cohort: seat.cohort, members, entries }
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

/**
 * Records the updates opened in this round, in all cohorts, to recognise exact duplicates now and later. An opening
 * that can't be read now, for whatever reason, isn't waited for: its own cohort's committee judges it.
 */
export async function learnOpenings(
  { store, db }: Pick<OracleContext, 'store' | 'db'>,
  facts: Pick<RoundFacts, 'taskId' | 'round' | 'submissions'>,
  deadline: Deadline,
): Promise<void> {
  const { taskId, round } = facts
  const submissions = facts.submissions.slice(0, MOST_OPENINGS_READ)
  const seen: SeenUpdate[] = []
  await lookAtEach(submissions, { lanes: OPENINGS_AT_ONCE, deadline }, async (submission, { signal }) => {
    const { commitment, contributor, index } = submission
    const look = () => fetchCommitted(store, commitment, { signal })
    const opening = await untilAborted(signal, look).catch(() => undefined)
    if (opening === undefined) return
    if (opening.contributor.toLowerCase() !== contributor.toLowerCase()) return
    seen.push({ taskId, round, submission: index, contributor, updateHash: opening.updateHash })
  })
  rememberUpdates(db, seen)
}
