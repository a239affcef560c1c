import { nextMaturity, rolledBuckets } from '@assay/sdk/protocol/money-views.ts'
import * as slots from '@assay/sdk/protocol/rounds-slots.ts'
import { ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { EARNINGS_WORD, packWord, type WordValues } from '@assay/sdk/protocol/words.ts'
import type { Draws } from '../draws.ts'
import { type Case, UINT32, UINT64 } from './case.ts'

const slotCases: Case[] = [
  {
    name: 'slotOfTask',
    count: 60,
    draw: (d) => {
      const { name, variable, taskId } = variableOfTask(d)
      return { args: [variable, taskId], twin: () => [slots.ofTask(name, taskId)] }
    },
  },
  {
    name: 'slotOfAccount',
    count: 60,
    draw: (d) => {
      const { name, variable, taskId } = variableOfTask(d)
      const account = d.address()
      return { args: [variable, taskId, account], twin: () => [slots.ofAccount(name, taskId, account)] }
    },
  },
  {
    name: 'slotOfPlace',
    count: 60,
    draw: (d) => {
      const { name, variable, taskId } = variableOfTask(d)
      const at = d.bigint(0n, 2n ** 37n, UINT32)
      return { args: [variable, taskId, at], twin: () => [slots.ofKey(name, taskId, at)] }
    },
  },
  {
    name: 'slotOfSheet',
    count: 60,
    draw: (d) => {
      const taskId = d.bigint(0n, UINT64)
      const validator = d.address()
      const at = d.number(0, 15)
      return { args: [taskId, validator, at], twin: () => [slots.ofSheet(taskId, validator, at)] }
    },
  },
  {
    name: 'placesOfRound',
    count: 60,
    draw: (d) => {
      const round = d.number(0, Number(UINT32), 3, 4, 7, 8)
      const page = d.number(0, 255)
      const attempt = d.number(0, 1)
      return {
        args: [round, page, attempt],
        twin: () => [
          slots.beaconKey(round),
          slots.closingKey(round),
          slots.pageKey(round, page),
          slots.sheetKey(round, attempt),
        ],
      }
    },
  },
  {
    name: 'placesOfSeat',
    count: 60,
    draw: (d) => {
      const cohort = d.number(0, ROOT_COHORT, 127)
      const seat = d.number(0, slots.MOST_SEATS - 1)
      return {
        args: [cohort, seat],
        twin: () => [slots.scoreKey(cohort, seat), slots.voteKey(cohort, seat)],
      }
    },
  },
]

const earningsCases: Case[] = [
  {
    name: 'rolledEarnings',
    count: 300,
    draw: (d) => {
      const buckets = drawBuckets(d)
      const epoch = buckets.epoch + d.bigint(0n, 2n ** 17n, 2n, 2n ** 16n, 2n ** 16n + 1n)
      return {
        args: [packWord(EARNINGS_WORD, buckets), epoch],
        // Packing refuses what has no room, as Solidity does.
        twin: () => [packWord(EARNINGS_WORD, rolledBuckets(buckets, epoch))],
      }
    },
  },
  {
    name: 'nextMaturity',
    count: 100,
    draw: (d) => {
      const buckets = drawBuckets(d)
      const seconds = d.number(1, 2 ** 34)
      const time = d.number(0, 2 ** 40 - 1, seconds)
      return {
        args: [packWord(EARNINGS_WORD, buckets), seconds, time],
        twin: () => [nextMaturity(buckets, seconds, time) ?? 0],
      }
    },
  },
]

/** Where Rounds keeps what, and words that change with time. */
export const storageCases: readonly Case[] = [...slotCases, ...earningsCases]

function variableOfTask(d: Draws) {
  const entries = Object.entries(slots.VARIABLES) as [slots.RoundsVariable, bigint][]
  const [name, variable] = entries[d.number(0, entries.length - 1)]!
  return { name, variable, taskId: d.bigint(0n, UINT64) }
}

/** Earnings of which every bucket may be empty or as full as it can be. */
function drawBuckets(d: Draws): WordValues<typeof EARNINGS_WORD> {
  const amount = () => (d.flag() ? d.bigint(0n, 2n ** 78n, 1n) : d.bigint(0n, 2n ** 80n - 1n))
  return {
    claimable: amount(),
    current: amount(),
    previous: amount(),
    epoch: d.bigint(0n, 2n ** 16n - 1n),
  }
}
