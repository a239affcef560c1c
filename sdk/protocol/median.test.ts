import { expect } from 'chai'
import fc from 'fast-check'
import { lowerMedian } from './median.ts'

const SEED = 20_012

describe('Lower median', () => {
  it('lies between honest scores while they are more than half', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 15 })
    fc.assert(
      fc.property(scores, fc.array(fc.integer(), { maxLength: 14 }), (honest, attackers) => {
        const median = lowerMedian([...attackers.slice(0, honest.length - 1), ...honest])
        expect(median).to.be.within(Math.min(...honest), Math.max(...honest))
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  it('is the lower of the two in the middle, whatever the order', () => {
    expect(lowerMedian([9, 4])).to.equal(4)
    expect(lowerMedian([3, 1, 2, 4])).to.equal(2)
    expect(lowerMedian([5, 5, 1])).to.equal(5)
  })

  it('compares by value, also beyond 2^53', () => {
    expect(lowerMedian([10, 9, 100])).to.equal(10)
    expect(lowerMedian([2n ** 200n, 1n, 2n ** 199n])).to.equal(2n ** 199n)
  })

  it('leaves its input alone', () => {
    const values = [3, 1, 2]
    lowerMedian(values)
    expect(values).to.deep.equal([3, 1, 2])
  })

  it('refuses no values', () => {
    expect(() => lowerMedian([])).to.throw(RangeError, 'give at least one')
  })
})
