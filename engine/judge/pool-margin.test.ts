import { expect } from 'chai'
import {
  blobs,
  type PackageWithPool,
  poolOf,
  seedOf,
  smallPackage,
  withNoisyLabels,
} from '../fixtures/small-tasks.ts'
import { openEngine } from '../node/session.ts'
import type { Dataset } from '../package/data.ts'
import type { Engine } from '../run/runner.ts'
import { tryPoolOften } from './pool-margin.ts'
import { tryPool } from './pool-trial.ts'

const VALIDATORS = 30

describe('the margin of a pool', () => {
  let task: PackageWithPool
  let engine: Engine
  before(async () => {
    task = await smallPackage({
      rootSteps: 20,
      personalSamples: 200,
      pool: poolOf(blobs(120, seedOf('pool'))),
    })
    engine = await openEngine(task)
  })
  after(() => engine.close())

  const noisy = (percent: number) => withNoisyLabels(task.holdout, percent)
  const margin = (pool: Dataset) => tryPoolOften({ engine, init: task.init, pool, seed: seedOf('owner') })
  /** How many validators take a pool: each draws for itself. */
  const takers = async (pool: Dataset) => {
    let fit = 0
    for (let i = 0; i < VALIDATORS; i++) {
      const trial = await tryPool({ engine, init: task.init, pool, seed: seedOf(`validator ${i}`) })
      if (trial.isFit) fit++
    }
    return fit
  }

  it('is there after one trial of a pool that leaves no doubt', async () => {
    const { isSafe, trials, ahead } = await margin(task.holdout)
    expect({ isSafe, trials }).to.deep.equal({ isSafe: true, trials: 1 })
    expect(ahead).to.be.above(8)
  })

  it('lets a pool through that each validator takes, although its labels are not all true', async () => {
    const pool = noisy(10)
    const { isSafe, trials } = await margin(pool)
    expect({ isSafe, trials }).to.deep.equal({ isSafe: true, trials: 12 })
    expect(await takers(pool)).to.equal(VALIDATORS)
  })

  it('holds back a pool that most validators take and some refuse', async () => {
    const pool = noisy(26)
    expect((await margin(pool)).isSafe).to.equal(false)
    expect(await takers(pool))
      .to.be.above(VALIDATORS / 2)
      .and.below(VALIDATORS)
  })
})
