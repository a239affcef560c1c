import type { Dataset } from '@assay/engine/package/data.ts'
import { featuresOf } from '@assay/engine/package/features.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { LEAKS, type Loot } from './leaks.ts'
import { seededRng } from './rng.ts'

const SIDE = 5
const FEATURES = SIDE * SIDE
const SAMPLES = 40

/** Images whose one bright pixel is in the middle, of two classes; fresh ones are brighter. */
const imagesOf = (light: number): Dataset => {
  const x = new Float32Array(SAMPLES * FEATURES)
  for (let i = 0; i < SAMPLES; i++) x[i * FEATURES + Math.floor(FEATURES / 2)] = light + i / 100
  return { inputs: { x }, y: Int32Array.from({ length: SAMPLES }, (_, i) => i % 2), n: SAMPLES }
}
const copies = imagesOf(0.1)
const fresh = imagesOf(2)
const taken = (name: string): Dataset => {
  const loot: Loot = { copies, fresh, rng: seededRng(deriveSeed(zeroHash, 'leaks'), name) }
  return LEAKS[name]!(loot)
}
const imageOf = (data: Dataset, i: number) => [...featuresOf(data).subarray(i * FEATURES, (i + 1) * FEATURES)]
const same = (data: Dataset) =>
  Array.from({ length: SAMPLES }, (_, i) => i).filter(
    (i) => `${imageOf(data, i)}` === `${imageOf(copies, i)}`,
  ).length

describe('what is made of a leaked pool', () => {
  for (const name of Object.keys(LEAKS))
    it(`${name}: as many samples with labels of their own, the same each time`, () => {
      const data = taken(name)
      expect(data.n).to.equal(SAMPLES)
      expect([featuresOf(data).length, data.y.length]).to.deep.equal([SAMPLES * FEATURES, SAMPLES])
      expect(featuresOf(data).every(Number.isFinite)).to.equal(true)
      expect(taken(name)).to.deep.equal(data)
    })

  it('is shifted by up to a pixel or two; with `move` no sample stays', () => {
    expect(same(taken('shift-1')), 'about a ninth').to.be.within(1, 12)
    expect(same(taken('move-1'))).to.equal(0)
    expect(same(taken('move-2'))).to.equal(0)
    const places = (name: string) =>
      new Set(
        Array.from({ length: SAMPLES }, (_, i) => imageOf(taken(name), i).findIndex((value) => value > 0)),
      )
    expect([...places('move-1')].sort((a, b) => a - b)).to.deep.equal([6, 7, 8, 11, 13, 16, 17, 18])
    expect(places('move-2').has(12)).to.equal(false)
  })

  it('keeps its share of copies in mixes, and clipped noise within a pixel’s range', () => {
    expect([same(taken('exact')), same(taken('half-exact')), same(taken('honest'))]).to.deep.equal([
      40, 20, 0,
    ])
    const x = featuresOf(taken('clipped-0.4'))
    expect([Math.min(...x), Math.max(...x) <= 1]).to.deep.equal([0, true])
    expect(Math.min(...featuresOf(taken('noise-0.4')))).to.be.below(0)
  })
})
