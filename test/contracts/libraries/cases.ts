import { pageDigest, scoreCommitment, submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { lowerMedian } from '@assay/sdk/protocol/median.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import * as reputation from '@assay/sdk/protocol/reputation.ts'
import * as formula from '@assay/sdk/protocol/reward-formula.ts'
import * as sampling from '@assay/sdk/protocol/sampling.ts'
import * as words from '@assay/sdk/protocol/score-words.ts'
import type { Draws } from './draws.ts'
import { storageCases } from './storage-cases.ts'

/** One function of the libraries: how its arguments are drawn, and what TypeScript says about them. */
export type Case = {
  name: string
  count: number
  /** The arguments for Solidity, and a twin that is run on the same ones. A throw of it must be a revert there. */
  draw: (draws: Draws) => { args: unknown[]; twin: () => unknown[] }
}

const UINT32 = 2n ** 32n - 1n
const UINT64 = 2n ** 64n - 1n
const UINT96 = 2n ** 96n - 1n
const UINT256 = 2n ** 256n - 1n
const NONE = UINT256
const CLASSES = ['audited', 'gateFailed', 'notAudited']

const place = (d: Draws) => ({ taskId: d.bigint(0n, UINT64), round: d.number(0, Number(UINT32)) })

const samplingCases: Case[] = [
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

const scoreCases: Case[] = [
  {
    name: 'lowerMedian',
    count: 800,
    draw: (d) => {
      const values = d.list(d.number(0, 15, 3, 5, 11), () => d.bigint(0n, d.bigint(1n, UINT256, 3n)))
      const count = d.number(0, values.length + 1, values.length)
      return {
        args: [values, count],
        twin: () => {
          if (count > values.length) throw new RangeError(`${count} of ${values.length} values`)
          return [lowerMedian(values.slice(0, count))]
        },
      }
    },
  },
  {
    name: 'nextReputation',
    count: 500,
    draw: (d) => {
      const [rho, q] = [d.number(5_000, 15_000, 10_000), d.number(0, 10_000, 5_000)]
      return { args: [rho, q], twin: () => [reputation.nextReputation(rho, q)] }
    },
  },
  {
    name: 'runningNext',
    count: 400,
    draw: (d) => {
      const [running, value, seen] = [d.number(0, 20_000), d.number(0, 20_000), d.number(0, 65_535, 0, 1)]
      return { args: [running, value, seen], twin: () => [reputation.runningNext(running, value, seen)] }
    },
  },
  {
    name: 'provenNext',
    count: 300,
    draw: (d) => {
      const [proven, added] = [d.number(0, 48, 7, 8, 9), d.number(0, 6)]
      return { args: [proven, added], twin: () => [reputation.provenNext(proven, added)] }
    },
  },
  {
    name: 'decayedSum',
    count: 200,
    draw: (d) => {
      const [sum, fresh] = [d.number(0, 2 ** 31, 7, 8), d.number(0, 1_025)]
      return { args: [sum, fresh], twin: () => [reputation.decayedSum(sum, fresh)] }
    },
  },
  {
    name: 'uptimeBps',
    count: 500,
    draw: (d) => {
      const dutySum = d.number(0, 2 ** 24, 10_000)
      const done = d.number(0, dutySum, ...[0.8, 0.9, 0.95].map((share) => Math.floor(dutySum * share)))
      const dutyTotal = d.number(0, 65_535, 9, 10, 11)
      return {
        args: [dutySum, done, dutyTotal],
        twin: () => [reputation.uptimeBps(dutySum, done, dutyTotal)],
      }
    },
  },
  {
    name: 'entryAt',
    count: 200,
    draw: (d) => {
      const [sheet, j] = [[d.bigint(0n, UINT256), d.bigint(0n, UINT256)] as const, d.number(0, 15, 7, 8)]
      return { args: [...sheet, j], twin: () => [words.entryAt(sheet, j)] }
    },
  },
  {
    name: 'unpack',
    count: 200,
    draw: (d) => {
      const entry = d.number(0, Number(UINT32))
      return { args: [entry], twin: () => Object.values(words.unpackEntry(entry)) }
    },
  },
  {
    name: 'classOf',
    count: 500,
    draw: (d) => {
      const [quality, windows] = [d.number(0, 16_383, 10_000, 16_381, 16_382), d.number(0, 7)]
      return {
        args: [quality, windows],
        twin: () => [CLASSES.indexOf(words.entryClass({ quality, windows }))],
      }
    },
  },
  {
    name: 'isValid',
    count: 300,
    draw: (d) => {
      const entry = drawEntry(d)
      return { args: [entry], twin: () => [words.isValidEntry(entry)] }
    },
  },
  {
    name: 'firstInvalid',
    count: 400,
    draw: (d) => {
      const size = d.number(1, 16)
      const entries = d.list(16, () => d.number(0, 10_000)).map((entry, j) => (j < size ? entry : 0))
      const spoilt = d.number(0, 31)
      if (spoilt < 16) entries[spoilt] = drawEntry(d)
      const sheet = [packWord(entries.slice(0, 8)), packWord(entries.slice(8))] as const
      return {
        args: [...sheet, size],
        twin: () => [words.firstInvalid(sheet, size) ?? NONE],
      }
    },
  },
]

const payCases: Case[] = [
  {
    name: 'provenFractionBps',
    count: 100,
    draw: (d) => {
      const proven = d.number(0, 50)
      return { args: [proven], twin: () => [formula.provenFractionBps(proven)] }
    },
  },
  {
    name: 'earlyBonusBps',
    count: 300,
    draw: (d) => {
      const [bonus, rounds] = [d.number(10_000, 20_000), d.number(0, 65_535)]
      const round = d.number(1, rounds + 2)
      return { args: [bonus, rounds, round], twin: () => [formula.earlyBonusBps(bonus, rounds, round)] }
    },
  },
  {
    name: 'contributorPay',
    count: 1_000,
    draw: (d) => {
      const terms: formula.Terms = {
        priceCompute: d.bigint(0n, UINT96),
        computeUnits: d.number(0, Number(UINT32)),
        provenBps: d.number(0, 9_394),
        qualityBps: d.number(0, 10_000),
        priceData: d.bigint(0n, UINT96),
        dataUnits: d.number(0, Number(UINT32)),
        rarityBps: d.number(0, 20_000),
        reputationBps: d.number(5_000, 15_000),
        earlyBonusBps: d.number(10_000, 20_000),
      }
      return { args: [Object.values(terms)], twin: () => Object.values(formula.contributorPay(terms)) }
    },
  },
  {
    name: 'validatorPay',
    count: 200,
    draw: (d) => {
      const [price, entries, uptime] = [
        d.bigint(0n, UINT96),
        d.number(0, Number(UINT32)),
        d.number(0, 12_000),
      ]
      return {
        args: [price, entries, uptime],
        twin: () => [formula.validatorPay(price, entries, uptime)],
      }
    },
  },
  {
    name: 'largestRoundCost',
    count: 300,
    draw: (d) => {
      const limits: formula.Limits = {
        slots: d.number(0, 65_535, 16, 17),
        committeeSize: d.number(3, 15),
        earlyBonusBps: d.number(10_000, 20_000),
        priceCompute: d.bigint(0n, UINT96),
        computeUnits: d.number(0, Number(UINT32)),
        priceData: d.bigint(0n, UINT96),
        dataUnits: d.number(0, Number(UINT32)),
        priceValidation: d.bigint(0n, UINT96),
      }
      return { args: [Object.values(limits)], twin: () => [formula.largestRoundCost(limits)] }
    },
  },
]

const digestCases: Case[] = [
  { name: 'submissionCommitment', count: 200, draw: drawSubmission },
  {
    name: 'pageDigest',
    count: 100,
    draw: (d) => {
      const page = d.list(d.number(0, 32), () => ({ contributor: d.address(), commitment: d.hash() }))
      return {
        args: [page.map(({ contributor }) => contributor), page.map(({ commitment }) => commitment)],
        twin: () => [pageDigest(page)],
      }
    },
  },
  { name: 'scoreCommitment', count: 200, draw: drawScores },
]

/** All functions that Solidity and TypeScript share. */
export const CASES: readonly Case[] = [
  ...samplingCases,
  ...scoreCases,
  ...payCases,
  ...storageCases,
  ...digestCases,
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

function drawSubmission(d: Draws): ReturnType<Case['draw']> {
  const content = {
    ...place(d),
    chainId: d.number(1, 2 ** 48),
    rounds: d.address(),
    contributor: d.address(),
    baseModelHash: d.hash(),
    updateHash: d.hash(),
    stateRoot: d.hash(),
    steps: d.number(0, Number(UINT32)),
    dataRoot: d.hash(),
    salt: d.hash(),
  }
  const { chainId, rounds, taskId, round, contributor, steps, salt } = content
  const hashes: Hash[] = [content.baseModelHash, content.updateHash, content.stateRoot, content.dataRoot]
  return {
    args: [chainId, rounds, taskId, round, contributor, hashes, steps, salt],
    twin: () => [submissionCommitment(content)],
  }
}

function drawScores(d: Draws): ReturnType<Case['draw']> {
  const cohorts = d.list(d.number(0, 12), () => d.number(0, 511))
  const content = {
    ...place(d),
    chainId: d.number(1, 2 ** 48),
    rounds: d.address(),
    attempt: (d.flag() ? 1 : 0) as 0 | 1,
    validator: d.address(),
    cohorts,
    words: d.list(2 * cohorts.length, () => d.bigint(0n, UINT256)),
    salt: d.hash(),
  }
  const { chainId, rounds, taskId, round, attempt, validator, words, salt } = content
  return {
    args: [chainId, rounds, taskId, round, attempt, validator, cohorts, words, salt],
    twin: () => [scoreCommitment(content)],
  }
}

/** An entry with each field at, near or beyond its limits. */
function drawEntry(d: Draws): number {
  const quality = d.number(0, 16_383, 10_000, 10_001, 16_381, 16_382)
  const rarity = d.number(0, 32_767, 20_000, 20_001)
  return quality + rarity * 2 ** 14 + d.number(0, 7) * 2 ** 29
}

function packWord(entries: readonly number[]): bigint {
  return entries.reduce((word, entry, j) => word | (BigInt(entry) << BigInt(32 * j)), 0n)
}

function packLanes(weights: readonly number[]): bigint {
  return weights.reduce((word, weight, i) => word | (BigInt(weight) << BigInt(16 * i)), 0n)
}

function packSeats(seats: readonly number[]): bigint {
  return seats.reduce((word, seat, j) => word | (BigInt(seat) << BigInt(8 * j)), 0n)
}
