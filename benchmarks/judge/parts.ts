/** What is measured, and how often a round takes it. */
import {
  assignCohorts,
  auditedMembers,
  cohortSeats,
  rootSeats,
  windowReaders,
} from '@assay/sdk/protocol/cohorts.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { assignedWindows, MIN_WEIGHT } from '@assay/sdk/protocol/sampling.ts'
import type { Address } from 'viem'

/** Contributors' parts; the first is what all others are compared with. */
export const CONTRIBUTOR_PARTS = {
  training: 'training: batches drawn, steps',
  trace: 'hashes of states, trace on disk',
  opening: 'update and opening, signed and stored',
  evidence: 'evidence of a window, sealed to three readers',
} as const

/** Validators' parts. */
export const VALIDATOR_PARTS = {
  model: 'base model read',
  learn: 'S2: an opening read for its hash',
  update: 'S0, S1: opening and update read and hashed',
  reference: 'S4: reference update trained',
  windowRead: 'S5: evidence of a window read and proven',
  replay: 'S5: a window trained again',
  copies: "S5: a window's samples compared with the pool",
  look: 'S5: evidence looked at for another seat',
  targets: "S5: the base model on an update's shown samples",
  similarity: 'S2: a cohort compared with itself and five steps',
  quality: 'S4: an update evaluated',
  aggregate: "a cohort's aggregate, updates read again",
  step: 'the next model: step search, guard S6',
} as const

export type ValidatorPart = keyof typeof VALIDATOR_PARTS
export type Part = keyof typeof CONTRIBUTOR_PARTS | ValidatorPart

/** Who takes part, and how contributors' records stand. */
export type Crowd = {
  contributors: number
  validators: number
  committeeSize: number
  windows: number
  replayWindows: number
  /** ρ of every contributor, and the rounds that it was seen in: they fix how often it is audited. */
  reputationBps: number
  seen: number
}

/** Openings that an oracle reads at most, to find repeats: see oracle/draw-up.ts. */
const MOST_OPENINGS_READ = 256
/** Beacons over which a round's draws are averaged. */
const BEACONS = 20

/** How often all validators or contributors together do each part in a round, and the share of updates that is audited. */
export type Times = { times: Record<Part, number>; audited: number; seats: number }

/** The mean over many beacons, by the protocol's own draws. */
export function timesOf(crowd: Crowd, seed: Hash): Times {
  const rounds = Array.from({ length: BEACONS }, (_, i) =>
    timesAt(crowd, deriveSeed(seed, 'beacon', BigInt(i))),
  )
  const mean = (of: (one: Times) => number) => rounds.reduce((sum, one) => sum + of(one), 0) / BEACONS
  const parts = [...Object.keys(CONTRIBUTOR_PARTS), ...Object.keys(VALIDATOR_PARTS)] as Part[]
  const times = Object.fromEntries(parts.map((part) => [part, mean((one) => one.times[part])]))
  return {
    times: times as Record<Part, number>,
    audited: mean(({ audited }) => audited),
    seats: mean(({ seats }) => seats),
  }
}

/** What a seat of one cohort does. */
type SeatWork = { rosterIndex: number; members: number; audited: number; replays: number; looks: number }

function timesAt(crowd: Crowd, beacon: Hash): Times {
  const { contributors: count, validators, replayWindows } = crowd
  const electorate = { weights: weightsOf(crowd), committeeSize: crowd.committeeSize }
  const seats = assignCohorts({ beacon, count }).flatMap((members, cohort) => {
    const audited = auditsOf(crowd, beacon, members.map(addressOf)).filter((is) => is).length
    return cohortSeats({ beacon, cohort, attempt: 0, ...electorate }).map((rosterIndex, seat) => ({
      rosterIndex,
      members: members.length,
      audited,
      ...windowsOf(crowd, { seat, audited }),
    }))
  })
  const sum = (of: (seat: SeatWork) => number) => seats.reduce((total, seat) => total + of(seat), 0)
  const judges = new Set(seats.map(({ rosterIndex }) => rosterIndex)).size
  const audited = sum((seat) => seat.audited) / crowd.committeeSize
  const [replays, looks] = [sum((seat) => seat.replays), sum((seat) => seat.looks)]
  return {
    audited: audited / count,
    seats: seats.length,
    times: {
      training: count,
      trace: count,
      opening: count,
      evidence: audited * replayWindows,
      model: validators,
      learn: judges * Math.min(count, MOST_OPENINGS_READ),
      update: sum((seat) => seat.members),
      reference: judges,
      windowRead: replays,
      replay: replays,
      copies: replays,
      look: looks,
      targets: sum((seat) => seat.audited),
      similarity: seats.length,
      quality: sum((seat) => seat.audited),
      aggregate: seats.length,
      step: rootSeats({ beacon, ...electorate }).length,
    },
  }
}

/** Everybody stakes the minimum. */
export function weightsOf({ validators }: Pick<Crowd, 'validators'>): number[] {
  return Array.from({ length: validators }, () => MIN_WEIGHT)
}

function auditsOf({ reputationBps, seen }: Crowd, beacon: Hash, accounts: readonly Address[]): boolean[] {
  const members = accounts.map((contributor) => ({ contributor, reputationBps, seen, flagged: false }))
  return auditedMembers({ beacon, isLastRound: false, members })
}

/** Windows of audited updates that a seat replays, and those that it looks at for others. */
function windowsOf(
  { windows, replayWindows, committeeSize }: Crowd,
  { seat, audited }: { seat: number; audited: number },
): Pick<SeatWork, 'replays' | 'looks'> {
  const drawn = Math.min(replayWindows, windows)
  const read = Array.from({ length: committeeSize }, (_, replayer) => replayer)
    .filter((replayer) => windowReaders(replayer, committeeSize).includes(seat))
    .reduce((sum, replayer) => sum + assignedWindows(drawn, committeeSize, replayer), 0)
  const replays = audited * assignedWindows(drawn, committeeSize, seat)
  return { replays, looks: audited * read - replays }
}

function addressOf(index: number): Address {
  return `0x${(index + 1).toString(16).padStart(40, '0')}`
}
