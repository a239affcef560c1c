import { expect } from 'chai'
import { parseEther } from 'viem'
import { penaltyOf, penaltyShare, penaltySum, validatorBase } from './penalties.ts'

describe('What faults cost', () => {
  it('is a share of the base, of repeats all of it', () => {
    expect(penaltyShare('falseStep', 0)).to.equal(5_000)
    for (const kind of ['falseScore', 'falseAggregate', 'falseModel', 'passClaimed'] as const) {
      expect(penaltyShare(kind, 0)).to.equal(3_000)
      expect(penaltyShare(kind, 1)).to.equal(10_000)
    }
    expect([0, 1].map((before) => penaltyShare('twoStatements', before))).to.deep.equal([10_000, 10_000])
    expect(penaltyOf('falseStep', 101n, 0)).to.equal(50n)
  })

  it('of a validator is a share of the least stake times its frozen weight', () => {
    expect(validatorBase(parseEther('1000'), 256)).to.equal(parseEther('1000'))
    expect(validatorBase(parseEther('1000'), 1_024)).to.equal(parseEther('4000'))
    expect(penaltyOf('falseScore', validatorBase(parseEther('1000'), 1_024), 0)).to.equal(parseEther('1200'))
  })

  it('of a withheld opening, or an update that nobody can get, is always a tenth', () => {
    for (const kind of ['openingWithheld', 'updateUnavailable'] as const)
      expect([0, 1, 7].map((before) => penaltyShare(kind, before))).to.deep.equal([1_000, 1_000, 1_000])
  })

  it('of withheld windows doubles with each round, up to the base', () => {
    const shares = [0, 1, 2, 3, 4, 7].map((before) => penaltyShare('windowWithheld', before))
    expect(shares).to.deep.equal([1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  })

  it('counts what is less than eight rounds before', () => {
    const faults = (...rounds: number[]) => rounds.map((round) => ({ round, base: 1_000n }))
    expect(penaltySum('windowWithheld', faults(5, 8, 12))).to.equal(700n)
    expect(penaltySum('windowWithheld', faults(12, 5, 8))).to.equal(700n)
    expect(penaltySum('windowWithheld', faults(5, 8, 13))).to.equal(500n)
    expect(penaltySum('falseStep', faults(5, 12))).to.equal(1_500n)
    expect(penaltySum('falseStep', faults(5, 13))).to.equal(1_000n)
    expect(penaltySum('falseStep', [])).to.equal(0n)
  })
})
