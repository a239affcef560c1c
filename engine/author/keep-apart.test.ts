import { expect } from 'chai'
import { blobs, FEATURES, seedOf } from '../fixtures/small-tasks.ts'
import { featuresOf, withFeatures } from '../package/features.ts'
import { EngineRefusal } from '../refusal.ts'
import { keepApart } from './keep-apart.ts'

const pool = blobs(20, seedOf('pool'))
const shard = blobs(30, seedOf('shard'))
const shards = (one: typeof shard) =>
  new Map([
    ['the first shard', blobs(5, seedOf('first'))],
    ['the second shard', one],
  ])

/** The shard with a sample of the pool at a place of its own. */
function withSample(at: number, of: number, change = (value: number) => value): typeof shard {
  const x = featuresOf(shard).slice()
  x.set(
    featuresOf(pool)
      .subarray(of * FEATURES, (of + 1) * FEATURES)
      .map(change),
    at * FEATURES,
  )
  return withFeatures(shard, x)
}

describe('a pool and shards', () => {
  it('that share nothing are taken', () => {
    expect(() => keepApart(pool, shards(shard))).to.not.throw()
  })

  it('that share a sample are refused, with both places, whatever its label', () => {
    expect(() => keepApart(pool, shards(withSample(7, 3)))).to.throw(
      EngineRefusal,
      'sample 7 of the second shard is sample 3 of the held-out pool, and so are 0 others',
    )
  })

  it('are compared by value: zeros of both signs are alike, other values are not', () => {
    const zeros = withFeatures(pool, featuresOf(pool).slice().fill(0, 0, FEATURES))
    expect(() => keepApart(zeros, shards(withSample(7, 0, () => -0)))).to.throw(
      'sample 7 of the second shard',
    )
    expect(() => keepApart(zeros, shards(withSample(7, 0, () => 1e-45)))).to.not.throw()
  })
})
