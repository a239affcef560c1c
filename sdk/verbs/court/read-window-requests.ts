import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { AssayError } from '../../client/errors.ts'
import { type AskingSeat, askedWindows } from '../../protocol/asked-windows.ts'
import { cohortPlace, cohortSeats } from '../../protocol/cohorts.ts'
import { pageProof } from '../../protocol/page-proof.ts'
import type { Hash } from '../../protocol/random.ts'
import { replayWindow } from '../../protocol/sampling.ts'
import { entryAt, unpackEntry } from '../../protocol/score-words.ts'
import { readSealedBeacon } from '../rounds/read-round-basis.ts'
import { readSubmissions, type Submission } from '../rounds/read-submissions.ts'
import { readTask } from '../tasks/read-task.ts'
import { type ProvenRound, readRoundProof } from './read-round-proof.ts'
import { findSheet, readSaid, type Said, statementOf } from './read-statement.ts'
import type { RequestWindowParameters, SeatProof } from './request-window.ts'

/** A window that a seat said was withheld from it, and all that proves it. */
export type WindowRequest = Omit<RequestWindowParameters, 'bond'> & {
  /** Its number in the training. */
  window: number
}

/**
 * The windows of a closed round that a validator's seats said were withheld from them, with all that proves it, from the round's events.
 *
 * @example const requests = await readWindowRequests(reader, { taskId: 1n, round: 3, validator })
 * @returns none where the validator revealed nothing, or says of no window that it was withheld
 * @throws AssayError `RoundNotKept`, `LogsIncomplete` (transient)
 */
export async function readWindowRequests(
  reader: AssayReader,
  { taskId, round, validator }: { taskId: bigint; round: number; validator: Address },
): Promise<WindowRequest[]> {
  const said = await readSaid(reader, { taskId, round, validator })
  if (said.sheets.length === 0) return []
  const proven = await readRoundProof(reader, { taskId, round })
  const [submissions, beacon, { params }] = await Promise.all([
    readSubmissions(reader, { taskId, round, span: proven.span }),
    readSealedBeacon(reader, { taskId, round }),
    readTask(reader, { taskId }),
  ])
  const { committeeSize: seatCount, replayWindows, windowsPerRound: totalWindows, maxRounds } = params
  const windowsDrawn = Math.min(replayWindows, totalWindows)
  return submissions.flatMap((submission) => {
    const found = seatOf({ said, proven, beacon, seatCount, submissions, submission, validator })
    if (found === undefined) return []
    const place: AskingSeat = { seat: found.seat, seatCount, windowsDrawn, isLastRound: round >= maxRounds }
    const { contributor, index } = submission
    return askedWindows(unpackEntry(found.entry), place).map((drawn) => ({
      taskId,
      round,
      contributor,
      drawn,
      window: replayWindow({ beacon, contributor, i: drawn, totalWindows }),
      page: pageProof(submissions, index),
      said: found.proof,
    }))
  })
}

type Looked = {
  said: Said
  proven: ProvenRound
  beacon: Hash
  seatCount: number
  submissions: readonly Submission[]
  submission: Submission
  validator: Address
}

/** The validator's seat over a submission, and its entry; undefined if it has none, or revealed nothing there. */
function seatOf({ said, proven, beacon, seatCount, submissions, submission, validator }: Looked) {
  const place = cohortPlace({ beacon, count: submissions.length, index: submission.index })
  const found = place === undefined ? undefined : findSheet(said, place.cohort)
  if (place === undefined || found === undefined) return undefined
  const { cohort, position } = place
  const { attempt, index, sheet } = found
  const own = validator.toLowerCase()
  const drawn = cohortSeats({ beacon, cohort, attempt, weights: proven.weights, committeeSize: seatCount })
  const seat = drawn.findIndex((at) => proven.proof.validators[at]?.toLowerCase() === own)
  if (seat < 0) return undefined
  const proof: SeatProof = {
    statement: statementOf(said, attempt),
    record: proven.proof,
    index: BigInt(index),
    member: BigInt(position),
  }
  return { seat, entry: entryAt(sheet, position), proof }
}

/** The request of one window. @throws AssayError `NothingWithheld` when the validator's sheet doesn't say so */
export function requestOf(
  requests: readonly WindowRequest[],
  of: { round: number; validator: Address; contributor: Address; window: number },
): WindowRequest {
  const { round, validator, contributor, window } = of
  const asked = requests.filter((one) => one.contributor.toLowerCase() === contributor.toLowerCase())
  const found = asked.find((one) => one.window === window)
  if (found !== undefined) return found
  const windows = asked.map((one) => one.window).join(', ') || 'none'
  throw new AssayError({
    name: 'NothingWithheld',
    values: { round, validator, contributor, window },
    message: `${validator} did not say in round ${round} that window ${window} of ${contributor} was withheld from it. It said so of: ${windows}.`,
    fix: 'Only a seat can ask, and for a window that its own sheet says was withheld.',
    kind: 'refused',
  })
}
