/** Which windows a seat can ask for in court, by what it says in its sheet. The contract's side is `libraries/SeatEvidence.sol`. */
import { assignedWindows } from './sampling.ts'
import { MAX_QUALITY, type ScoreEntry, WITHHELD_BY_DISTANCE } from './score-words.ts'

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
  if (entry.quality > MAX_QUALITY) return []
  const isWithheld = (drawn: number) => {
    const distance = (seat + seatCount - (drawn % seatCount)) % seatCount
    if (distance === 0) return entry.windows === 0 && assignedWindows(windowsDrawn, seatCount, seat) > 0
    return (distance === 1 || distance === 2) && (entry.withheld & WITHHELD_BY_DISTANCE[distance]) !== 0
  }
  const last = isLastRound ? (windowsDrawn === 1 ? 0 : 1) : windowsDrawn
  return Array.from({ length: last }, (_, drawn) => drawn).filter(isWithheld)
}
