import { expect } from 'chai'
import { noisyTask } from '../fixtures/noisy-task.ts'
import { blobs, packageOf, seedOf, smallPackage, smallTask } from '../fixtures/small-tasks.ts'
import { tryPool } from '../judge/pool-trial.ts'
import { referenceUpdate } from '../judge/quality.ts'
import { DEFAULT_SANDBOX_LIMITS, openSandboxedEngine } from '../node/sandbox.ts'
import { openEngine } from '../node/session.ts'
import { createTask } from '../node/task-package.ts'
import { dataRoot } from '../package/data.ts'
import type { Schedule } from '../package/schedule.ts'
import type { TaskContents } from '../package/task-contents.ts'
import { windowCount } from '../package/task-spec.ts'
import { checkWindowEvidence, makeWindowEvidence, type WindowClaim } from './evidence.ts'
import { referenceRate, stepNoise, stepRate } from './step-batch.ts'
import { train } from './train.ts'
import { tryTask } from './trial.ts'

const COSINE: Schedule = { kind: 'cosine', rate: '0.2', warmup: 5, steps: 30, least: '0.01' }
const SECRET = seedOf('secret')
const BATCH_SEED = seedOf('batches')
const ROUND = 2

/** A round of training on a shard, and replays of its windows as anybody makes them. */
async function trained(contents: TaskContents, round: number) {
  const task = await packageOf(contents)
  const engine = await openEngine(task)
  const data = blobs(40, seedOf('shard'))
  const training = await train({ engine, base: task.init, data, round, batchSeed: BATCH_SEED })
  const { stateHashes, stateRoot } = training
  const replayed = (window: number, changes: Partial<WindowClaim> = {}) =>
    checkWindowEvidence({
      engine,
      evidence: makeWindowEvidence({
        spec: task.spec,
        window,
        stateHashes,
        start: task.init,
        stateBefore: training.borders[window]!,
        data,
        secret: SECRET,
        batchSeed: BATCH_SEED,
      }),
      window,
      round,
      stateRoot,
      dataRoot: dataRoot(data, SECRET),
      sampleCount: data.n,
      batchSeed: BATCH_SEED,
      start: task.init,
      startHash: stateHashes[0]!,
      finalStateHash: stateHashes.at(-1)!,
      ...changes,
    })
  return { task, engine, data, training, replayed }
}

describe('a task whose learning rate changes', () => {
  let round: Awaited<ReturnType<typeof trained>>

  before(async () => {
    const contents = smallTask()
    round = await trained({ ...contents, spec: { ...contents.spec, schedule: COSINE } }, ROUND)
  })
  after(() => round.engine.close())

  it('counts its steps over all rounds: each goes on where the one before it ended', () => {
    const { spec } = round.task
    const rates = [1, 2, 3].flatMap((number) =>
      Array.from({ length: spec.steps }, (_, step) => stepRate(spec, number, step)),
    )
    expect(rates.slice(0, 5)).to.deep.equal([0.04, 0.08, 0.12, 0.16, 0.2].map(Math.fround))
    expect(rates.slice(5, 30)).to.deep.equal(rates.slice(5, 30).toSorted((a, b) => b - a))
    expect(new Set(rates.slice(5, 31)).size).to.equal(26)
    expect(rates.slice(30)).to.deep.equal(Array.from({ length: 6 }, () => Math.fround(0.01)))
  })

  it('is trained again to the same bits, window by window, with the rates of its round and with no others', async () => {
    for (let window = 0; window < windowCount(round.task.spec); window++) {
      expect(await round.replayed(window), `window ${window}`).to.include({ ok: true })
      const other = await round.replayed(window, { round: ROUND - 1 })
      expect(other, `window ${window}`).to.include({ kind: 'mismatch' })
    }
  })

  it('is judged by a reference at the largest rate of the first, the middle and the last step of its round', async () => {
    const { task, engine } = round
    const shared = { base: task.init, holdout: task.holdout, seed: seedOf('root') }
    // Round 1 warms up in its first steps; after that rates fall.
    for (const [number, step] of [
      [1, 6],
      [ROUND, 0],
    ] as const) {
      const rate = stepRate(task.spec, number, step)
      expect(referenceRate(task.spec, number)).to.equal(rate)
      const constant = await openEngine(await smallPackage({ learningRate: rate.toFixed(9) }))
      const [own, same] = [
        await referenceUpdate({ ...shared, engine, round: number }),
        await referenceUpdate({ ...shared, engine: constant, round: 1 }),
      ]
      await constant.close()
      expect(stepRate(constant.spec, 1, 0)).to.equal(rate)
      expect(own, `round ${number}`).to.deep.equal(same)
    }
    const rising = {
      kind: 'table',
      rates: [
        { from: 0, rate: '0.1' },
        { from: 11, rate: '0.3' },
      ],
    } as const
    expect(referenceRate({ ...task.spec, schedule: { ...rising, rates: [...rising.rates] } }, 1)).to.equal(
      Math.fround(0.3),
    )
  })
})

