import { expect } from 'chai'
import fc from 'fast-check'
import { type Fees, freshFees, isStale, raisedFees } from './fees.ts'

const GWEI = 10n ** 9n
const policy = { priorityFeeWei: GWEI }
const aBaseFeeWei = fc.bigInt({ min: 0n, max: 10_000n * GWEI })
const someBaseFeesWei = fc.array(aBaseFeeWei, { minLength: 1, maxLength: 60 })
const aPolicy = fc.record({
  priorityFeeWei: fc.bigInt({ min: 1n, max: 100n * GWEI }),
  maxFeeWei: fc.option(fc.bigInt({ min: 1n, max: 1_000n * GWEI }), { nil: undefined }),
})

/** The highest fees that are ever offered, if no block includes the transaction. */
function raisedForEver(first: Fees, using: Parameters<typeof raisedFees>[1], baseFeeWei: bigint): Fees {
  const next = raisedFees(first, using, baseFeeWei)
  return next === undefined ? first : raisedForEver(next, using, baseFeeWei)
}

describe('fees', () => {
  it('begin with room for the base fee to double', () => {
    expect(freshFees(policy, 7n * GWEI)).to.deep.equal({ maxFeeWei: 15n * GWEI, priorityFeeWei: GWEI })
  })

  it('begin below a maximum, the tip too', () => {
    const tight = { ...policy, maxFeeWei: GWEI / 2n }
    expect(freshFees(tight, 7n * GWEI)).to.deep.equal({ maxFeeWei: GWEI / 2n, priorityFeeWei: GWEI / 2n })
    expect(freshFees({ ...policy, maxFeeWei: 100n * GWEI }, 7n * GWEI).maxFeeWei).to.equal(15n * GWEI)
  })

  it('rise by a quarter, the tip too, also below a maximum', () => {
    const old = freshFees(policy, 4n * GWEI)
    const raised = { maxFeeWei: (9n * GWEI * 5n) / 4n + 1n, priorityFeeWei: (GWEI * 5n) / 4n + 1n }
    expect(raisedFees(old, policy, 4n * GWEI)).to.deep.equal(raised)
    expect(raisedFees(old, { ...policy, maxFeeWei: 20n * GWEI }, 4n * GWEI)).to.deep.equal(raised)
  })

  it('rise at once to those of a first transaction after the base fee exploded', () => {
    expect(raisedFees(freshFees(policy, GWEI), policy, 100n * GWEI)?.maxFeeWei).to.equal(201n * GWEI)
  })

  it('end at ten times the base fee and the first tip', () => {
    const highest = raisedForEver(freshFees(policy, 3n * GWEI), policy, 3n * GWEI)
    expect(highest.maxFeeWei <= 40n * GWEI && highest.maxFeeWei > 30n * GWEI).to.equal(true)
    expect(highest.priorityFeeWei <= 13n * GWEI && highest.priorityFeeWei > 5n * GWEI).to.equal(true)
  })

  it('never pass their ceilings, and are high enough to replace the ones before', () => {
    fc.assert(
      fc.property(aPolicy, someBaseFeesWei, (using, baseFeesWei) => {
        let fees = freshFees(using, baseFeesWei[0]!)
        for (const baseFeeWei of baseFeesWei) {
          const next = raisedFees(fees, using, baseFeeWei)
          if (next === undefined) continue
          expect(next.maxFeeWei <= 10n * (baseFeeWei + using.priorityFeeWei)).to.equal(true)
          expect(next.maxFeeWei <= (using.maxFeeWei ?? next.maxFeeWei)).to.equal(true)
          expect(next.priorityFeeWei <= baseFeeWei + 10n * using.priorityFeeWei).to.equal(true)
          expect(next.priorityFeeWei <= next.maxFeeWei).to.equal(true)
          expect(10n * next.maxFeeWei >= 11n * fees.maxFeeWei).to.equal(true)
          expect(10n * next.priorityFeeWei >= 11n * fees.priorityFeeWei).to.equal(true)
          fees = next
        }
      }),
      { seed: 11, numRuns: 1_000 },
    )
  })

  it('always have room to follow a base fee that rose above them', () => {
    const aTipWei = fc.bigInt({ min: 1n, max: 100n * GWEI })
    fc.assert(
      fc.property(aTipWei, someBaseFeesWei, (priorityFeeWei, baseFeesWei) => {
        let fees = freshFees({ priorityFeeWei }, baseFeesWei[0]!)
        for (const baseFeeWei of baseFeesWei) {
          const next = raisedFees(fees, { priorityFeeWei }, baseFeeWei)
          if (fees.maxFeeWei < baseFeeWei) expect(next!.maxFeeWei >= 2n * baseFeeWei).to.equal(true)
          fees = next ?? fees
        }
      }),
      { seed: 12, numRuns: 1_000 },
    )
  })

  it('are stale when they differ by a quarter from those of a first transaction', () => {
    const old = freshFees(policy, 50n * GWEI)
    for (const baseFeeGwei of [40n, 45n, 55n, 62n])
      expect(isStale(old, policy, baseFeeGwei * GWEI)).to.equal(false)
    for (const baseFeeGwei of [0n, 39n, 64n, 900n])
      expect(isStale(old, policy, baseFeeGwei * GWEI)).to.equal(true)
  })
})
