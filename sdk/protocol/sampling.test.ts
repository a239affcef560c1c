import { expect } from 'chai'
import fc from 'fast-check'
import { deriveSeed, type Hash } from './random.ts'
import {
  auditProbabilityBps,
  cohortBounds,
  cohortCount,
  drawCommittee,
  gridOf,
  isAudited,
  isDrawnToSubmit,
  permutation,
  permute,
  replayWindow,
  SamplingError,
  slotProbabilityBps,
  weightOf,
} from './sampling.ts'

const SEED = 20_011
const hash = fc
  .bigInt({ min: 0n, max: 2n ** 256n - 1n })
  .map((n): Hash => `0x${n.toString(16).padStart(64, '0')}`)
const KEY = deriveSeed(`0x${'11'.repeat(32)}`, 'key')
const CONTRIBUTOR = '0x00000000000000000000000000000000000000c1'

describe('Permutation of submissions', () => {
  it('puts every submission at exactly one position', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), hash, (count, key) => {
        const at = permutation(count, key)
        const indices = Array.from({ length: count }, (_, position) => at(position))
        expect(new Set(indices).size).to.equal(count)
        expect(Math.min(...indices)).to.equal(0)
        expect(Math.max(...indices)).to.equal(count - 1)
      }),
      { seed: SEED, numRuns: 60 },
    )
  })

  it('differs from key to key', () => {
    const other = deriveSeed(KEY, 'other')
    const order = (key: Hash) =>
      Array.from({ length: 64 }, (_, position) => permute(position, 64, key)).join()
    expect(order(KEY)).to.not.equal(order(other))
  })

  it('refuses positions that do not exist', () => {
    for (const position of [-1, 16, 0.5, Number.NaN]) {
      expect(() => permute(position, 16, KEY)).to.throw(SamplingError, `position ${position} of 16`)
    }
    expect(() => permute(0, 0, KEY)).to.throw(SamplingError, "can't permute 0 positions")
    expect(() => permute(0, 2 ** 41, KEY)).to.throw(SamplingError)
  })

  it('walks on the smallest grid', () => {
    expect(gridOf(1)).to.deep.equal({ width: 1, height: 1 })
    expect(gridOf(16)).to.deep.equal({ width: 4, height: 4 })
    expect(gridOf(17)).to.deep.equal({ width: 5, height: 4 })
    expect(gridOf(2 ** 40)).to.deep.equal({ width: 2 ** 20, height: 2 ** 20 })
  })
})

describe('Cohorts', () => {
  it('cover all positions with sizes that differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8_192 }), (count) => {
        const bounds = Array.from({ length: cohortCount(count) }, (_, cohort) => cohortBounds(count, cohort))
        const sizes = bounds.map(({ size }) => size)
        expect(sizes.reduce((sum, size) => sum + size, 0)).to.equal(count)
        expect(Math.max(...sizes) - Math.min(...sizes)).to.be.at.most(1)
        expect(Math.max(...sizes)).to.be.at.most(16)
        bounds.slice(1).forEach(({ start }, i) => {
          expect(start).to.equal(bounds[i]!.start + bounds[i]!.size)
        })
      }),
      { seed: SEED, numRuns: 100 },
    )
  })

  it('refuse a number that no cohort has', () => {
    expect(() => cohortBounds(33, 3)).to.throw(SamplingError, 'cohort 3 of 3')
    expect(() => cohortBounds(0, 0)).to.throw(SamplingError, 'cohort 0 of 0')
    expect(() => cohortBounds(33, -1)).to.throw(SamplingError)
  })
})

