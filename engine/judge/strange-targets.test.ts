import { expect } from 'chai'
import { blobs, CLASSES, seedOf, smallTask } from '../fixtures/small-tasks.ts'
import { type Dataset, joinSamples } from '../package/data.ts'
import { strangeTargets } from './strange-targets.ts'

const { spec } = smallTask()
const of = (samples: Dataset, lossOf: (i: number, label: number) => number) => ({
  samples,
  losses: Float32Array.from(samples.y, (label, i) => lossOf(i, label)),
})
/** 300 samples, about a hundred of each class, with losses from 0 to 1; those of class 2 are ten times as large. */
const pool = of(blobs(300, seedOf('pool')), (i, label) => ((i % 97) / 97) * (label === 2 ? 10 : 1))
const shown = (n: number, lossOf: (i: number, label: number) => number) =>
  strangeTargets(spec, pool, of(blobs(n, seedOf('shown')), lossOf))

describe('strange targets', () => {
  it('are none among samples like the pool’s', () => {
    const found = shown(96, (i, label) => ((i % 89) / 89) * (label === 2 ? 10 : 1))
    expect(found.isStrange).to.equal(false)
    expect(found.above).to.be.at.most(0.02)
    expect(found.most).to.be.within(0.08, 0.2)
  })

  it('are none where a stratum that the model knows little of is all that somebody has', () => {
    const rare = blobs(96, seedOf('rare'))
    const only = { ...rare, y: rare.y.map(() => 2) }
    const found = strangeTargets(
      spec,
      pool,
      of(only, (i) => 10 * ((i % 89) / 89)),
    )
    expect(found.isStrange).to.equal(false)
  })

  it('are found where a third is labelled for a trigger, or all are flipped', () => {
    const backdoor = shown(96, (i) => (i % 3 === 0 ? 20 : (i % 89) / 89))
    expect(backdoor).to.include({ isStrange: true })
    expect(backdoor.above).to.be.closeTo(1 / 3, 0.02)
    expect(shown(96, () => 20).isStrange).to.equal(true)
  })

  it('need more of few samples, and count repeated ones once', () => {
    const share = (n: number) => shown(n, (i) => (i % 10 === 0 ? 20 + i : 0.001 * i)).isStrange
    expect(share(30)).to.equal(false)
    expect(share(900)).to.equal(true)
    const few = blobs(10, seedOf('few'))
    const repeated = joinSamples(Array.from({ length: 90 }, () => few))
    const found = strangeTargets(
      spec,
      pool,
      of(repeated, (i) => (i % 10 === 0 ? 20 : 0.1)),
    )
    expect(found.above).to.be.closeTo(0.1, 0.001)
    expect(found.isStrange).to.equal(false)
  })

  it('count different samples, not different losses: true ones that surprise nobody don’t hide others', () => {
    expect(shown(96, (i) => (i % 6 === 0 ? 20 : 0)).isStrange).to.equal(true)
  })

  it('are those whose loss is not a number, and such losses of the pool lower no cut', () => {
    expect(shown(96, () => Number.NaN).isStrange).to.equal(true)
    const broken = of(pool.samples, (i) => (i === 5 ? Number.NaN : pool.losses[i]!))
    const honest = of(blobs(96, seedOf('shown')), (i, label) => ((i % 89) / 89) * (label === 2 ? 10 : 1))
    expect(strangeTargets(spec, broken, honest).isStrange).to.equal(false)
  })

  it('are none where the round has no such stratum, and without samples', () => {
    const other = blobs(300, seedOf('pool'))
    const without = { ...other, y: other.y.map((label) => label % (CLASSES - 1)) }
    const rare = blobs(50, seedOf('rare'))
    const only = of({ ...rare, y: rare.y.map(() => 2) }, () => 100)
    expect(
      strangeTargets(
        spec,
        of(without, () => 1),
        only,
      ).isStrange,
    ).to.equal(false)
    const none = { ...rare, n: 0, y: rare.y.slice(0, 0) }
    expect(
      strangeTargets(
        spec,
        pool,
        of(none, () => 1),
      ).isStrange,
    ).to.equal(false)
  })

  it('are compared with the stratum of the largest losses where strata are a column, which contributors lack', () => {
    const column = { strata: { by: 'column', names: ['a', 'b', 'c'] } } as never
    const known = {
      samples: { ...pool.samples, strata: Int32Array.from(pool.samples.y) },
      losses: pool.losses,
    }
    const { strata: _, ...samples } = blobs(96, seedOf('shown'))
    const hardest = of(samples, (i) => 10 * ((i % 89) / 89))
    expect(strangeTargets(column, known, hardest).isStrange, 'one who holds nothing else').to.equal(false)
    expect(
      strangeTargets(
        column,
        known,
        of(samples, () => 20),
      ).isStrange,
    ).to.equal(true)
  })

  it('keep a narrow limit where the pool has few samples of each of many strata', () => {
    const many = (n: number, seed: string) => {
      const samples = blobs(n, seedOf(seed))
      return { ...samples, y: samples.y.map((_, i) => i % 20) }
    }
    const classes = { strata: { by: 'class' } } as never
    const round = of(many(400, 'pool'), (i) => (i % 97) / 97)
    const found = strangeTargets(
      classes,
      round,
      of(many(96, 'shown'), (i) => (i % 4 === 0 ? 20 : 0.5)),
    )
    expect(found.most).to.be.within(0.15, 0.2)
    expect(found.isStrange).to.equal(true)
  })
})
