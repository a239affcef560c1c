import { expect } from 'chai'
import fc from 'fast-check'
import { packResult, type SettledMember, unpackResult } from './results.ts'

const pay = fc.bigInt({ min: 0n, max: 2n ** 80n - 1n })
const member: fc.Arbitrary<SettledMember> = fc.record({
  outcome: fc.constantFrom('audited', 'unaudited', 'failed'),
  provenWindows: fc.integer({ min: 0, max: 48 }),
  reputationBps: fc.integer({ min: 5_000, max: 15_000 }),
  qualityBps: fc.integer({ min: 0, max: 10_000 }),
  rarityBps: fc.integer({ min: 0, max: 20_000 }),
  computePay: pay,
  dataPay: pay,
})

describe('Results of a settlement', () => {
  it('read back what was written, in 224 bits', () => {
    fc.assert(
      fc.property(member, (result) => {
        const word = packResult(result)
        expect(word < 2n ** 224n).to.equal(true)
        expect(unpackResult(word)).to.deep.equal(result)
      }),
      { seed: 20_016, numRuns: 300 },
    )
  })

  it('have an outcome', () => {
    expect(() => unpackResult(0n)).to.throw(RangeError, '0x0 is no result')
    expect(() => unpackResult(5n)).to.throw(RangeError)
  })
})
