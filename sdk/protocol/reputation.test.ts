import { expect } from 'chai'
import fc from 'fast-check'
import { decayedSum, keptBps, nextReputation, provenNext, runningNext, uptimeBps } from './reputation.ts'

const SEED = 20_013
const rho = fc.integer({ min: 5_000, max: 15_000 })
const quality = fc.integer({ min: 0, max: 10_000 })

describe('Reputation', () => {
  it('stays in its bounds and moves an eighth of the way', () => {
    fc.assert(
      fc.property(rho, quality, (before, q) => {
        const after = nextReputation(before, q)
        expect(after).to.be.within(5_000, 15_000)
        const way = 5_000 + q - before
        expect(after - before).to.equal(Math.trunc(way / 8))
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  it('never falls when quality rises', () => {
    fc.assert(
      fc.property(rho, quality, quality, (before, a, b) => {
        const [worse, better] = a < b ? [a, b] : [b, a]
        expect(nextReputation(before, better)).to.be.at.least(nextReputation(before, worse))
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  it('takes a first running score as it is and follows later ones', () => {
    expect(runningNext(123, 8_000, false)).to.equal(8_000)
    expect(runningNext(8_000, 8_007, true)).to.equal(8_001)
    expect(runningNext(8_000, 7_993, true)).to.equal(7_999)
    expect(runningNext(8_000, 8_003, true)).to.equal(8_000)
  })

  it('forgets an eighth of the proven windows, at least one, and keeps 48 at most', () => {
    expect(provenNext(0, 6, 0)).to.equal(6)
    expect(provenNext(1, 0, 0)).to.equal(0)
    expect(provenNext(9, 0, 0)).to.equal(7)
    expect(provenNext(48, 6, 0)).to.equal(48)
  })

  it('loses a whole audit of proven windows for each withheld one, and never falls below none', () => {
    expect(provenNext(41, 5, 6)).to.equal(34)
    expect(provenNext(8, 3, 18)).to.equal(0)
  })

  it('keeps what 1.2 times the share of withheld windows leaves', () => {
    expect([0, 1, 2, 3, 4, 5, 6].map((withheld) => keptBps(withheld, 6))).to.deep.equal([
      10_000, 8_000, 6_000, 4_000, 2_000, 0, 0,
    ])
    expect(keptBps(1, 1)).to.equal(0)
  })
})

describe('Uptime', () => {
  it('counts from ten duties on', () => {
    expect(uptimeBps(9 * 256, 0, 9)).to.equal(10_000)
    expect(uptimeBps(10 * 256, 0, 10)).to.equal(0)
    expect(uptimeBps(0, 0, 10)).to.equal(10_000)
  })

  it('is nothing below 80 %, one up to 90 %, and up to 1.2 above', () => {
    const at = (share: number) => uptimeBps(10_000, share, 20)
    expect([7_999, 8_000, 9_000, 9_500, 10_000].map(at)).to.deep.equal([0, 10_000, 10_000, 11_000, 12_000])
  })

  it('remembers less and less', () => {
    expect(decayedSum(0, 3)).to.equal(768)
    expect(decayedSum(768, 0)).to.equal(672)
    expect(decayedSum(7, 1)).to.equal(263)
  })

  it('never counts more done than due', () => {
    const rounds = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 1_025 }), fc.double({ min: 0, max: 1, noNaN: true })),
    )
    fc.assert(
      fc.property(rounds, (history) => {
        let [due, done] = [0, 0]
        for (const [duties, share] of history) {
          due = decayedSum(due, duties)
          done = decayedSum(done, Math.floor(duties * share))
          expect(done).to.be.at.most(due)
        }
      }),
      { seed: SEED, numRuns: 200 },
    )
  })
})