describe('Committees', () => {
  const weight = fc.oneof(fc.constant(0), fc.integer({ min: 256, max: 1_024 }))
  const weights = fc.array(weight, { minLength: 31, maxLength: 64 })

  it('seat no one twice, nobody without weight and nobody excluded', () => {
    fc.assert(
      fc.property(
        hash,
        weights,
        fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 15 }),
        (seed, w, excluded) => {
          const eligible = w.filter((lane, i) => lane > 0 && !excluded.includes(i)).length
          fc.pre(eligible >= 5)
          const seats = drawCommittee({ seed, weights: w, seatCount: 5, excluded })
          expect(new Set(seats).size).to.equal(5)
          for (const index of seats) {
            expect(w[index]).to.be.above(0)
            expect(excluded).to.not.include(index)
          }
        },
      ),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('seat by weight', () => {
    const hits = [0, 0, 0]
    for (let draw = 0; draw < 2_000; draw++) {
      const [first] = drawCommittee({
        seed: deriveSeed(KEY, 'draw', BigInt(draw)),
        weights: [256, 256, 512],
        seatCount: 1,
      })
      hits[first!]!++
    }
    // Expected 500, 500, 1,000; deviations 19 and 22.
    expect(hits[0]).to.be.within(410, 590)
    expect(hits[1]).to.be.within(410, 590)
    expect(hits[2]).to.be.within(890, 1_110)
  })

  it('say how many seats could be drawn when there are too few', () => {
    const draw = { seed: KEY, weights: [256, 0, 300], seatCount: 3 }
    expect(() => drawCommittee(draw)).to.throw(SamplingError, 'drew 2 of 3 seats')
  })

  it('refuse what Solidity could not hold', () => {
    const draw = { seed: KEY, seatCount: 1 }
    expect(() => drawCommittee({ ...draw, weights: Array.from({ length: 65 }, () => 256) })).to.throw(
      '65 weights',
    )
    for (const bad of [-1, 1.5, 4_096]) {
      expect(() => drawCommittee({ ...draw, weights: [256, bad] })).to.throw(SamplingError, `weight ${bad}`)
    }
  })

  it('weigh stake up to four times the minimum', () => {
    expect(weightOf(79n, 100n)).to.equal(0)
    expect(weightOf(80n, 100n)).to.equal(204)
    expect(weightOf(99n, 100n)).to.equal(253)
    expect(weightOf(100n, 100n)).to.equal(256)
    expect(weightOf(399n, 100n)).to.equal(1_021)
    expect(weightOf(10n ** 30n, 100n)).to.equal(1_024)
    expect(() => weightOf(1n, 0n)).to.throw(SamplingError, 'must be positive')
  })
})

describe('Audits and replays', () => {
  it('audit newcomers always, the proven seldom, the flagged three times as often', () => {
    expect(auditProbabilityBps(15_000, 0, false)).to.equal(10_000)
    expect(auditProbabilityBps(5_000, 9, false)).to.equal(5_500)
    expect(auditProbabilityBps(5_000, 10, false)).to.equal(1_500)
    expect(auditProbabilityBps(5_000, 10, true)).to.equal(4_500)
    expect(auditProbabilityBps(15_000, 10, false)).to.equal(500)
  })

  it('audit as often as the probability says', () => {
    let audits = 0
    for (let i = 0; i < 4_000; i++) {
      const beacon = deriveSeed(KEY, 'beacon', BigInt(i))
      if (isAudited({ beacon, contributor: CONTRIBUTOR, reputationBps: 10_000, seen: 50, flagged: true }))
        audits++
    }
    // 30 % of 4,000, deviation 29.
    expect(audits).to.be.within(1_060, 1_340)
  })

  it('does not audit at the draw that equals the probability', () => {
    const word = BigInt(CONTRIBUTOR)
    const beacons = Array.from({ length: 60_000 }, (_, i): Hash => `0x${i.toString(16).padStart(64, '0')}`)
    const drawOf = (beacon: Hash) => Number(BigInt(deriveSeed(beacon, 'audit', word)) % 10_000n)
    const beacon = beacons.find((candidate) => drawOf(candidate) === 1_000)!
    const subject = { beacon, contributor: CONTRIBUTOR, seen: 50, flagged: false } as const
    expect(isAudited({ ...subject, reputationBps: 10_000 })).to.equal(false)
    expect(isAudited({ ...subject, reputationBps: 9_990 })).to.equal(true)
  })

  it('draw windows that differ', () => {
    const windows = Array.from({ length: 6 }, (_, i) =>
      replayWindow({ beacon: KEY, contributor: CONTRIBUTOR, i, totalWindows: 8 }),
    )
    expect(new Set(windows).size).to.equal(6)
  })
})

describe('Slots of a round', () => {
  it('are certain while there is room, else in proportion to reputation', () => {
    const crowd = { reputationBps: 10_000, reputationSum: 400_000, slots: 10, enrolled: 40 }
    expect(slotProbabilityBps(crowd)).to.equal(2_500)
    expect(slotProbabilityBps({ ...crowd, reputationBps: 15_000 })).to.equal(3_750)
    expect(slotProbabilityBps({ ...crowd, enrolled: 10 })).to.equal(10_000)
    expect(slotProbabilityBps({ ...crowd, slots: 39, reputationBps: 15_000 })).to.equal(10_000)
  })

  it('follow the previous beacon', () => {
    const place = { taskId: 1n, previousBeacon: KEY, contributor: CONTRIBUTOR } as const
    const rounds = Array.from({ length: 2_000 }, (_, i) => i + 1)
    const drawn = rounds.filter((round) => isDrawnToSubmit({ ...place, round, probabilityBps: 2_500 }))
    expect(drawn.length).to.be.within(400, 600)
    expect(isDrawnToSubmit({ ...place, round: 1, probabilityBps: 0 })).to.equal(false)
    expect(isDrawnToSubmit({ ...place, round: 1, probabilityBps: 10_000 })).to.equal(true)
  })
})
