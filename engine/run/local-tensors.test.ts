import { expect } from 'chai'
import { aggregateCohort, aggregateRoot } from '../aggregate/aggregate.ts'
import { adamTask, momentumTask } from '../fixtures/optimizer-tasks.ts'
import {
  blobs,
  type PackageWithPool,
  packageOf,
  seedOf,
  smallPackage,
  smallTask,
} from '../fixtures/small-tasks.ts'
import { updateBytes } from '../fixtures/update-bytes.ts'
import { tryPool } from '../judge/pool-trial.ts'
import { scoreQuality } from '../judge/quality.ts'
import { openEngine } from '../node/session.ts'
import { createTask } from '../node/task-package.ts'
import { type Dataset, dataRoot } from '../package/data.ts'
import { modelHash, modelOf, parseModel, serializeModel, startState } from '../package/model.ts'
import { metricOf, readModel, writeModel } from '../package/model-blob.ts'
import { type State, stateHash } from '../package/state.ts'
import { windowCount } from '../package/task-spec.ts'
import { evaluateDataset } from './evaluate.ts'
import { checkWindowEvidence, makeWindowEvidence, type WindowClaim } from './evidence.ts'
import type { Engine } from './runner.ts'
import { makeStepBatch, roundStep } from './step-batch.ts'
import { batchIndices, type Training, train } from './train.ts'
import { tryTask } from './trial.ts'
import { delta, maxUpdateBytes, parseUpdate, unflatten } from './update.ts'

const SECRET = seedOf('secret')
const BATCH_SEED = seedOf('batches')
const MODEL = ['w0', 'b0', 'w1', 'b1']

/** What one step of an optimizer makes of a gradient, in doubles. */
type Rule = (at: { weight: number; gradient: number; step: number; memory: number[] }) => number

const RATE = Math.fround(0.1)

const momentum: Rule = ({ weight, gradient, memory }) => {
  memory[0] = 0.9 * (memory[0] ?? 0) + RATE * gradient
  return weight - memory[0]
}

const adam: Rule = ({ weight, gradient, step, memory }) => {
  memory[0] = 0.9 * (memory[0] ?? 0) + 0.1 * gradient
  memory[1] = 0.999 * (memory[1] ?? 0) + 0.001 * gradient ** 2
  const [mean, spread] = [memory[0] / (1 - 0.9 ** step), memory[1] / (1 - 0.999 ** step)]
  return weight - (RATE * mean) / (Math.sqrt(spread) + 1e-8)
}

/** Steps by a rule, with gradients of the plain task. */
async function stepped(rule: Rule, data: Dataset, steps: number): Promise<State> {
  const plain = await smallPackage()
  const engine = await openEngine(plain)
  const memories = new Map<string, number[][]>()
  let state = plain.init
  for (let step = 0; step < steps; step++) {
    const indices = batchIndices(BATCH_SEED, step, plain.spec.batchSize, data.n)
    const draw = { ...roundStep(plain.spec, { round: 1, batchSeed: BATCH_SEED }, step), rate: 1 }
    const after = await engine.steps(state, [makeStepBatch(plain.spec, data, indices, draw)])
    state = new Map(
      [...state].map(([name, weights]) => {
        const memory = memories.get(name) ?? Array.from(weights, () => [])
        memories.set(name, memory)
        const gradients = weights.map((weight, i) => weight - after.state.get(name)![i]!)
        return [
          name,
          weights.map((weight, i) =>
            rule({ weight, gradient: gradients[i]!, step: step + 1, memory: memory[i]! }),
          ),
        ]
      }),
    )
  }
  await engine.close()
  return state
}

const OPTIMIZERS = [
  { name: 'momentum', contents: momentumTask(), rule: momentum, steps: 12, within: 1e-5 },
  // A gradient near zero gets a full step, of a sign that its last bits decide.
  { name: 'Adam', contents: adamTask(), rule: adam, steps: 2, within: 2e-3 },
]

