import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { AssayError } from '../../client/errors.ts'
import { type AskingSeat, askedWindows } from '../../protocol/asked-windows.ts'
import { cohortPlace, cohortSeats } from '../../protocol/cohorts.ts'
import { pageProof } from '../../protocol/page-proof.ts'
import type { Hash } from '../../protocol/random.ts'
import { replayWindow } from '../../protocol/sampling.ts'
import { entryAt, type ScoreEntry, unpackEntry } from '../../protocol/score-words.ts'
import { readSealedBeacon } from '../rounds/read-round-basis.ts'
import { readSubmissions, type Submission } from '../rounds/read-submissions.ts'
import { readTaskParams } from '../tasks/read-task-params.ts'
import { type ProvenRound, readRoundProof } from './read-round-proof.ts'
import { findSheet, readSaid, type Said, statementOf } from './read-statement.ts'
import type { RequestWindowParameters, SeatProof, SecondSeat } from './request-window.ts'

/** A window that a seat said was withheld from it, and all that proves it; with a second seat that said so, if there is one. */
export type WindowRequest = Omit<RequestWindowParameters, 'bond'> & {
  /** Its number in the training. */
  window: number
}

/**
 * The windows of a closed round that a validator's seats said were withheld from them, with all that proves it, from the round's events.
 * What the two other seats of each window said is looked up, too.
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
  const [submissions, beacon, params] = await Promise.all([
    readSubmissions(reader, { taskId, round, span: proven.span }),
    readSealedBeacon(reader, { taskId, round }),
    readTaskParams(reader, { taskId }),
  ])
  const { committeeSize: seatCount, replayWindows, windowsPerRound: totalWindows, maxRounds } = params
  const draw = {
    seatCount,
    windowsDrawn: Math.min(replayWindows, totalWindows),
    isLastRound: round >= maxRounds,
  }
  const closed: ClosedRound = { proven, beacon, submissions, draw }
  const others = new Map<Address, Promise<Said>>()
  const readOther = (other: Address) => {
    const reading = others.get(other) ?? readSaid(reader, { taskId, round, validator: other })
    others.set(other, reading)
    return reading
  }
  const asked = submissions.flatMap((submission) => {
    const found = seatOf(closed, { said, submission, validator })
    if (found === undefined) return []
    return askedWindows(found.entry, { ...draw, seat: found.seat }).map((drawn) => ({
      submission,
      found,
      drawn,
    }))
  })
  return Promise.all(
    asked.map(async ({ submission: { contributor, index }, found, drawn }) => ({
      taskId,
      round,
      contributor,
      drawn,
      window: replayWindow({ beacon, contributor, i: drawn, totalWindows }),
      page: pageProof(submissions, index),
      said: found.proof,
      second: await secondSeatOf(found, { drawn, draw, readOther }),
    })),
  )
}

type ClosedRound = {
  proven: ProvenRound
  beacon: Hash
  submissions: readonly Submission[]
  draw: Omit<AskingSeat, 'seat'>
}

/** A validator's seat over a submission, and who else sits there. */
type FoundSeat = {
  seat: number
  entry: ScoreEntry
  proof: SeatProof
  committee: readonly Address[]
  cohort: number
}

/** The validator's seat over a submission, and its entry; undefined if it has none, or revealed nothing there. */
function seatOf(
  { proven, beacon, submissions, draw }: ClosedRound,
  { said, submission, validator }: { said: Said; submission: Submission; validator: Address },
): FoundSeat | undefined {
  const place = cohortPlace({ beacon, count: submissions.length, index: submission.index })
  const found = place === undefined ? undefined : findSheet(said, place.cohort)
  if (place === undefined || found === undefined) return undefined
  const { cohort, position } = place
  const { attempt, index, sheet } = found
  const drawn = cohortSeats({
    beacon,
    cohort,
    attempt,
    weights: proven.weights,
    committeeSize: draw.seatCount,
  })
  const committee = drawn.map((at) => proven.proof.validators[at]!)
  const seat = committee.findIndex((one) => one.toLowerCase() === validator.toLowerCase())
  if (seat < 0) return undefined
  const proof: SeatProof = {
    statement: statementOf(said, attempt),
    record: proven.proof,
    index: BigInt(index),
    member: BigInt(position),
  }
  return { seat, entry: unpackEntry(entryAt(sheet, position)), proof, committee, cohort }
}

type Others = { drawn: number; draw: ClosedRound['draw']; readOther: (validator: Address) => Promise<Said> }

/** The first of the two other seats that had to read a window and said in the same attempt that it was withheld, if any did. */
async function secondSeatOf(
  { seat: own, proof, committee, cohort }: FoundSeat,
  { drawn, draw, readOther }: Others,
): Promise<SecondSeat | undefined> {
  const { attempt } = proof.statement
  for (const distance of [0, 1, 2]) {
    const seat = (drawn + distance) % draw.seatCount
    const validator = committee[seat]
    if (seat === own || validator === undefined) continue
    const said = await readOther(validator)
    const found = findSheet(said, cohort)
    if (found === undefined || found.attempt !== attempt) continue
    const entry = unpackEntry(entryAt(found.sheet, Number(proof.member)))
    if (askedWindows(entry, { ...draw, seat }).includes(drawn))
      return { validator, statement: statementOf(said, found.attempt), index: BigInt(found.index) }
  }
  return undefined
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
