import { cohortSeats, dutiesOf } from '@assay/sdk/protocol/cohorts.ts'
import type { Phase } from '@assay/sdk/protocol/phases.ts'

export type Attempt = 0 | 1

/** The sheet of one draw is due. */
export type CommitDuty = {
  kind: 'commit'
  attempt: Attempt
  /** No more waiting for a store that doesn't answer. */
  lastCall: boolean
  /** Until commitments are no longer taken. */
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
 * In the redraw evidence is encrypted to new seats only once the redraw is known, so its seats wait for half of the phase: everybody
 * then judges by what was there in time, however fast he is. `lastCall` begins with the last quarter of a commit phase.
 *
 * @param timestamp of the block looked at, unix seconds
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

/** The draw of a sealed round: all that decides who sits where. */
export type Draw = { beacon: `0x${string}`; count: number; weights: number[]; committeeSize: number }

/** A seat of a validator: which cohort, and which number in its committee. */
export type Seat = { cohort: number; seat: number }

/** The cohorts drawn for a roster index, by the functions that the contract uses too. */
export function seatsAt(draw: Draw, attempt: Attempt, rosterIndex: number | undefined): Seat[] {
  if (rosterIndex === undefined || draw.count === 0) return []
  return dutiesOf({ ...draw, attempt, rosterIndex })
}

/** Whether a cohort is one for the second draw: its first committee did not bring a majority together. */
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
