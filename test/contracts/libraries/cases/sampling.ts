import * as sampling from '@assay/sdk/protocol/sampling.ts'
import type { Draws } from '../draws.ts'
import { type Case, place } from './case.ts'

export const samplingCases: readonly Case[] = [
  {
    name: 'cohortCount',
    count: 200,
    draw: (d) => {
      const count = d.number(0, 8_192, 16, 17, 32, 33)
      return { args: [count], twin: () => [sampling.cohortCount(count)] }
    },
  },
  {
    name: 'cohortBounds',
    count: 500,
    draw: (d) => {
      const count = d.number(0, 8_192, 16, 17, 31, 32, 33)
      const cohort = d.number(0, Math.ceil(count / 16) + 1)
      return {
        args: [count, cohort],
        twin: () => Object.values(sampling.cohortBounds(count, cohort)),
      }
    },
  },
  {
    name: 'cohortsKey',
    count: 50,
    draw: (d) => {
      const beacon = d.hash()
      return { args: [beacon], twin: () => [sampling.cohortsKey(beacon)] }
    },
  },
  {
    name: 'permute',
    count: 1_200,
    draw: (d) => {
      const count = d.number(0, 8_192, 2, 3, 4, 5, 16, 17, 8_100, 8_101)
      const position = d.number(0, count)
      const key = d.hash()
      return { args: [position, count, key], twin: () => [sampling.permute(position, count, key)] }
    },
  },
  {
    name: 'gridOf',
    count: 500,
    draw: (d) => {
      const root = d.number(0, 2 ** 20 - 1)
      const count = Math.max(0, root ** 2 + d.number(-1, 1))
      return { args: [count], twin: () => Object.values(sampling.gridOf(count)) }
    },
  },
  {
    name: 'weightOf',
    count: 500,
    draw: (d) => {
      const minStake = d.bigint(0n, 2n ** 90n, 10n ** 18n, 3n)
      const least = minStake - minStake / 5n
      const edges = [least, least - 1n, minStake - 1n, minStake, 4n * minStake, 4n * minStake - 1n]
      const stake = d.bigint(0n, 5n * minStake, ...edges)
      return { args: [stake, minStake], twin: () => [sampling.weightOf(stake, minStake)] }
    },
  },
  {
    name: 'committeeSeed',
    count: 100,
    draw: (d) => {
      const [beacon, cohort, attempt] = [d.hash(), d.number(0, sampling.ROOT_COHORT), d.number(0, 1)]
      return {
        args: [beacon, cohort, attempt],
        twin: () => [sampling.committeeSeed(beacon, cohort, attempt)],
      }
    },
  },
  { name: 'drawCommittee', count: 1_200, draw: drawCommittee },
  {
    name: 'seatMask',
    count: 100,
    draw: (d) => {
      const seats = d.list(d.number(0, 15), () => d.number(0, 63))
      const mask = seats.reduce((bits, seat) => bits | (1n << BigInt(seat)), 0n)
      return { args: [packSeats(seats), seats.length], twin: () => [mask] }
    },
  },
  {
    name: 'auditProbabilityBps',
    count: 500,
    draw: (d) => {
      const [rho, seen, flagged] = [d.number(5_000, 15_000), d.number(0, 65_535, 8, 9, 10, 11), d.flag()]
      return {
        args: [rho, seen, flagged],
        twin: () => [sampling.auditProbabilityBps(rho, seen, flagged)],
      }
    },
  },
  {
    name: 'isAudited',
    count: 400,
    draw: (d) => {
      const [beacon, contributor] = [d.hash(), d.address()]
      const [reputationBps, seen, flagged] = [d.number(5_000, 15_000), d.number(0, 20), d.flag()]
      return {
        args: [beacon, contributor, reputationBps, seen, flagged],
        twin: () => [sampling.isAudited({ beacon, contributor, reputationBps, seen, flagged })],
      }
    },
  },
  {
    name: 'assignedWindows',
    count: 200,
    draw: (d) => {
      const seatCount = d.number(3, 15)
      const [windows, seat] = [d.number(0, 6), d.number(0, seatCount - 1)]
      return {
        args: [windows, seatCount, seat],
        twin: () => [sampling.assignedWindows(windows, seatCount, seat)],
      }
    },
  },
  {
    name: 'replayWindow',
    count: 300,
    draw: (d) => {
      const [beacon, contributor, totalWindows] = [d.hash(), d.address(), d.number(0, 65_535, 5, 6, 7)]
      const i = d.number(0, 5)
      return {
        args: [beacon, contributor, i, totalWindows],
        twin: () => [sampling.replayWindow({ beacon, contributor, i, totalWindows })],
      }
    },
  },
  {
    name: 'finalReplay',
    count: 300,
    draw: (d) => {
      const [beacon, contributor, totalWindows] = [d.hash(), d.address(), d.number(6, 65_535, 6, 7)]
      const [windowsDrawn, heldCount] = [d.number(1, 6), d.number(0, 128, 0, 1, 2, 5)]
      const i = d.number(0, windowsDrawn - 1)
      return {
        args: [beacon, contributor, i, windowsDrawn, totalWindows, heldCount],
        twin: () => {
          const at = { beacon, contributor, i, windowsDrawn, totalWindows, heldCount }
          const { held, window } = sampling.finalReplay(at)
          return [held === undefined ? 0 : held + 1, window]
        },
      }
    },
  },
  {
    name: 'personalSeed',
    count: 100,
    draw: (d) => {
      const at = { ...place(d), beacon: d.hash(), validator: d.address(), contributor: d.address() }
      return {
        args: [at.beacon, at.taskId, at.round, at.validator, at.contributor],
        twin: () => [sampling.personalSeed(at)],
      }
    },
  },
  {
    name: 'rootSeed',
    count: 100,
    draw: (d) => {
      const at = { ...place(d), beacon: d.hash(), validator: d.address() }
      return {
        args: [at.beacon, at.taskId, at.round, at.validator],
        twin: () => [sampling.rootSeed(at)],
      }
    },
  },
  {
    name: 'batchSeed',
    count: 100,
    draw: (d) => {
      const at = { ...place(d), previousBeacon: d.hash(), contributor: d.address() }
      return {
        args: [at.previousBeacon, at.taskId, at.round, at.contributor],
        twin: () => [sampling.batchSeed(at)],
      }
    },
  },
  {
    name: 'slotProbabilityBps',
    count: 300,
    draw: (d) => {
      const [enrolled, slots] = [d.number(0, 100_000, 8_192, 8_193), d.number(1, 8_192)]
      const reputationBps = d.number(5_000, 15_000)
      const reputationSum = d.number(0, 15_000 * (enrolled + 1))
      return {
        args: [reputationBps, reputationSum, slots, enrolled],
        twin: () => [sampling.slotProbabilityBps({ reputationBps, reputationSum, slots, enrolled })],
      }
    },
  },
  {
    name: 'isDrawnToSubmit',
    count: 300,
    draw: (d) => {
      const at = { ...place(d), previousBeacon: d.hash(), contributor: d.address() }
      const probabilityBps = d.number(0, 10_000)
      return {
        args: [at.previousBeacon, at.taskId, at.round, at.contributor, probabilityBps],
        twin: () => [sampling.isDrawnToSubmit({ ...at, probabilityBps })],
      }
    },
  },
]

function drawCommittee(d: Draws): ReturnType<Case['draw']> {
  const seatCount = d.number(3, 15, 5)
  const members = d.number(0, 64, seatCount, 2 * seatCount + 1)
  const weights = d.list(64, () => 0)
  for (const _ of d.list(members, () => 0)) weights[d.number(0, 63)] = d.number(0, 4_095, 256, 1_024)
  const excluded = d.flag() ? d.list(d.number(0, 15), () => d.number(0, 63)) : []
  const mask = excluded.reduce((bits, index) => bits | (1n << BigInt(index)), 0n)
  const seed = d.hash()
  const lanes = [0, 16, 32, 48].map((start) => packLanes(weights.slice(start, start + 16)))
  return {
    args: [seed, lanes, seatCount, mask],
    twin: () => [packSeats(sampling.drawCommittee({ seed, weights, seatCount, excluded }))],
  }
}

function packLanes(weights: readonly number[]): bigint {
  return weights.reduce((word, weight, i) => word | (BigInt(weight) << BigInt(16 * i)), 0n)
}

function packSeats(seats: readonly number[]): bigint {
  return seats.reduce((word, seat, j) => word | (BigInt(seat) << BigInt(8 * j)), 0n)
}
