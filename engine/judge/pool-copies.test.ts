import { drawIndices } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { sampleSpecOf, seedOf } from '../fixtures/small-tasks.ts'
import { type Dataset, joinSamples, subset } from '../package/data.ts'
import { featuresOf, withFeatures } from '../package/features.ts'
import {
  areClose,
  areCopies,
  boundsOf,
  compareWithPool,
  indexPool,
  likenessOf,
  type PoolIndex,
  rankAll,
} from './pool-copies.ts'

const FEATURES = 100
const CLASSES = 3
/** So many that few of a pool's samples are of each. */
const MANY_CLASSES = 50

/** Numbers around 0 that look normal: sums of four uniform ones. */
function normals(seed: string, count: number): Float32Array {
  const draws = drawIndices(seedOf(seed), 4 * count, 2 ** 20)
  return Float32Array.from({ length: count }, (_, i) => {
    const sum = [0, 1, 2, 3].reduce((all, k) => all + draws[4 * i + k]!, 0)
    return (sum / 2 ** 20 - 2) * 1.7
  })
}

/** Samples around a centre for each class, mostly in six directions, as real data is. */
function samples(seed: string, n: number): Dataset {
  const y = Int32Array.from({ length: n }, (_, i) => i % CLASSES)
  const directions = normals('directions', 6 * FEATURES)
  const centres = normals('centres', CLASSES * FEATURES)
  const weights = normals(`${seed} weights`, 6 * n)
  const rest = normals(`${seed} rest`, n * FEATURES)
  const x = rest.map((noise, at) => {
    const [i, feature] = [Math.floor(at / FEATURES), at % FEATURES]
    const along = [0, 1, 2, 3, 4, 5].reduce(
      (sum, d) => sum + weights[6 * i + d]! * directions[d * FEATURES + feature]!,
      0,
    )
    return centres[y[i]! * FEATURES + feature]! + along + 0.5 * noise
  })
  return { inputs: { x }, y, n }
}

/** Samples of many classes, each around a point of its own. */
function ofManyClasses(seed: string, n: number): Dataset {
  const features = 12
  const y = Int32Array.from({ length: n }, (_, i) => i % MANY_CLASSES)
  const centres = normals('many centres', MANY_CLASSES * features)
  const x = normals(seed, n * features).map((noise, at) => {
    const [i, feature] = [Math.floor(at / features), at % features]
    return 8 * centres[y[i]! * features + feature]! + noise
  })
  return { inputs: { x }, y, n }
}

/** A pool of samples with one input and a class, prepared. */
function indexed(data: Dataset, classes = CLASSES): PoolIndex {
  const spec = sampleSpecOf(featuresOf(data).length / data.n, classes)
  return indexPool(data, { seed: seedOf('projection'), spec })
}

const pool = samples('pool', 900)
const index = indexed(pool)
const firsts = (data: Dataset, count: number) =>
  subset(
    data,
    Array.from({ length: count }, (_, i) => i),
  )
const shifted = (data: Dataset, size: number): Dataset => {
  const x = featuresOf(data)
  const noise = normals(`noise ${size}`, x.length)
  return withFeatures(
    data,
    x.map((value, i) => value + size * noise[i]!),
  )
}
const both = (one: Dataset, other: Dataset): Dataset => joinSamples([one, other])

