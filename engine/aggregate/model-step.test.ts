import { expect } from 'chai'
import { type PackageWithPool, seedOf, smallPackage } from '../fixtures/small-tasks.ts'
import { openEngine } from '../node/session.ts'
import type { State } from '../package/state.ts'
import { evaluateDataset } from '../run/evaluate.ts'
import type { Engine } from '../run/runner.ts'
import { train } from '../run/train.ts'
import { bestStep, evaluateSteps, partOfStep, STEP_SHARES } from './model-step.ts'

let task: PackageWithPool
let engine: Engine
/** Where training on the held-out pool itself leads: a step that helps. */
let trained: State

const lossOf = async (state: State) => (await evaluateDataset({ engine, state, data: task.holdout })).meanLoss

const best = async (full: State) => {
  const { init: base, holdout } = task
  return bestStep(await evaluateSteps({ engine, holdout, base, full })).state
}

/** The way from the first to the second, `times` as long. */
const stretched = (from: State, to: State, times: number): State =>
  new Map(
    [...to].map(([name, end]) => [name, end.map((v, k) => from.get(name)![k]! * (1 - times) + v * times)]),
  )

describe('the step of the global model', () => {
  before(async () => {
    task = await smallPackage()
    engine = await openEngine(task)
    const { init: base, holdout: data } = task
    trained = (await train({ engine, base, data, round: 1, batchSeed: seedOf('step'), keepBorders: false }))
      .final
  })
  after(() => engine.close())

  it('is a share of the way, each value rounded once', () => {
    const base: State = new Map([['w', Float32Array.of(1, -2, 0.1)]])
    const full: State = new Map([['w', Float32Array.of(2, 2, 0.3)]])
    expect([...partOfStep(base, full, 0.25).get('w')!]).to.deep.equal([
      1.25,
      -1,
      Math.fround(Math.fround(0.1) + 0.25 * (Math.fround(0.3) - Math.fround(0.1))),
    ])
    expect(partOfStep(base, full, 1)).to.equal(full)
  })

  it('is the whole way where that helps most', async () => {
    expect(await lossOf(trained)).to.be.below(await lossOf(task.init))
    expect(await best(trained)).to.equal(trained)
  })

  it('is shorter where the whole way overshoots', async () => {
    const { init: base } = task
    for (const share of STEP_SHARES) {
      const full = stretched(base, trained, 1.5 / share)
      const losses = await Promise.all(STEP_SHARES.map((part) => lossOf(partOfStep(base, full, part))))
      expect(await lossOf(await best(full))).to.equal(Math.min(...losses))
    }
    const far = stretched(base, trained, -400)
    expect(await best(far)).to.deep.equal(partOfStep(base, far, 0.25))
  })

  it('is the whole way, for the guard to refuse, where no loss is finite', async () => {
    const full: State = new Map([...task.init].map(([name, part]) => [name, part.map(() => 3e38)]))
    expect(await best(full)).to.equal(full)
  })
})