describe('a task with random inputs', () => {
  let round: Awaited<ReturnType<typeof trained>>

  before(async () => {
    round = await trained(noisyTask(), ROUND)
  })
  after(() => round.engine.close())

  it('is trained again to the same bits, window by window', async () => {
    for (let window = 0; window < windowCount(round.task.spec); window++)
      expect(await round.replayed(window), `window ${window}`).to.include({ ok: true })
  })

  it('draws other values for each step and for each seed', () => {
    const { spec } = round.task
    const drawn = [0, 1, 2].map((step) => stepNoise(spec, { seed: BATCH_SEED, step }))
    drawn.push(stepNoise(spec, { seed: seedOf('other'), step: 0 }))
    for (const name of ['mask', 'jitter', 'scale'])
      expect(new Set(drawn.map((noise) => noise.get(name)!.join())).size, name).to.equal(4)
    expect(stepNoise(spec, { seed: BATCH_SEED, step: 1 })).to.deep.equal(drawn[1])
  })

  it('is trained to another state without them, and in a sandbox to the same', async () => {
    const { task, data, training } = round
    const plain = await trained(smallTask(), ROUND)
    expect(plain.training.stateHashes[0]).to.equal(training.stateHashes[0])
    expect(plain.training.stateHashes[1]).to.not.equal(training.stateHashes[1])
    await plain.engine.close()
    const sandboxed = await openSandboxedEngine(task, DEFAULT_SANDBOX_LIMITS)
    const shard = { base: task.init, data, round: ROUND, batchSeed: BATCH_SEED }
    expect((await train({ ...shard, engine: sandboxed })).stateRoot).to.equal(training.stateRoot)
    await sandboxed.close()
  })

  it('is tried before money depends on it, and gives the same reference each time', async () => {
    const { task, engine } = round
    const { real } = await tryTask({ task, engine, samples: task.holdout })
    expect(real.stepMs).to.be.above(0)
    const shared = { engine, base: task.init, holdout: task.holdout, round: ROUND, seed: seedOf('root') }
    expect(await referenceUpdate(shared)).to.deep.equal(await referenceUpdate(shared))
    const trial = await tryPool({ engine, init: task.init, pool: task.holdout, seed: SECRET })
    expect(trial.lossAfter).to.be.below(trial.lossBefore)
  })

  it('is refused when a name is taken, or a step or a window takes too many values', async () => {
    const contents = noisyTask()
    const [mask] = contents.spec.noise
    const refusalWith = (noise: TaskContents['spec']['noise']) =>
      createTask({ ...contents, spec: { ...contents.spec, noise } }).catch((error) => error.message)
    for (const name of ['x', 'lr', 'w0', 'losses'])
      expect(await refusalWith([{ ...mask!, name }])).to.contain(
        `noise: ${name} is the name of something else`,
      )
    const huge = [
      { ...mask!, shape: [2 ** 22] },
      { ...mask!, name: 'second', shape: [2 ** 22, 2] },
    ]
    expect(await refusalWith(huge)).to.contain('noise: 12582912 values a step, the limit is 8388608')
    const steps = { steps: 12, commitEvery: 12 }
    const long = { ...contents.spec, ...steps, noise: [{ ...mask!, shape: [2 ** 23] }] }
    expect(await createTask({ ...contents, spec: long }).catch((error) => error.message)).to.contain(
      'commitEvery: a window takes 100663824 values of samples at once, the limit is 67108864',
    )
  })
})