describe('samples that are shown, beside the held-out pool', () => {
  it('pass when they are fresh ones of the same distribution', () => {
    for (let i = 0; i < 12; i++) {
      const likeness = compareWithPool(index, samples(`fresh ${i}`, 96))
      expect(areCopies(likeness), `${i}: ${JSON.stringify(likeness)}`).to.equal(false)
      expect(likeness).to.include({ shown: 96, exact: 0 })
    }
  })

  it('pass when they are fresh ones of many classes, which few of the pool stand for each', () => {
    for (let i = 0; i < 3; i++) {
      const few = indexed(ofManyClasses(`pool ${i}`, 20 * MANY_CLASSES), MANY_CLASSES)
      const likeness = compareWithPool(few, ofManyClasses(`fresh ${i}`, 1_000))
      expect(areCopies(likeness), `${i}: ${JSON.stringify(likeness)}`).to.equal(false)
    }
  })

  it('fail for one exact copy, whatever its label and the sign of its zeros', () => {
    const fresh = samples('fresh', 95)
    const copy = firsts(pool, 1)
    expect(areCopies(compareWithPool(index, both(fresh, copy)))).to.equal(true)
    expect(compareWithPool(index, both(fresh, { ...copy, y: Int32Array.of(2) })).exact).to.equal(1)
    const zeros: Dataset = { inputs: { x: new Float32Array(FEATURES).fill(-0) }, y: Int32Array.of(0), n: 1 }
    const withZeros = indexed(both(pool, withFeatures(zeros, new Float32Array(FEATURES))))
    expect(compareWithPool(withZeros, zeros).exact).to.equal(1)
  })

  it('fail for copies with a little noise, and for half of them among fresh ones', () => {
    for (const size of [0.001, 0.05, 0.2]) {
      const near = shifted(firsts(pool, 96), size)
      const alone = compareWithPool(index, near)
      expect(alone.exact).to.equal(0)
      expect(areCopies(alone), `${size}: ${JSON.stringify(alone)}`).to.equal(true)
      const mixed = both(firsts(near, 48), samples('fresh', 48))
      expect(areCopies(compareWithPool(index, mixed)), `half, ${size}`).to.equal(true)
    }
  })

  it('fail for a tenth of them among fresh ones, which are very close', () => {
    const near = shifted(firsts(pool, 19), 0.05)
    const [view] = compareWithPool(index, both(near, samples('fresh', 173))).views
    const { copies, mostClose, mostVeryClose } = view!
    expect(copies.close, `${mostClose} may be by chance`).to.be.at.most(mostClose)
    expect(copies.veryClose).to.be.above(mostVeryClose)
    expect(areClose(copies, view!)).to.equal(true)
  })

  it('fail for copies with more noise, by their mean rank', () => {
    const likeness = compareWithPool(index, shifted(firsts(pool, 192), 0.45))
    expect(likeness.exact).to.equal(0)
    expect(areCopies(likeness), JSON.stringify(likeness)).to.equal(true)
  })

  it('count once however often they are shown', () => {
    const fresh = samples('fresh', 10)
    expect(compareWithPool(index, both(fresh, fresh))).to.deep.equal(compareWithPool(index, fresh))
  })

  it('are compared the same each time', () => {
    const shown = samples('fresh', 50)
    const again = indexed(pool)
    expect(compareWithPool(again, shown)).to.deep.equal(compareWithPool(index, shown))
    expect(again.views[0]!.ratios).to.deep.equal(index.views[0]!.ratios)
  })

  it('fail for even mixes of two or three, and for half of them among fresh ones', () => {
    const at = (i: number) => featuresOf(pool).subarray(i * FEATURES, (i + 1) * FEATURES)
    const mixesOf = (parts: number): Dataset => {
      const of = (i: number) => Array.from({ length: parts }, (_, k) => at((i + CLASSES * 7 * k) % pool.n))
      const x = Array.from({ length: 96 }, (_, i) => of(i)).flatMap((rows) =>
        Array.from(rows[0]!, (_, feature) => rows.reduce((sum, row) => sum + row[feature]!, 0) / parts),
      )
      return { inputs: { x: Float32Array.from(x) }, y: pool.y.slice(0, 96), n: 96 }
    }
    for (const parts of [2, 3]) {
      const mixes = mixesOf(parts)
      const alone = compareWithPool(index, mixes)
      expect(alone.exact).to.equal(0)
      const view = alone.views[0]!
      expect(areClose(view.mixes, view), `${parts}: ${JSON.stringify(alone)}`).to.equal(true)
      expect(areCopies(compareWithPool(index, both(firsts(mixes, 48), samples('fresh', 48))))).to.equal(true)
    }
    const even = compareWithPool(index, mixesOf(2)).views[0]!
    expect(areClose(even.copies, even), 'nearest to two alike, so no copies of one').to.equal(false)
  })

  it('may be close in a few cases, and in a smaller share the more of them there are', () => {
    const bounds = [1, 10, 30, 96, 192].map((n) => boundsOf(n, Math.sqrt(1 / n + 1 / 1_000)))
    expect(bounds.map(({ mostClose }) => mostClose)).to.deep.equal([1, 4, 8, 18, 31])
    expect(bounds.map(({ mostVeryClose }) => mostVeryClose)).to.deep.equal([4, 5, 7, 11, 16])
    const least = bounds.map(({ leastMeanRank }) => Number(leastMeanRank.toFixed(3)))
    expect(least.slice(1)).to.deep.equal([0.113, 0.266, 0.357, 0.389])
  })

  it('may be closer when they are of one class: its ranks are among fewer of the pool', () => {
    const fresh = samples('fresh', 96)
    const ofOne = subset(
      samples('of one class', 288),
      Array.from({ length: 96 }, (_, i) => CLASSES * i),
    )
    const [all, one] = [fresh, ofOne].map((data) => compareWithPool(index, data))
    expect(one!.views[0]!.mostClose).to.be.above(all!.views[0]!.mostClose)
    expect(one!.views[0]!.leastMeanRank).to.be.below(all!.views[0]!.leastMeanRank)
    expect(areCopies(one!)).to.equal(false)
  })

  it('are judged the same one by one, as an experiment does, and together', () => {
    const shown = samples('fresh', 20)
    const apart = Array.from({ length: 20 }, (_, i) => rankAll(index, subset(shown, [i])))
    const ranks = apart.flatMap((one) => one.views[0]!.ranks)
    const { name, measured } = apart[0]!.views[0]!
    expect(likenessOf({ shown: 20, exact: 0, views: [{ name, ranks, measured }] })).to.deep.equal(
      compareWithPool(index, shown),
    )
  })

  it('that are equal in a pool of equal ones are no copies of one of them', () => {
    const same = { inputs: { x: new Float32Array(30 * FEATURES).fill(1) }, y: new Int32Array(30), n: 30 }
    const other = { inputs: { x: new Float32Array(FEATURES).fill(2) }, y: new Int32Array(1), n: 1 }
    const { exact, views } = compareWithPool(indexed(same), other)
    expect(exact).to.equal(0)
    expect(views[0]!.copies).to.deep.equal({ close: 0, veryClose: 0, meanRank: 0.5 })
  })
})
