import { expect } from 'chai'
import fc from 'fast-check'
import {
  contributorPay,
  earlyBonusBps,
  type Inputs,
  largestRoundCost,
  PROVEN_FRACTIONS_BPS,
  provenFractionBps,
  validatorPay,
} from './reward-formula.ts'

const SEED = 20_014
const price = fc.bigInt({ min: 0n, max: 2n ** 96n - 1n })
const units = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const inputs: fc.Arbitrary<Inputs> = fc.record({
  priceCompute: price,
  computeUnits: units,
  provenBps: fc.integer({ min: 0, max: 9_394 }),
  qualityBps: fc.integer({ min: 0, max: 10_000 }),
  priceData: price,
  dataUnits: units,
  rarityBps: fc.integer({ min: 0, max: 20_000 }),
  reputationBps: fc.integer({ min: 5_000, max: 15_000 }),
  earlyBonusBps: fc.integer({ min: 10_000, max: 20_000 }),
})

describe('Contributor pay', () => {
  it('is the formula, in units', () => {
    // 1.2 · 1.5 · (10 · 1,000 · 0.8 · 0.9 + 3 · 50 · 1.4)
    const example: Inputs = {
      priceCompute: 10n,
      computeUnits: 1_000,
      provenBps: 8_000,
      qualityBps: 9_000,
      priceData: 3n,
      dataUnits: 50,
      rarityBps: 14_000,
      reputationBps: 12_000,
      earlyBonusBps: 15_000,
    }
    expect(contributorPay(example)).to.deep.equal({ computePay: 12_960n, dataPay: 378n })
  })

  it('is zero without quality, and each part without its factors', () => {
    fc.assert(
      fc.property(inputs, (t) => {
        expect(contributorPay({ ...t, qualityBps: 0 })).to.deep.equal({ computePay: 0n, dataPay: 0n })
        expect(contributorPay({ ...t, provenBps: 0 }).computePay).to.equal(0n)
        expect(contributorPay({ ...t, rarityBps: 0 }).dataPay).to.equal(0n)
      }),
      { seed: SEED, numRuns: 200 },
    )
  })

  it('never falls when an input rises', () => {
    const names = [
      'computeUnits',
      'provenBps',
      'qualityBps',
      'dataUnits',
      'rarityBps',
      'reputationBps',
      'earlyBonusBps',
    ] as const
    fc.assert(
      fc.property(inputs, fc.constantFrom(...names), fc.integer({ min: 1, max: 10_000 }), (t, name, by) => {
        const [before, after] = [contributorPay(t), contributorPay({ ...t, [name]: t[name] + by })]
        expect(after.computePay >= before.computePay && after.dataPay >= before.dataPay).to.equal(true)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  it('gains nothing by splitting data among identities', () => {
    fc.assert(
      fc.property(inputs, fc.double({ min: 0, max: 1, noNaN: true }), (t, share) => {
        const part = Math.floor(t.dataUnits * share)
        const pay = (dataUnits: number) => contributorPay({ ...t, dataUnits }).dataPay
        const sum = pay(part) + pay(t.dataUnits - part)
        expect(sum <= pay(t.dataUnits) && sum + 1n >= pay(t.dataUnits)).to.equal(true)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })
})

describe('Proven fraction', () => {
  it('is the exact root of 0.05, rounded down', () => {
    expect(PROVEN_FRACTIONS_BPS).to.have.length(49)
    expect(PROVEN_FRACTIONS_BPS[0]).to.equal(0)
    for (let m = 1; m <= 48; m++) {
      const x = BigInt(provenFractionBps(m))
      const power = BigInt(m)
      expect(20n * x ** power <= 10_000n ** power, `ℓ(${m}) too high`).to.equal(true)
      expect(20n * (x + 1n) ** power > 10_000n ** power, `ℓ(${m}) too low`).to.equal(true)
    }
  })

  it('is what a 95 % lower bound says', () => {
    expect([1, 2, 6, 48].map(provenFractionBps)).to.deep.equal([500, 2_236, 6_069, 9_394])
  })

  it('refuses more windows than are pooled', () => {
    for (const proven of [49, -1, 1.5])
      expect(() => provenFractionBps(proven)).to.throw(RangeError, `${proven} proven`)
  })
})

describe('Early bonus', () => {
  it('falls linearly to one', () => {
    const at = (round: number) => earlyBonusBps(20_000, 4, round)
    expect([1, 2, 3, 4, 5, 99].map(at)).to.deep.equal([20_000, 17_500, 15_000, 12_500, 10_000, 10_000])
    expect(earlyBonusBps(20_000, 0, 1)).to.equal(10_000)
    expect(() => earlyBonusBps(20_000, 4, 0)).to.throw(RangeError, 'rounds count from 1')
  })
})

describe('Cost of a round', () => {
  it('covers every slot and every entry at the highest pay', () => {
    const limits = fc.record({
      slots: fc.integer({ min: 1, max: 8_192 }),
      committeeSize: fc.integer({ min: 3, max: 15 }),
      earlyBonusBps: fc.integer({ min: 10_000, max: 20_000 }),
      priceCompute: price,
      computeUnits: units,
      priceData: price,
      dataUnits: units,
      priceValidation: price,
    })
    fc.assert(
      fc.property(limits, (l) => {
        const best = { provenBps: 10_000, qualityBps: 10_000, rarityBps: 20_000, reputationBps: 15_000 }
        const { computePay, dataPay } = contributorPay({ ...l, ...best })
        const service = validatorPay(l.priceValidation, l.slots * l.committeeSize * 2, 12_000)
        expect(largestRoundCost(l) >= BigInt(l.slots) * (computePay + dataPay) + service).to.equal(true)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('is what the page says', () => {
    const limits = {
      slots: 20,
      committeeSize: 5,
      earlyBonusBps: 10_000,
      priceCompute: 10n,
      computeUnits: 100,
      priceData: 1n,
      dataUnits: 50,
      priceValidation: 1n,
    }
    // 20 · 1.5 · (10 · 100 + 2 · 50) + 2 cohorts · 16 · 5 · 2 · 1.2
    expect(largestRoundCost(limits)).to.equal(33_000n + 384n)
  })
})
