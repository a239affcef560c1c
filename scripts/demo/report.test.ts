import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { expect } from 'chai'
import {
  type Address,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
  parseEther,
  parseEventLogs,
  zeroHash,
} from 'viem'
import { partOf, type RoundsEvents, slashText } from './ledger.ts'
import { reportText } from './report.ts'
import type { DemoReport } from './report-types.ts'

const HONEST: Address = `0x${'1'.repeat(40)}`
const COPIER: Address = `0x${'2'.repeat(40)}`
const BUSY: Address = `0x${'3'.repeat(40)}`
const SILENT: Address = `0x${'4'.repeat(40)}`
const ROUNDS: Address = `0x${'5'.repeat(40)}`
/** Two transactions. */
const HERE: Hex = `0x${'6'.repeat(64)}`
const ELSEWHERE: Hex = `0x${'7'.repeat(64)}`
const MISSED = { name: 'missedDuty' } as const

const tokens = (amount: string) => String(parseEther(amount))

/** A run in which everything occurs that the tables can show. */
function madeUpReport(): DemoReport {
  const paid = { paidCompute: tokens('1234.567'), paidData: tokens('0.009'), submissions: 6 }
  return {
    slowStores: 0,
    seed: 1,
    seconds: 61.5,
    rounds: [
      { round: 1, status: 'final', accuracy: 0.8, centralizedAccuracy: 0.81255, gasUsed: 1_234_567 },
      { round: 2, status: 'void', accuracy: 0.8, centralizedAccuracy: 0.9, gasUsed: 89 },
    ],
    contributors: [
      { ...paid, address: HONEST, behaviour: 'honest', reputationBps: 9_250, slashed: '0' },
      { ...paid, address: COPIER, behaviour: 'copy', reputationBps: 0, slashed: tokens('5') },
    ],
    validators: [
      { address: BUSY, behaviour: 'honest', paidService: tokens('20'), uptimeBps: 10_000, slashed: '0' },
      { address: SILENT, behaviour: 'silent', paidService: '0', uptimeBps: 0, slashed: tokens('29.9') },
    ],
    cases: [
      {
        caseId: 1,
        kind: 'falseStep',
        round: 1,
        challenger: BUSY,
        defendant: COPIER,
        verdict: 'guilty',
        evidence: HERE,
        bond: tokens('20'),
        slashed: tokens('5'),
        reward: tokens('1.5'),
        feePerSeat: tokens('0.5'),
        jurors: [SILENT],
        appeals: 1,
      },
    ],
    funds: {
      funded: tokens('9000'),
      paid: tokens('5000'),
      refunded: tokens('3000'),
      remaining: tokens('1000'),
      reserved: '0',
    },
  }
}

/** The event by which a validator's missed duty is told. */
function dutyMissed(validator: Address, round: number, slashBps: bigint, transactionHash: Hex): RoundsEvents {
  const topics = encodeEventTopics({
    abi: iRoundsAbi,
    eventName: 'DutyMissed',
    args: { taskId: 1n, round, validator },
  })
  const data = encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [slashBps, 1n])
  const place = { address: ROUNDS, blockHash: zeroHash, transactionHash, removed: false }
  const log = {
    ...place,
    topics: topics as [Hex, ...Hex[]],
    data,
    blockNumber: 7n,
    logIndex: 0,
    transactionIndex: 0,
  }
  return parseEventLogs({ abi: iRoundsAbi, logs: [log] }) as RoundsEvents
}

describe('the demo: its report', () => {
  it('says who was slashed, and why, right under the table that the person is in', () => {
    const text = reportText(madeUpReport(), [
      { account: SILENT, taken: parseEther('10'), reason: 'missed its duty in round 1' },
      { account: COPIER, taken: parseEther('5'), reason: 'copied' },
      { account: SILENT, taken: parseEther('19.9'), reason: 'missed its duty in round 2' },
    ])
    expect(text).to.equal(`
2 rounds in 61.5 s (set-up apart)

round  status  accuracy  central        gas
1      final    80.00 %  81.25 %  1,234,567
2      void     80.00 %  90.00 %         89

contributor    behaviour  compute × quality  data × rarity  reputation  slashed  updates
0x111111…1111  honest              1,234.56           0.00        0.93     0.00        6
0x222222…2222  copy                1,234.56           0.00        0.00     5.00        6
0x222222…2222 lost 5.00 ASSAY of its stake: copied

validator      behaviour  service × uptime  uptime bonus  slashed
0x333333…3333  honest                20.00          1.00     0.00
0x444444…4444  silent                 0.00          0.00    29.90
0x444444…4444 lost 10.00 ASSAY of its stake: missed its duty in round 1
0x444444…4444 lost 19.90 ASSAY of its stake: missed its duty in round 2

cases
1. falseStep in round 1: 0x333333…3333 accused 0x222222…2222: guilty, 1 appeal
   slashed 5, reward 1.5, 0.5 a juror, bond 20 ASSAY
   evidence 0x666666…6666, jurors 0x444444…4444

funded 9,000.00 = paid 5,000.00 + refunded 3,000.00 + remaining 1,000.00 tokens (0.00 of it held back)`)
  })

  it('shows no such line in a run without a slash, and none of cases where there was none', () => {
    const calm = reportText({ ...madeUpReport(), cases: [] }, [])
    expect(calm).to.not.include('lost').and.not.include('cases')
  })

  it('takes a part of held pay as the same share of both terms, to the wei, and no more than is held', () => {
    const held = { compute: 10n, data: 5n }
    expect(partOf(HONEST, held, 15n)).to.deep.equal(held)
    expect(partOf(HONEST, held, 5n)).to.deep.equal({ compute: 3n, data: 2n })
    expect(partOf(HONEST, { compute: 0n, data: 0n }, 0n)).to.deep.equal({ compute: 0n, data: 0n })
    expect(() => partOf(HONEST, held, 16n)).to.throw('was to get or lose 16 wei of 15 wei')
  })

  it('tells a missed duty with the round and the share that its own transaction tells', () => {
    const events = [...dutyMissed(BUSY, 3, 100n, HERE), ...dutyMissed(SILENT, 3, 400n, HERE)]
    const text = (account: Address) => slashText(events, { account, reason: MISSED, transactionHash: HERE })
    expect(text(SILENT)).to.equal('missed its duty in round 3 (4 % of its reserve)')
    expect(text(BUSY)).to.equal('missed its duty in round 3 (1 % of its reserve)')
  })

  it('tells the reason alone when no event tells more', () => {
    const events = dutyMissed(SILENT, 3, 400n, HERE)
    const text = (account: Address, transactionHash: Hex) =>
      slashText(events, { account, reason: MISSED, transactionHash })
    expect(text(SILENT, ELSEWHERE)).to.equal('missed its duty')
    expect(text(COPIER, HERE)).to.equal('missed its duty')
  })

  it('takes no reason from another event', () => {
    const events = dutyMissed(SILENT, 3, 400n, HERE)
    const reason = { name: 'unknown', text: 'lost dispute' } as const
    expect(slashText(events, { account: SILENT, reason, transactionHash: HERE })).to.equal(
      '"lost dispute", a reason that this version does not know',
    )
  })
})