for (const { name, contents, rule, steps, within } of OPTIMIZERS)
  describe(`a task with local tensors, trained by ${name}`, () => {
    let task: PackageWithPool
    let engine: Engine
    let data: Dataset
    let training: Training

    before(async () => {
      task = await packageOf(contents)
      engine = await openEngine(task)
      data = blobs(40, seedOf('shard'))
      training = await trainedFrom(task.init)
    })
    after(() => engine.close())

    const trainedFrom = (base: State) => train({ engine, base, data, round: 1, batchSeed: BATCH_SEED })

    const replayed = (window: number, of: Training, changes: Partial<WindowClaim> = {}) =>
      checkWindowEvidence({
        engine,
        evidence: makeWindowEvidence({
          spec: task.spec,
          window,
          stateHashes: of.stateHashes,
          start: of.borders[0]!,
          stateBefore: of.borders[window]!,
          data,
          secret: SECRET,
          batchSeed: BATCH_SEED,
        }),
        window,
        round: 1,
        stateRoot: of.stateRoot,
        dataRoot: dataRoot(data, SECRET),
        sampleCount: data.n,
        batchSeed: BATCH_SEED,
        start: task.init,
        startHash: stateHash(task.spec, task.init),
        finalStateHash: parseUpdate(task.spec, updateBytes(task.spec, of.final)).hash,
        ...changes,
      })

    it('steps as the formulas say', async () => {
      const expected = await stepped(rule, data, steps)
      const indices = (step: number) => batchIndices(BATCH_SEED, step, task.spec.batchSize, data.n)
      const shard = { round: 1, batchSeed: BATCH_SEED }
      const batches = Array.from({ length: steps }, (_, step) =>
        makeStepBatch(task.spec, data, indices(step), roundStep(task.spec, shard, step)),
      )
      const { state } = await engine.steps(task.init, batches)
      for (const [tensor, values] of expected)
        values.forEach((value, i) => {
          expect(state.get(tensor)![i], `${tensor}[${i}]`).to.be.closeTo(value, within)
        })
    })

    it('is trained again to the same bits, window by window, from states that hold all tensors', async () => {
      expect([...training.final.keys()]).to.have.members(task.spec.state.map((tensor) => tensor.name))
      for (let window = 0; window < windowCount(task.spec); window++)
        expect(await replayed(window, training), `window ${window}`).to.include({ ok: true })
    })

    it('is not shown with other local tensors than the committed ones', async () => {
      const before = training.borders[1]!
      const local = task.spec.state.find(({ role }) => role === 'local')!.name
      const borders = training.borders.with(
        1,
        new Map([...before, [local, before.get(local)!.map((v) => v + 1)]]),
      )
      expect(() => replayed(1, { ...training, borders })).to.throw('not the committed state before window 1')
    })

    it('starts each round from the base model and the local tensors of the package', async () => {
      const base = startState(task, parseModel(task.spec, serializeModel(task.spec, training.final)))
      const second = await trainedFrom(base)
      for (const { name: tensor, role } of task.spec.state)
        expect(second.borders[0]!.get(tensor), tensor).to.deep.equal(
          (role === 'model' ? training.final : task.init).get(tensor),
        )
      const wrong = await replayed(0, second)
      expect(wrong).to.include({ kind: 'withheld' }).and.have.property('reason').that.contains('base model')
      const own = { start: base, startHash: stateHash(task.spec, base) }
      expect(await replayed(0, second, own)).to.include({ ok: true })
    })

    it('publishes model tensors alone: updates, aggregates, models', async () => {
      const { spec, init: base } = task
      const bytes = updateBytes(spec, training.final)
      const { model, hash } = parseUpdate(spec, bytes)
      expect(bytes.length).to.be.at.most(maxUpdateBytes(spec))
      expect([...model.keys()]).to.deep.equal(MODEL)
      expect(model).to.deep.equal(modelOf(spec, training.final))
      expect(hash).to.equal(training.stateHashes.at(-1))

      const members = [{ final: model, weight: 1n }]
      const { blob } = aggregateCohort({ spec, base, members })
      const next = aggregateRoot({ spec, base, cohorts: [blob] })
      expect([...next.keys()]).to.deep.equal(MODEL)
      expect(modelHash(spec, next)).to.equal(modelHash(spec, startState(task, next)))
      expect(delta(spec, base, training.final)).to.deep.equal(delta(spec, modelOf(spec, base), model))
      expect([...unflatten(spec, delta(spec, base, model)).keys()]).to.deep.equal(MODEL)

      const evaluation = await evaluateDataset({ engine, state: next, data: task.holdout })
      const about = { round: 1, poolRoot: SECRET, beacon: SECRET, samples: 120, poolSamples: 120 }
      const words = { metric: metricOf(evaluation, about), cohorts: [true] }
      const read = readModel(spec, writeModel(spec, startState(task, next), words))
      expect(read).to.deep.equal({ state: next, ...words })
    })

    it('is scored by its model, from a reference that starts like a round', async () => {
      const { init: base, holdout } = task
      const final = modelOf(task.spec, training.final)
      const candidates = [{ id: 'a', final, personalSeed: seedOf('personal') }]
      const judged = { engine, base, holdout, round: 1, rootSeed: seedOf('root'), candidates }
      expect((await scoreQuality(judged))[0]!.qualityBps).to.be.above(2_000)
    })

    it('is tried before money depends on it', async () => {
      expect((await tryTask({ task, engine, samples: task.holdout })).real.stepMs).to.be.above(0)
      const trial = await tryPool({ engine, init: task.init, pool: task.holdout, seed: SECRET })
      expect(trial.lossAfter).to.be.below(trial.lossBefore)
    })

    it('has updates whose roots of local tensors are checked by form, and give another hash when they lie', () => {
      const { spec } = task
      const honest = updateBytes(spec, training.final)
      const locals = spec.state.filter(({ role }) => role === 'local').length
      const withWords = (words: Record<string, string>) => serializeModel(spec, training.final, words)
      for (const local of [
        '',
        '00',
        'ab'.repeat(32 * (locals + 1)),
        'AB'.repeat(32 * locals),
        'zz'.repeat(32 * locals),
      ])
        expect(() => parseUpdate(spec, withWords({ local })), local.slice(0, 8)).to.throw(
          `expected ${locals} roots`,
        )
      expect(() => parseUpdate(spec, withWords({}))).to.throw('the metadata "local" has 0 characters')
      const lying = parseUpdate(spec, withWords({ local: 'ab'.repeat(32 * locals) }))
      expect(lying.model).to.deep.equal(parseUpdate(spec, honest).model)
      expect(lying.hash).to.not.equal(training.stateHashes.at(-1))
    })
  })

describe('roles of tensors', () => {
  it('leave everything of a task without local tensors as it was', async () => {
    const { spec, init } = await smallPackage()
    expect(startState({ spec, init }, init)).to.deep.equal(init)
    expect(modelHash(spec, init)).to.equal(stateHash(spec, init))
    expect(updateBytes(spec, init)).to.deep.equal(serializeModel(spec, init))
  })

  it('need one of the model, and its tensors in a model', async () => {
    const contents = smallTask()
    const state = contents.spec.state.map((tensor) => ({ ...tensor, role: 'local' as const }))
    const refusal = createTask({ ...contents, spec: { ...contents.spec, state } })
    expect(await refusal.catch((error) => error.message)).to.contain('state: no tensor has the role model')
    const { spec, init } = await packageOf(momentumTask())
    const lacking = new Map([...init].filter(([name]) => name !== 'w1'))
    expect(() => modelOf(spec, lacking)).to.throw('state has 3 tensors, the task has 4')
  })
})
