import { cohortSeats } from '@assay/sdk/protocol/cohorts.ts'
import { scoreCommitment } from '@assay/sdk/protocol/commitments.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { packSheet, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { expect } from 'chai'
import { type Address, zeroHash } from 'viem'
import { read, type Stage, send, setStage, TASK_ID, warpTo } from '../../benchmarks/gas/stage.ts'

/** EIP-7825: no transaction may ask for more. */
const MOST_GAS = 16_777_216
const MOST_SEATS = 15
/** Cohorts of a round with every slot taken. */
const MOST_COHORTS = 128
/** Cohorts that the oracle has drawn in one transaction. */
const REDRAWN_AT_ONCE = 64
/** A tenth of the largest round. Gas per cohort doesn't depend on the number of cohorts. */
const CONTRIBUTORS = 208
const COHORTS = 13
const SALT = deriveSeed(zeroHash, 'salt')

/**
 * A redraw of every cohort in a task's first round, where each slot of storage is new, with the largest committee. What the largest
 * round needs follows from two measurements: gas grows by the same amount with each cohort.
 */
describe('A redraw of every cohort of the largest task (attack 55)', function () {
  this.timeout(120_000)
  let stage: Stage
  let sheet: Sheet

  before(async () => {
    const seed = deriveSeed(zeroHash, 'redraw')
    stage = await setStage({
      seed,
      contributorCount: CONTRIBUTORS,
      validatorCount: 31,
      committeeSize: MOST_SEATS,
    })
    const keeper = stage.outsider.address
    await send(stage, keeper, 'rounds', 'openRound', [TASK_ID])
    const { submitEnd } = await read(stage, 'lens', 'roundOf', [TASK_ID])
    for (const { address } of stage.contributors)
      await send(stage, address, 'rounds', 'submit', [TASK_ID, SALT])
    await warpTo(stage, submitEnd)
    await send(stage, keeper, 'rounds', 'closeSubmissions', [TASK_ID])
    await stage.request('hardhat_mine', ['0x2'])
    await send(stage, keeper, 'rounds', 'seal', [TASK_ID])
    const { revealEnd } = await read(stage, 'lens', 'roundOf', [TASK_ID])
    await warpTo(stage, revealEnd)
    sheet = await largestSheet(stage)
  })

  it('needs several transactions when a seat reveals without drawing first', async () => {
    expect(await atLargest((cohorts) => revealGas(cohorts))).to.be.greaterThan(MOST_GAS)
  })

  it('fits into a transaction for the cohorts that the oracle has drawn at once', async () => {
    const gas = await atLargest((cohorts) => redrawGas(cohorts), REDRAWN_AT_ONCE)
    expect(gas).to.be.lessThan(MOST_GAS / 2)
  })

  it('leaves a reveal of all cohorts that fits into a transaction', async () => {
    const gas = await atLargest((cohorts) => revealGas(cohorts, { isDrawnBefore: true }))
    expect(gas).to.be.lessThan(MOST_GAS * 0.75)
  })

  /** Gas of a call for `count` cohorts, from that for one and for all of the stage. */
  async function atLargest(
    gasOf: (cohorts: number) => Promise<number>,
    count = MOST_COHORTS,
  ): Promise<number> {
    const most = sheet.cohorts.length
    const [one, all] = [await gasOf(1), await gasOf(most)]
    return one + ((all - one) * (count - 1)) / (most - 1)
  }

  async function redrawGas(count: number): Promise<number> {
    return await undone(() =>
      send(stage, sheet.validator, 'rounds', 'redrawCommittees', [TASK_ID, sheet.cohorts.slice(0, count)]),
    )
  }

  async function revealGas(count: number, { isDrawnBefore = false } = {}): Promise<number> {
    return await undone(async () => {
      const { redrawCommitEnd, round } = await read(stage, 'lens', 'roundOf', [TASK_ID])
      const { validator } = sheet
      const cohorts = sheet.cohorts.slice(0, count)
      const words = sheet.words.slice(0, 2 * count)
      if (isDrawnBefore) await send(stage, validator, 'rounds', 'redrawCommittees', [TASK_ID, cohorts])
      const place = { chainId: stage.chainId, rounds: stage.addresses.rounds, taskId: TASK_ID, round }
      const digest = scoreCommitment({ ...place, attempt: 1, validator, cohorts, words, salt: SALT })
      await send(stage, validator, 'rounds', 'commitScores', [TASK_ID, digest])
      await warpTo(stage, redrawCommitEnd)
      return await send(stage, validator, 'rounds', 'revealScores', [TASK_ID, cohorts, words, SALT])
    })
  }

  async function undone(act: () => Promise<number>): Promise<number> {
    const before = await stage.request('evm_snapshot', [])
    const gas = await act()
    await stage.request('evm_revert', [before])
    return gas
  }
})

type Sheet = { validator: Address; cohorts: number[]; words: bigint[] }

/** The sheet of the seat that the redraw gives the most cohorts. */
async function largestSheet(stage: Stage): Promise<Sheet> {
  const { beacon, cohorts: count } = await read(stage, 'lens', 'roundOf', [TASK_ID])
  const [roster, weights] = await read(stage, 'lens', 'rosterOf', [TASK_ID])
  const draws = Array.from({ length: count }, (_, cohort) =>
    cohortSeats({ beacon, weights, committeeSize: MOST_SEATS, cohort, attempt: 1 }),
  )
  const sheets = roster.map((validator, index) => ({
    validator: validator as Address,
    cohorts: draws.flatMap((seats, cohort) => (seats.includes(index) ? [cohort] : [])),
  }))
  const largest = sheets.sort((a, b) => b.cohorts.length - a.cohorts.length)[0]!
  expect(count).to.equal(COHORTS)
  expect(largest.cohorts.length).to.be.greaterThan(COHORTS / 2)
  const entries = Array.from({ length: 16 }, () => scoreEntry({ quality: 8_123, rarity: 10_077, windows: 1 }))
  return { ...largest, words: largest.cohorts.flatMap(() => packSheet(entries)) }
}
