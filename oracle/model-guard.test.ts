import { partOfStep } from '@assay/engine/aggregate/model-step.ts'
import { FAR_LOOKUP, lookupByWeight, poisoned } from '@assay/engine/fixtures/poisoned-graphs.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { expect } from 'chai'
import { type StageScene, startStageScene } from './fixtures/stage-scene.ts'
import { chooseModel } from './model-guard.ts'

describe("the guard of the global model, when the task's graph fails", () => {
  let scene: StageScene
  let full: State

  before(async () => {
    scene = await startStageScene()
    full = (await scene.make(50)).training.final
  })
  after(() => scene.stop())

  async function choose(task: TaskPackage, engine = openEngine(task)) {
    const opened = await engine
    try {
      return await chooseModel({ engine: opened, holdout: scene.task.holdout, base: scene.base, full })
    } finally {
      await opened.close()
    }
  }

  it('keeps the base model if it fails there too, in every seat alike', async () => {
    const failing = poisoned(scene.task, { evaluation: FAR_LOOKUP })
    const [one, other] = [await choose(failing), await choose(failing)]
    expect(one).to.deep.equal(other)
    expect(one).to.have.property('accepted', false)
    expect(one).to.have.property('reason').that.contains("the task's own graph fails on the base model")
  })

  it('takes a share of the step on which it passes, if that helps', async () => {
    const name = [...full.keys()][0]!
    const largestOf = (state: State) => Math.max(...state.get(name)!)
    const half = partOfStep(scene.base, full, 0.5)
    expect(largestOf(full)).to.be.above(largestOf(half)).and.above(largestOf(scene.base))
    const limit = (largestOf(full) + largestOf(half)) / 2
    const choice = await choose(poisoned(scene.task, { evaluation: lookupByWeight(name, limit) }))
    expect(choice.accepted && choice.state).to.deep.equal(half)
  })

  it('is asked again when the engine ran out of time or memory', async () => {
    const engine = await openEngine(scene.task)
    const limited = { ...engine, evaluate: () => Promise.reject(new EngineRefusal('limit', 'no time')) }
    const failure = await choose(scene.task, Promise.resolve(limited)).catch((error: unknown) => error)
    expect(failure).to.include({ code: 'limit' })
  })
})
