/** Who works with whom in a round: cohorts, committees, replayed windows and audits, all from one beacon. */
import type { Address } from 'viem'
import type { Hash } from './random.ts'
import {
  cohortBounds,
  cohortCount,
  cohortsKey,
  committeeSeed,
  drawCommittee,
  finalReplay,
  isAudited,
  permutation,
  ROOT_COHORT,
} from './sampling.ts'

/** A sealed round: its beacon and the number of accepted submissions. */
export type SealedRound = { beacon: Hash; count: number }

/** Frozen weights by roster index, and the task's k. */
export type Electorate = { weights: readonly number[]; committeeSize: number }

/** All cohorts: `[cohort][position]` is a submission's index. */
export function assignCohorts(round: SealedRound): number[][] {
  return Array.from({ length: cohortCount(round.count) }, (_, cohort) => cohortMembers({ ...round, cohort }))
}

/** Submission indices of one cohort, in position order. */
export function cohortMembers(place: SealedRound & { cohort: number }): number[] {
  const { start, size } = cohortBounds(place.count, place.cohort)
  const submissionAt = permutation(place.count, cohortsKey(place.beacon))
  return Array.from({ length: size }, (_, j) => submissionAt(start + j))
}

/** Cohort and position in it of one submission; `undefined` when there is no such submission. */
export function cohortPlace(
  submission: SealedRound & { index: number },
): { cohort: number; position: number } | undefined {
  for (const [cohort, members] of assignCohorts(submission).entries()) {
    const position = members.indexOf(submission.index)
    if (position >= 0) return { cohort, position }
  }
  return undefined
}

/**
 * Roster indices of a cohort's seats. Attempt 1 leaves out all seats of attempt 0.
 *
 * @throws SamplingError when too few validators with weight are left.
 */
export function cohortSeats(draw: Electorate & { beacon: Hash; cohort: number; attempt: 0 | 1 }): number[] {
  const { beacon, cohort, attempt, weights, committeeSize: seatCount } = draw
  const first = drawCommittee({ seed: committeeSeed(beacon, cohort, 0), weights, seatCount })
  if (attempt === 0) return first
  return drawCommittee({ seed: committeeSeed(beacon, cohort, 1), weights, seatCount, excluded: first })
}

/** Roster indices of the root committee's seats. */
export function rootSeats(draw: Electorate & { beacon: Hash }): number[] {
  return cohortSeats({ ...draw, cohort: ROOT_COHORT, attempt: 0 })
}

/** The cohorts drawn for one roster index in an attempt, with its seat in each. */
export function dutiesOf(
  validator: SealedRound & Electorate & { attempt: 0 | 1; rosterIndex: number },
): { cohort: number; seat: number }[] {
  const { count, rosterIndex, ...draw } = validator
  return Array.from({ length: cohortCount(count) }, (_, cohort) => ({
    cohort,
    seat: cohortSeats({ ...draw, cohort }).indexOf(rosterIndex),
  })).filter(({ seat }) => seat >= 0)
}

/** What is replayed of one update. */
export type ReplayDraw = {
  beacon: Hash
  contributor: Address
  /** Windows drawn per audited update (the task's `replayWindows`). */
  windowsDrawn: number
  /** Windows of a round (the task's `windowsPerRound`). */
  totalWindows: number
  /** k. */
  seatCount: number
  /** In a task's last round: the rounds that pay of the contributor is held of, in their order. They are drawn from, too. */
  heldRounds?: readonly number[]
}

/** A window to replay. */
export type DrawnWindow = {
  window: number
  /** The held round that it is of; undefined for the round of the draw itself. */
  heldRound: number | undefined
}

/** The distinct windows to replay of one update and the seat that each falls to. */
export function replayAssignments(draw: ReplayDraw): (DrawnWindow & { seat: number })[] {
  const { heldRounds = [], totalWindows, seatCount } = draw
  const windowsDrawn = Math.min(draw.windowsDrawn, totalWindows)
  return Array.from({ length: windowsDrawn }, (_, i) => {
    const { held, window } = finalReplay({ ...draw, i, windowsDrawn, heldCount: heldRounds.length })
    return { window, heldRound: held === undefined ? undefined : heldRounds[held], seat: i % seatCount }
  })
}

/** Distances to the seats that look at a seat's windows, in places after it. */
const LOOKING_DISTANCES = [1, 2] as const

/** The seats that read a window: first the one that replays it, then those that look at it. */
export function windowReaders(seat: number, seatCount: number): number[] {
  return [0, ...LOOKING_DISTANCES].map((distance) => (seat + distance) % seatCount)
}

/** The windows of one update that a seat looks at, with the seat that replays them and how many places it stands before. */
export function looksOfSeat(
  draw: ReplayDraw & { seat: number },
): (DrawnWindow & { replayer: number; distance: 1 | 2 })[] {
  return LOOKING_DISTANCES.flatMap((distance) => {
    const replayer = (draw.seat - distance + draw.seatCount) % draw.seatCount
    return windowsOfSeat({ ...draw, seat: replayer }).map((drawn) => ({ ...drawn, replayer, distance }))
  })
}

/** The windows of one update that a seat must replay. */
export function windowsOfSeat({ seat, ...draw }: ReplayDraw & { seat: number }): DrawnWindow[] {
  return replayAssignments(draw)
    .filter((assignment) => assignment.seat === seat)
    .map(({ window, heldRound }) => ({ window, heldRound }))
}

/**
 * Which members of a cohort are audited, by their records before this round's settlement. In a task's last round all are,
 * because no later audit could release held pay.
 */
export function auditedMembers(draw: {
  beacon: Hash
  isLastRound: boolean
  members: readonly { contributor: Address; reputationBps: number; seen: number; flagged: boolean }[]
}): boolean[] {
  return draw.members.map((member) => draw.isLastRound || isAudited({ beacon: draw.beacon, ...member }))
}
