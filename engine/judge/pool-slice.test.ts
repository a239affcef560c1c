import { expect } from 'chai'
import { sampleSpecOf, seedOf } from '../fixtures/small-tasks.ts'
import type { Dataset } from '../package/data.ts'
import { featuresOf } from '../package/features.ts'
import { slicePool } from './pool-slice.ts'

const place = { beacon: seedOf('beacon'), taskId: 3n, round: 5 }

/** A pool whose only feature is a sample's place; every fortieth sample is of class 1, two are of class 2. */
function poolOf(n: number): Dataset {
  return {
    n,
    inputs: { x: Float32Array.from({ length: n }, (_, i) => i) },
    y: Int32Array.from({ length: n }, (_, i) => (i < 2 ? 2 : i % 40 === 0 ? 1 : 0)),
  }
}
const spec = { personalSamples: 100, ...sampleSpecOf(1, 3) }
const counts = ({ y }: Dataset) => [0, 1, 2].map((label) => y.filter((one) => one === label).length)

describe("a round's slice of the held-out pool", () => {
  it('is the whole pool below four personal samples', () => {
    const pool = poolOf(399)
    expect(slicePool(pool, spec, place)).to.deep.equal({ samples: pool, pool })
  })

  it('holds two personal samples from there on, each stratum in its share, rare ones with eight at least', () => {
    for (const n of [400, 1_000, 4_000]) {
      const pool = poolOf(n)
      const slice = slicePool(pool, spec, place)
      const { samples } = slice
      const ones = counts(pool)[1]!
      const rare = Math.min(ones, Math.max(8, Math.floor((ones * 200) / n)))
      expect(counts(samples), `${n}`).to.deep.equal([Math.floor((counts(pool)[0]! * 200) / n), rare, 2])
      expect(slice.pool).to.equal(pool)
    }
  })

  it('has whole samples of the pool, none twice, in its order', () => {
    const { samples } = slicePool(poolOf(1_000), spec, place)
    const places = [...featuresOf(samples)]
    expect(new Set(places).size).to.equal(samples.n)
    expect(places).to.deep.equal(places.toSorted((a, b) => a - b))
    const pool = poolOf(1_000)
    for (const [i, at] of places.entries()) expect(samples.y[i]).to.equal(pool.y[at])
  })

  it('is the same each time, and another one with another beacon, task or round', () => {
    const drawn = (change: object) =>
      `${featuresOf(slicePool(poolOf(1_000), spec, { ...place, ...change }).samples)}`
    const others = [{}, { beacon: seedOf('other') }, { taskId: 4n }, { round: 6 }].map(drawn)
    expect(drawn({})).to.equal(others[0])
    expect(new Set(others).size).to.equal(4)
    // Fixed for good: validators of one round must draw the same samples.
    const first = featuresOf(slicePool(poolOf(1_000), spec, place).samples).slice(0, 12)
    expect([...first]).to.deep.equal([0, 1, 5, 9, 10, 16, 22, 30, 36, 40, 41, 44])
  })

  it('reaches every sample of the pool over the rounds', () => {
    const seen = new Set<number>()
    for (let round = 1; round <= 60; round++)
      for (const at of featuresOf(slicePool(poolOf(1_000), spec, { ...place, round }).samples)) seen.add(at)
    expect(seen.size).to.equal(1_000)
  })
})
