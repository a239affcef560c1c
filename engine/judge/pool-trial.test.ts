import { drawIndices } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { blobs, type PackageWithPool, poolOf, seedOf, smallPackage } from '../fixtures/small-tasks.ts'
import { openEngine } from '../node/session.ts'
import type { Dataset } from '../package/data.ts'
import type { Engine } from '../run/runner.ts'
import { tryPool } from './pool-trial.ts'

describe('a trial of a pool', () => {
  let task: PackageWithPool
  let engine: Engine
  before(async () => {
    task = await smallPackage({
      rootSteps: 60,
      personalSamples: 200,
      pool: poolOf(blobs(400, seedOf('pool'))),
    })
    engine = await openEngine(task)
  })
  after(() => engine.close())

  const trial = (pool: Dataset, seed = 'trial') =>
    tryPool({ engine, init: task.init, pool, seed: seedOf(seed) })
  const relabelled = (label: (i: number) => number): Dataset => ({
    ...task.holdout,
    y: task.holdout.y.map((_, i) => label(i)),
  })

  it('passes a pool that a model can learn', async () => {
    const { isFit, lossBefore, lossAfter, taught, taughtError } = await trial(task.holdout)
    expect(isFit).to.equal(true)
    expect(lossAfter).to.be.below(lossBefore / 2)
    expect(taught).to.be.above(8 * taughtError)
  })

  it('tells the same each time', async () => {
    expect(await trial(task.holdout)).to.deep.equal(await trial(task.holdout))
  })

  it('refuses a pool with scrambled labels, although training on it lowers the loss', async () => {
    const draws = drawIndices(seedOf('scrambled'), task.holdout.n, 3)
    const { isFit } = await trial(relabelled((i) => draws[i]!))
    expect(isFit).to.equal(false)
    for (const seed of ['a', 'b', 'c', 'd']) {
      const others = drawIndices(seedOf(seed), task.holdout.n, 3)
      expect(
        (
          await trial(
            relabelled((i) => others[i]!),
            seed,
          )
        ).isFit,
        seed,
      ).to.equal(false)
    }
  })

  it('refuses a pool of one class: it tells nothing but how frequent the class is', async () => {
    const { isFit, lossAfter, lossBefore } = await trial(relabelled(() => 1))
    expect(lossAfter).to.be.below(lossBefore)
    expect(isFit).to.equal(false)
  })

  it('refuses a handful of samples', async () => {
    const error = await trial(blobs(7, seedOf('few'))).catch((thrown) => thrown)
    expect(error).to.have.property('code', 'data')
    expect(error.message).to.contain('the pool has 7 samples; 8 are the fewest')
  })
})
