import { expect } from 'chai'
import { blobs, packageOf, seedOf, smallPackage, smallTask } from '../fixtures/small-tasks.ts'
import { referenceUpdate } from '../judge/quality.ts'
import { openEngine } from '../node/session.ts'
import { type Dataset, dataRoot } from '../package/data.ts'
import type { Schedule } from '../package/schedule.ts'
import { stateHash } from '../package/state.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import { windowCount } from '../package/task-spec.ts'
import { checkWindowEvidence, makeWindowEvidence } from './evidence.ts'
import type { Engine } from './runner.ts'
import { stepRate } from './step-batch.ts'
import { type Training, train } from './train.ts'

const COSINE: Schedule = { kind: 'cosine', rate: '0.2', warmup: 5, steps: 30, least: '0.01' }
const SECRET = seedOf('secret')
const BATCH_SEED = seedOf('batches')
const ROUND = 2

describe('a task whose learning rate changes', () => {
  let task: TaskPackage & { holdout: Dataset }
  let engine: Engine
  let data: Dataset
  let training: Training

  before(async () => {
    const contents = smallTask()
    task = await packageOf({ ...contents, spec: { ...contents.spec, schedule: COSINE } })
    engine = await openEngine(task)
    data = blobs(40, seedOf('shard'))
    training = await train({ engine, base: task.init, data, round: ROUND, batchSeed: BATCH_SEED })
  })
  after(() => engine.close())

  const replayed = (window: number, round: number) => {
    const made = { window, stateHashes: training.stateHashes, stateBefore: training.borders[window]! }
    return checkWindowEvidence({
      engine,
      evidence: makeWindowEvidence({ ...made, spec: task.spec, data, secret: SECRET, batchSeed: BATCH_SEED }),
      window,
      round,
      stateRoot: training.stateRoot,
      dataRoot: dataRoot(data, SECRET),
      sampleCount: data.n,
      batchSeed: BATCH_SEED,
      baseStateHash: training.stateHashes[0]!,
      finalStateHash: training.stateHashes.at(-1)!,
    })
  }

  it('counts its steps over all rounds: each goes on where the one before it ended', () => {
    const { spec } = task
    const rates = [1, 2, 3].flatMap((round) =>
      Array.from({ length: spec.steps }, (_, step) => stepRate(spec, round, step)),
    )
    expect(rates.slice(0, 5)).to.deep.equal([0.04, 0.08, 0.12, 0.16, 0.2].map(Math.fround))
    expect(rates.slice(5, 30)).to.deep.equal(rates.slice(5, 30).toSorted((a, b) => b - a))
    expect(new Set(rates.slice(5, 31)).size).to.equal(26)
    expect(rates.slice(30)).to.deep.equal(Array.from({ length: 6 }, () => Math.fround(0.01)))
  })

  it('is trained again to the same bits, window by window, with the rates of its round and with no others', async () => {
    for (let window = 0; window < windowCount(task.spec); window++) {
      expect(await replayed(window, ROUND), `window ${window}`).to.include({ ok: true })
      expect(await replayed(window, ROUND - 1), `window ${window}`).to.include({ kind: 'mismatch' })
    }
  })

  it('is judged by a reference at the rate of its round’s first step', async () => {
    const shared = { base: task.init, holdout: task.holdout, seed: seedOf('root') }
    const rate = stepRate(task.spec, ROUND, 0)
    const constant = await smallPackage({ learningRate: rate.toFixed(9) })
    const other = await openEngine(constant)
    const [own, same] = [
      await referenceUpdate({ ...shared, engine, round: ROUND }),
      await referenceUpdate({ ...shared, engine: other, round: 1 }),
    ]
    await other.close()
    expect(Math.fround(Number(rate.toFixed(9)))).to.equal(rate)
    expect(own).to.deep.equal(same)
  })

  it('leaves all else of the package as it was: the initial model has the same hash', async () => {
    expect(stateHash(task.spec, task.init)).to.equal(training.stateHashes[0])
    expect((await smallPackage()).specHash).to.not.equal(task.specHash)
  })
})
