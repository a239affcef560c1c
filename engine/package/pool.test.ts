import { expect } from 'chai'
import {
  blobs,
  FEATURES,
  packageOf,
  poolOf,
  sampleSpecOf,
  seedOf,
  smallTask,
} from '../fixtures/small-tasks.ts'
import type { EngineRefusal } from '../refusal.ts'
import { sampleRoot, writeDataset } from './data.ts'
import { featuresOf, withFeatures } from './features.ts'
import { type Pool, poolFacts, poolRoot, readAnyPool, readPool, writePool } from './pool.ts'
import type { TaskSpec } from './task-spec.ts'

let spec: TaskSpec
const { pool } = smallTask()
const x = featuresOf(pool.samples)

function refusal(bytes: Uint8Array, root?: string): EngineRefusal {
  try {
    readPool(bytes, spec, root)
  } catch (error) {
    return error as EngineRefusal
  }
  throw new Error('the pool was taken')
}

describe('a held-out pool', () => {
  before(async () => {
    spec = (await packageOf(smallTask())).spec
  })

  it('is named in task.json by its root, its size and its classes', () => {
    const { samples, saltSeed } = pool
    const strataCounts = [0, 1, 2].map((label) => samples.y.filter((one) => one === label).length)
    expect(spec.pool).to.deep.equal({ root: sampleRoot(samples, saltSeed), samples: 120, strataCounts })
    expect(poolFacts(pool, spec)).to.deep.equal(spec.pool)
  })

  it('is refused with a feature that is not a number, which no machine would read back', () => {
    const samples = withFeatures(pool.samples, x.with(9, Number.NaN))
    expect(() => poolFacts({ ...pool, samples }, spec))
      .to.throw('x[9] is NaN')
      .with.property('code', 'data')
  })

  it('is read back as written, the same bytes each time', () => {
    const bytes = writePool(pool, spec)
    expect(readPool(bytes, spec)).to.deep.equal(pool)
    expect(writePool(readPool(bytes, spec), spec)).to.deep.equal(bytes)
  })

  it('has another root with another salt, sample, label or order', () => {
    const { samples } = pool
    const order = Array.from({ length: samples.n }, (_, i) => (i + 1) % samples.n)
    const turned = {
      n: samples.n,
      y: samples.y.map((_, i) => samples.y[order[i]!]!),
      inputs: { x: x.map((_, at) => x[order[Math.floor(at / FEATURES)]! * FEATURES + (at % FEATURES)]!) },
    }
    const others: Pool[] = [
      { ...pool, saltSeed: seedOf('another salt') },
      { ...pool, samples: withFeatures(samples, x.with(9, 0.5)) },
      { ...pool, samples: { ...samples, y: samples.y.with(9, (samples.y[9]! + 1) % 3) } },
      { ...pool, samples: turned },
    ]
    const roots = [pool, ...others].map(poolRoot)
    expect(new Set(roots).size).to.equal(roots.length)
  })

  it('is refused with both sizes, classes or roots when it is another one', () => {
    const short = poolOf(blobs(119, seedOf('holdout')))
    expect(refusal(writePool(short, spec))).to.include({ code: 'data' })
    expect(refusal(writePool(short, spec)).message).to.equal(
      'the pool has 119 samples, task.json says 120: it is another pool',
    )
    const relabelled = { ...pool, samples: { ...pool.samples, y: pool.samples.y.map(() => 0) } }
    expect(refusal(writePool(relabelled, spec)).message).to.match(
      /^the pool has 120 samples of class 0, task\.json says \d+: it is another pool$/,
    )
    const salted = { ...pool, saltSeed: seedOf('another salt') }
    expect(refusal(writePool(salted, spec)).message).to.equal(
      `the pool has root ${poolRoot(salted)}, the task's is ${spec.pool.root}: it is another pool, or was changed`,
    )
  })

  it('is measured by the root that is asked for, when the owner has replaced it', () => {
    const next = poolOf(blobs(77, seedOf('next pool')))
    expect(readPool(writePool(next, spec), spec, poolRoot(next))).to.deep.equal(next)
    expect(refusal(writePool(pool, spec), poolRoot(next)).message).to.contain(poolRoot(next))
    expect(readAnyPool(writePool(next, spec), spec)).to.deep.equal({ pool: next, root: poolRoot(next) })
  })

  it('is replaced by one that is no larger: phases were chosen for it', () => {
    const large = poolOf(blobs(121, seedOf('next pool')))
    const message =
      "the pool has 121 samples; one that replaces the package's has at most as many as that, 120"
    expect(refusal(writePool(large, spec), poolRoot(large)).message).to.equal(message)
    expect(() => readAnyPool(writePool(large, spec), spec)).to.throw(message)
  })

  it('is refused when its file is no pool of the task', () => {
    expect(refusal(new TextEncoder().encode('no pool')).message).to.contain('pool file: file is truncated')
    expect(refusal(writeDataset(pool.samples, spec)).message).to.equal(
      'a pool file holds x (F32), y (I32) and salt.seed (U8 [32])',
    )
    const two = { inputs: { x: new Float32Array(4) }, y: new Int32Array(2), n: 2 }
    const wide = writePool(poolOf(two), sampleSpecOf(2, 3))
    expect(refusal(wide).message).to.equal('x has shape [2,2], expected [2,8]')
    const label = writePool({ ...pool, samples: { ...pool.samples, y: pool.samples.y.with(4, 3) } }, spec)
    expect(refusal(label).message).to.equal('y[4] is 3: labels go from 0 to 2')
  })
})
