import type { Hash } from '@assay/sdk/protocol/random.ts'
import { NEWCOMER, settleMember } from '@assay/sdk/protocol/settlement.ts'
import { expect } from 'chai'
import { type Behaviour, playTasks, type Task } from './held-pay.ts'

const SEED: Hash = `0x${'4e'.repeat(32)}`
const HELD = 10n ** 15n

describe('Held pay in expectation', () => {
  it('is, after the last audit, the share of the held rounds that was trained: over all orders of the draw', () => {
    for (let heldRounds = 1; heldRounds <= 6; heldRounds++) {
      for (let junk = 0; junk <= heldRounds; junk++) {
        for (const windows of [2, 3, 6]) {
          const released = ordersOf(heldRounds).map((order) => releasedIn(order, junk, windows))
          const mean = released.reduce((sum, one) => sum + one, 0n) / BigInt(released.length)
          const fair = (HELD * BigInt(heldRounds - junk)) / BigInt(heldRounds)
          const what = `${junk} of ${heldRounds} rounds junk, ${windows} windows`
          expect(Number(mean - fair), what).to.be.within(-1, 1)
        }
      }
    }
  })

  it('pays nobody more for a trained round than the honest, and did while the last audit was blind', () => {
    const task: Task = {
      rounds: 20,
      windowsDrawn: 6,
      computeShare: 0.5,
      qualityBps: 6_000,
      rarityBps: 10_000,
    }
    const untilTheLast: Behaviour = ({ number, isLast }) => isLast || number <= 12
    const each = (behaviour: Behaviour, more: Partial<Task> = {}) => {
      const { pay, trained } = playTasks({ ...task, ...more }, behaviour, SEED, 60)
      return pay / trained
    }
    const honest = each(() => true)
    expect(each(untilTheLast)).to.be.below(honest)
    expect(each(({ isLast, random }) => isLast || random() > 0.3)).to.be.below(honest)
    expect(each(untilTheLast, { isLastAuditBlind: true })).to.be.above(honest)
  })
})

/** What the last audit releases when the held rounds are drawn in this order; rounds below `junk` were not trained. */
function releasedIn(order: readonly number[], junk: number, windows: number): bigint {
  const missing = Array.from({ length: windows }, (_, i) => i % (order.length + 1)).filter(
    (turn) => turn > 0 && order[turn - 1]! < junk,
  ).length
  const found = {
    qualityBps: 0,
    rarityBps: 0,
    addedWindows: 0,
    askedWindows: windows,
    isUndecided: false,
    agrees: [],
  }
  const before = { ...NEWCOMER, judged: true, held: HELD, heldRounds: order.length }
  const price = { priceCompute: 0n, computeUnits: 1, priceData: 0n, dataUnits: 1, earlyBonusBps: 10_000 }
  return settleMember({ ...found, outcome: 'audited', withheldWindows: missing }, before, {
    ...price,
    windows,
    isLastRound: true,
  }).credited
}

function ordersOf(count: number): number[][] {
  if (count === 0) return [[]]
  return ordersOf(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, i) => [...order.slice(0, i), count - 1, ...order.slice(i)]),
  )
}
