import { cohortSeats, dutiesOf } from '@assay/sdk/protocol/cohorts.ts'
import type { Phase } from '@assay/sdk/protocol/phases.ts'

export type Attempt = 0 | 1

/** The commitment to the sheet of one draw is due. */
export type CommitDuty = {
  kind: 'commit'
  attempt: Attempt
  /** Time is short: a store that doesn't answer is no longer waited for. */
  lastCall: boolean
  /** Seconds until the phase ends. */
  secondsLeft: number
}

/** What a validator owes a round at one moment. */
export type Duty =
  | CommitDuty
  | { kind: 'reveal'; attempt: Attempt }
  | { kind: 'voteAggregates' }
  | { kind: 'voteModel' }

/** The clock of a round: its phase and, in unix seconds, the ends of the phases that matter here. */
export type RoundClock = {
  phase: Phase
  openEnd?: number | undefined
  commitEnd?: number | undefined
  revealEnd?: number | undefined
  redrawCommitEnd?: number | undefined
}

/**
 * The duty of a phase, at most one.
 *
 * Evidence for the seats of a redraw is encrypted only once the redraw is known. So these seats wait for half of the
 * phase, and all of them judge by the same evidence, however fast each one is. `lastCall` holds in the last quarter of
 * a commit phase.
 *
 * @param timestamp of the current block, unix seconds
 */
export function dutyAt(round: RoundClock, timestamp: number): Duty | undefined {
  switch (round.phase) {
    case 'Commit':
      return commitDuty(0, round.openEnd, round.commitEnd, timestamp)
    case 'Reveal':
      return { kind: 'reveal', attempt: 0 }
    case 'RedrawCommit':
      if (!isPast(0.5, round.revealEnd, round.redrawCommitEnd, timestamp)) return undefined
      return commitDuty(1, round.revealEnd, round.redrawCommitEnd, timestamp)
    case 'RedrawReveal':
      return { kind: 'reveal', attempt: 1 }
    case 'CohortVote':
      return { kind: 'voteAggregates' }
    case 'RootVote':
      return { kind: 'voteModel' }
    default:
      return undefined
  }
}

function commitDuty(
  attempt: Attempt,
  start: number | undefined,
  end: number | undefined,
  timestamp: number,
): CommitDuty {
  const secondsLeft = Math.max(0, (end ?? timestamp) - timestamp)
  return { kind: 'commit', attempt, lastCall: isPast(0.75, start, end, timestamp), secondsLeft }
}

function isPast(
  share: number,
  start: number | undefined,
  end: number | undefined,
  timestamp: number,
): boolean {
  if (start === undefined || end === undefined) return true
  return timestamp - start >= share * (end - start)
}

/** The draw of a sealed round: everything that decides who sits where. */
export type Draw = { beacon: `0x${string}`; count: number; weights: number[]; committeeSize: number }

/** A validator's seat: its cohort, and its number in that cohort's committee. */
export type Seat = { cohort: number; seat: number }

/** The seats drawn for a roster index, by the same functions as in the contract. */
export function seatsAt(draw: Draw, attempt: Attempt, rosterIndex: number | undefined): Seat[] {
  if (rosterIndex === undefined || draw.count === 0) return []
  return dutiesOf({ ...draw, attempt, rosterIndex })
}

/** Whether a cohort is drawn again, because too few seats of its first committee revealed. */
export function needsRedraw(
  cohort: { attempt: number; revealed: number; settled: boolean },
  committeeSize: number,
): boolean {
  if (cohort.settled) return false
  return cohort.attempt === 1 || 2 * cohort.revealed <= committeeSize
}

/** Roster indices of a cohort's committee, by seat. */
export function committeeOf(draw: Draw, cohort: number, attempt: Attempt): number[] {
  return cohortSeats({ ...draw, cohort, attempt })
}
