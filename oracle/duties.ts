import { cohortSeats, dutiesOf } from '@assay/sdk/protocol/cohorts.ts'
import type { PhaseEnd } from '@assay/sdk/protocol/phases.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { clockOf, type DutyClock } from './deadlines.ts'

export type Attempt = 0 | 1

/** The sheet of one draw is to be committed to, or revealed. */
export type SheetDuty = DutyClock & { kind: 'commit' | 'reveal'; attempt: Attempt }

/** What a validator owes a round at one moment, and how much time there is for it. */
export type Duty = SheetDuty | (DutyClock & { kind: 'voteAggregates' | 'voteModel' })

/** The clock of a round: its phase and, in unix seconds, the ends of the phases that matter here. */
export type RoundClock = Pick<RoundState, 'phase'> & Partial<Pick<RoundState, PhaseEnd>>

/**
 * The duty of a phase, at most one.
 *
 * Evidence for the seats of a redraw is encrypted only once the redraw is known. So these seats wait for half of the
 * phase, and all of them judge by the same evidence, however fast each one is.
 *
 * @param timestamp of the current block, unix seconds
 */
export function dutyAt(round: RoundClock, timestamp: number): Duty | undefined {
  const between = (start: number | undefined, end: number | undefined) => clockOf({ start, end }, timestamp)
  const { openEnd, commitEnd, revealEnd, redrawCommitEnd, redrawRevealEnd, cohortVoteEnd, rootVoteEnd } =
    round
  switch (round.phase) {
    case 'Commit':
      return { kind: 'commit', attempt: 0, ...between(openEnd, commitEnd) }
    case 'Reveal':
      return { kind: 'reveal', attempt: 0, ...between(commitEnd, revealEnd) }
    case 'RedrawCommit':
      if (isFirstHalf(revealEnd, redrawCommitEnd, timestamp)) return undefined
      return { kind: 'commit', attempt: 1, ...between(revealEnd, redrawCommitEnd) }
    case 'RedrawReveal':
      return { kind: 'reveal', attempt: 1, ...between(redrawCommitEnd, redrawRevealEnd) }
    case 'CohortVote':
      return { kind: 'voteAggregates', ...between(startOfVotes(round), cohortVoteEnd) }
    case 'RootVote':
      return { kind: 'voteModel', ...between(cohortVoteEnd, rootVoteEnd) }
    default:
      return undefined
  }
}

/** The votes on aggregates get as much time as those on the model after them. */
function startOfVotes({ cohortVoteEnd, rootVoteEnd }: RoundClock): number | undefined {
  if (cohortVoteEnd === undefined || rootVoteEnd === undefined) return undefined
  return 2 * cohortVoteEnd - rootVoteEnd
}

function isFirstHalf(start: number | undefined, end: number | undefined, timestamp: number): boolean {
  if (start === undefined || end === undefined) return false
  return timestamp - start < (end - start) / 2
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
