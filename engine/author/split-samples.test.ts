import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import type { Dataset } from '../package/data.ts'
import { EngineRefusal } from '../refusal.ts'
import { keepApart } from './keep-apart.ts'
import { dealShards, splitPool } from './split-samples.ts'

const SEED: Hash = deriveSeed(`0x${'00'.repeat(32)}`, 'split')

/** Samples with one feature each, and classes 0 to 2 of different sizes. */
function samples(n: number, feature = (i: number) => i): Dataset {
  const numbers = Array.from({ length: n }, (_, i) => i)
  return {
    inputs: { x: Float32Array.from(numbers, feature) },
    y: Int32Array.from(numbers, (i) => (i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2)),
    n,
  }
}

const countsOf = ({ y }: Dataset) => [0, 1, 2].map((label) => y.filter((one) => one === label).length)

describe('samples that are dealt', () => {
  const split = (of: Dataset, changes: { share?: number; most?: number; seed?: Hash } = {}) =>
    splitPool(of, { strata: of.y, share: 0.2, most: 1000, seed: SEED, ...changes })

  it('go to the pool in the same share of each stratum, each to one side', () => {
    const whole = samples(100)
    const { pool, rest } = split(whole)
    expect(countsOf(pool)).to.deep.equal([12, 6, 2])
    expect(countsOf(rest)).to.deep.equal([48, 24, 8])
    const all = [...pool.inputs.x!, ...rest.inputs.x!].sort((a, b) => a - b)
    expect(all).to.deep.equal([...whole.inputs.x!])
  })

  it('follow from the seed alone', () => {
    const whole = samples(60)
    expect(split(whole)).to.deep.equal(split(whole))
    expect(split(whole, { seed: deriveSeed(SEED, 'other') }).pool.inputs).to.not.deep.equal(
      split(whole).pool.inputs,
    )
  })

  it('make no larger pool than is asked for', () => {
    expect(split(samples(100), { most: 10 }).pool.n).to.equal(10)
    expect(split(samples(100), { share: 0.99 }).pool.n).to.be.below(100)
  })

  it('stay on one side with their equals', () => {
    const { pool, rest } = split(
      samples(100, (i) => Math.floor(i / 4)),
      { share: 0.5 },
    )
    expect(pool.n + rest.n).to.equal(100)
    keepApart(pool, new Map([['rest', rest]]))
  })

  it('leave somebody without any only with a sentence', () => {
    expect(() => split(samples(1))).to.throw(EngineRefusal, 'of 1 samples none is left for the held-out pool')
    expect(() => dealShards(samples(3), 4, SEED)).to.throw(EngineRefusal, "3 samples can't be dealt to 4")
  })

  it('go evenly to contributors, each to one', () => {
    const shards = dealShards(samples(11), 3, SEED)
    expect(shards.map(({ n }) => n)).to.deep.equal([4, 4, 3])
    const all = shards.flatMap(({ inputs }) => [...inputs.x!]).sort((a, b) => a - b)
    expect(all).to.deep.equal(Array.from({ length: 11 }, (_, i) => i))
  })
})
