import { expect } from 'chai'
import { blobs, type PackageWithPool, seedOf, smallPackage } from '../fixtures/small-tasks.ts'
import { openEngine } from '../node/session.ts'
import { stateHash } from '../package/state.ts'
import { windowCount } from '../package/task-spec.ts'
import type { Engine } from './runner.ts'
import { batchIndices, stateBeforeWindow, type Training, type TrainOptions, train } from './train.ts'

const BATCH_SEED = seedOf('batches')

describe('a round of training', () => {
  let task: PackageWithPool
  let engine: Engine
  let options: TrainOptions
  let training: Training

  before(async () => {
    task = await smallPackage()
    engine = await openEngine(task)
    options = { engine, base: task.init, data: blobs(41, seedOf('shard')), round: 1, batchSeed: BATCH_SEED }
    training = await train(options)
  })
  after(() => engine.close())

  it('commits to the base, to every window border and to the final state', () => {
    const { spec, init } = task
    expect(training.stateHashes).to.have.length(windowCount(spec) + 1)
    expect(training.stateHashes[0]).to.equal(stateHash(spec, init))
    expect(training.stateHashes.at(-1)).to.equal(stateHash(spec, training.final))
    expect(training.borders.map((state) => stateHash(spec, state))).to.deep.equal(training.stateHashes)
    expect(training.losses).to.have.length(spec.steps)
    expect(training.losses.at(-1)!).to.be.below(training.losses[0]!)
  })

  it('recomputes a border that was not kept', async () => {
    const again = await train({ ...options, keepBorders: false })
    expect(again.borders).to.deep.equal([])
    expect(again.stateRoot).to.equal(training.stateRoot)
    const state = await stateBeforeWindow({ ...options, window: 2 })
    expect(stateHash(task.spec, state)).to.equal(training.stateHashes[2])
  })

  it('takes batches in an order that the seed alone decides', () => {
    expect(batchIndices(BATCH_SEED, 3, 4, 41)).to.deep.equal(batchIndices(BATCH_SEED, 3, 4, 41))
    expect(batchIndices(BATCH_SEED, 3, 4, 41)).not.to.deep.equal(batchIndices(BATCH_SEED, 4, 4, 41))
    expect(batchIndices(seedOf('other'), 3, 4, 41)).not.to.deep.equal(batchIndices(BATCH_SEED, 3, 4, 41))
  })
})
