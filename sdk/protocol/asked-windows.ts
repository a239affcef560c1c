/** What a seat says of windows in its sheet, for the court. The contract's side is `libraries/SeatEvidence.sol`. */
import { assignedWindows } from './sampling.ts'
import { isFromAudit, type ScoreEntry, TASK_FAULT, WITHHELD_BY_DISTANCE } from './score-words.ts'

/** A seat of a committee, and how many windows were drawn of the update. */
export type AskingSeat = { seat: number; seatCount: number; windowsDrawn: number; isLastRound: boolean }

/**
 * The drawn windows, counted from 0, that a seat's entry says were withheld: the seat's own where it replayed none of them, and those
 * of the two seats before it that it names. One that replayed some of its windows doesn't say which are missing. In a task's last round
 * the others may be of held rounds, and only the first of several can be asked for.
 *
 * @example askedWindows(scoreEntry({ windows: 0, withheld: 3 }), { seat: 2, seatCount: 3, windowsDrawn: 3, isLastRound: false }) // [0, 1, 2]
 */
export function askedWindows(entry: ScoreEntry, place: AskingSeat): number[] {
  const { seat, seatCount, windowsDrawn, isLastRound } = place
  if (!isFromAudit(entry)) return []
  const isWithheld = (drawn: number) => {
    const distance = (seat + seatCount - (drawn % seatCount)) % seatCount
    if (distance === 0) return entry.windows === 0 && assignedWindows(windowsDrawn, seatCount, seat) > 0
    return (distance === 1 || distance === 2) && (entry.withheld & WITHHELD_BY_DISTANCE[distance]) !== 0
  }
  const last = isLastRound ? (windowsDrawn === 1 ? 0 : 1) : windowsDrawn
  return Array.from({ length: last }, (_, drawn) => drawn).filter(isWithheld)
}

/**
 * Whether a seat claims to have replayed a drawn window without a miss: it had to replay it, and says that it replayed all that it had.
 * In a task's last round that is known of the first of several windows alone.
 */
export function claimsPass(entry: ScoreEntry, { drawn, ...place }: AskingSeat & { drawn: number }): boolean {
  const { seat, seatCount, windowsDrawn, isLastRound } = place
  if (isLastRound && (drawn !== 0 || windowsDrawn === 1)) return false
  if (!isFromAudit(entry) && entry.quality !== TASK_FAULT) return false
  return drawn % seatCount === seat && entry.windows === assignedWindows(windowsDrawn, seatCount, seat)
}
