import { drawIndices } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { sampleSpecOf, seedOf } from '../fixtures/small-tasks.ts'
import { type Dataset, joinSamples, subset } from '../package/data.ts'
import { featuresOf, withFeatures } from '../package/features.ts'
import type { Grid } from '../package/sample-spec.ts'
import { areClose, areCopies, compareWithPool, indexPool } from './pool-copies.ts'

const SIDE = 12
const MARGIN = 2
const CLASSES = 2
const GRID: Grid = { height: SIDE, width: SIDE, channels: 1, order: 'channels-last' }
const MOVES = [
  [0, 1],
  [1, 0],
  [-1, 1],
  [-2, -1],
  [2, 2],
] as const

/** Images of 8 × 8 within a margin: one pattern for each class, others added to it by chance, and a little noise. */
function images(seed: string, n: number): Dataset {
  const inner = SIDE - 2 * MARGIN
  const patterns = drawIndices(seedOf('patterns'), 8 * inner * inner, 1_000)
  const weights = drawIndices(seedOf(`${seed} weights`), 8 * n, 1_000)
  const noise = drawIndices(seedOf(`${seed} noise`), n * inner * inner, 300)
  const y = Int32Array.from({ length: n }, (_, i) => i % CLASSES)
  const x = new Float32Array(n * SIDE * SIDE)
  for (let i = 0; i < n; i++)
    for (let at = 0; at < inner * inner; at++) {
      let value = noise[i * inner * inner + at]!
      for (let p = 0; p < 8; p++)
        value +=
          patterns[p * inner * inner + at]! * (p < CLASSES ? Number(p === y[i]) : weights[8 * i + p]! / 1_000)
      x[i * SIDE * SIDE + (MARGIN + Math.floor(at / inner)) * SIDE + MARGIN + (at % inner)] = value
    }
  return { inputs: { x }, y, n }
}

/** Each image moved by one of `MOVES`: none stays where it was, and nothing leaves the image. */
function moved(data: Dataset): Dataset {
  const [x, { n }] = [featuresOf(data), data]
  const values = new Float32Array(x.length)
  for (let i = 0; i < n; i++) {
    const [down, right] = MOVES[i % MOVES.length]!
    for (let at = 0; at < SIDE * SIDE; at++) {
      const value = x[i * SIDE * SIDE + at]!
      if (value !== 0) values[i * SIDE * SIDE + at + down * SIDE + right] = value
    }
  }
  return withFeatures(data, values)
}

const both = (one: Dataset, other: Dataset): Dataset => joinSamples([one, other])
const firsts = (data: Dataset, count: number) =>
  subset(
    data,
    Array.from({ length: count }, (_, i) => i),
  )

describe('shifted samples of the held-out pool', () => {
  const seed = seedOf('projection')
  const pool = images('pool', 500)
  const shifted = moved(firsts(pool, 96))
  const half = both(firsts(shifted, 48), images('fresh', 48))
  const speck = withFeatures(
    shifted,
    featuresOf(shifted).map((value, at) => (at % SIDE ** 2 === 0 ? 1_500 : value)),
  )
  const onGrid = indexPool(pool, { seed, spec: sampleSpecOf(SIDE * SIDE, CLASSES, GRID) })

  it('are not found where the task does not say how its features lie', () => {
    const plain = indexPool(pool, { seed, spec: sampleSpecOf(SIDE * SIDE, CLASSES) })
    for (const data of [shifted, half]) {
      const { exact, views } = compareWithPool(plain, data)
      expect({ exact, names: views.map(({ name }) => name) }).to.deep.equal({ exact: 0, names: ['features'] })
      expect(areCopies({ shown: data.n, exact, views })).to.equal(false)
    }
  })

  it('are found where it does: alone, half of them among fresh ones, and with a speck in a corner', () => {
    for (const [name, data] of Object.entries({ shifted, half, speck })) {
      const likeness = compareWithPool(onGrid, data)
      const [features, spectra] = likeness.views
      expect(likeness.exact).to.equal(0)
      expect(areClose(features!.copies, features!), `${name}, by its features`).to.equal(false)
      expect(areClose(spectra!.copies, spectra!), `${name}: ${JSON.stringify(spectra)}`).to.equal(true)
      expect(areCopies(likeness)).to.equal(true)
    }
  })

  it('are told from fresh samples, shifted or not', () => {
    for (let i = 0; i < 6; i++) {
      const fresh = images(`fresh ${i}`, 96)
      for (const data of [fresh, moved(fresh)])
        expect(areCopies(compareWithPool(onGrid, data)), `${i}`).to.equal(false)
    }
  })
})
