import { lowerMedian } from '@assay/sdk/protocol/median.ts'
import * as reputation from '@assay/sdk/protocol/reputation.ts'
import * as words from '@assay/sdk/protocol/score-words.ts'
import type { Draws } from '../draws.ts'
import { type Case, UINT32, UINT256 } from './case.ts'

const NONE = UINT256
const CLASSES = ['audited', 'gateFailed', 'taskFault', 'notAudited']

export const scoreCases: readonly Case[] = [
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
      const [running, value, isJudged] = [d.number(0, 20_000), d.number(0, 20_000), d.number(0, 1) === 1]
      return {
        args: [running, value, isJudged],
        twin: () => [reputation.runningNext(running, value, isJudged)],
      }
    },
  },
  {
    name: 'provenNext',
    count: 300,
    draw: (d) => {
      const [proven, added, lost] = [d.number(0, 48, 7, 8, 9), d.number(0, 6), d.number(0, 36, 0, 6)]
      return { args: [proven, added, lost], twin: () => [reputation.provenNext(proven, added, lost)] }
    },
  },
  {
    name: 'keptBps',
    count: 100,
    draw: (d) => {
      const drawn = d.number(1, 6)
      const withheld = d.number(0, drawn)
      return { args: [withheld, drawn], twin: () => [reputation.keptBps(withheld, drawn)] }
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
      const [quality, windows] = [d.number(0, 16_383, 10_000, 16_380, 16_381, 16_382), d.number(0, 3)]
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

/** An entry with each field at, near or beyond its limits. */
function drawEntry(d: Draws): number {
  const quality = d.number(0, 16_383, 10_000, 10_001, 16_379, 16_380, 16_381)
  const rarity = d.number(0, 16_383, 10_000, 10_001)
  return quality + rarity * 2 ** 14 + d.number(0, 15) * 2 ** 28
}

function packWord(entries: readonly number[]): bigint {
  return entries.reduce((word, entry, j) => word | (BigInt(entry) << BigInt(32 * j)), 0n)
}
