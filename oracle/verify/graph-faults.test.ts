import {
  FAR_LOOKUP,
  FAR_TABLE_LOOKUP,
  LOOKUP_BY_FEATURE,
  MEMORY_BY_FEATURE,
  poisoned,
  TIME_BY_FEATURE,
} from '@assay/engine/fixtures/poisoned-graphs.ts'
import { openSandboxedEngine, type SandboxLimits } from '@assay/engine/node/sandbox.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { featuresOf } from '@assay/engine/package/features.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { clusters } from '../../test/e2e/support/small-task.ts'
import { benchOf, type CohortScene, type Look, startCohortScene } from '../fixtures/cohort-scene.ts'
import { noNotes } from '../progress.ts'
import type { Member } from '../round-facts.ts'
import type { Finding } from '../sheet.ts'

const SAMPLES = 60
const ROOMY: SandboxLimits = { memoryMb: 2_048, timeoutMs: 600_000 }

describe("a task's graph that fails", () => {
  let scene: CohortScene
  let honest: Member[]

  before(async () => {
    scene = await startCohortScene()
    honest = await Promise.all([0, 1, 2].map((n) => scene.handIn(n)))
  })
  after(() => scene.stop())

  /** Work on samples whose first feature is that large. The poison changes no state, so that it can be trained. */
  const spiked = (n: number, feature: number) => scene.handIn(n, { data: spikedData(n, feature) })
  const inProcess = (task: TaskPackage) => benchOf(task, () => openEngine(task))
  const sandboxed = (task: TaskPackage, limits = ROOMY) =>
    benchOf(task, () => openSandboxedEngine(task, limits))
  const find = (bench: ReturnType<typeof benchOf>, cohort: Member[], how: Look = {}) =>
    scene.find({ bench, cohort, ...how }).finally(() => bench.close())
  const expectScored = (findings: Finding[]) => {
    for (const finding of findings) {
      expect(finding).to.deep.include({ failed: undefined, taskFault: undefined, notLookedAt: undefined })
      expect(finding.qualityBps).to.be.above(0)
    }
  }

  it("is the task's fault where it fails on the base model: at the last call and before", async () => {
    for (const lastCall of [false, true]) {
      const bench = inProcess(poisoned(scene.task, { evaluation: FAR_LOOKUP }))
      for (const { taskFault, failed, provenWindows } of await find(bench, honest, { lastCall })) {
        expect(taskFault).to.contain('eval.onnx failed').and.contain('idx=1000000')
        expect(failed).to.equal(undefined)
        expect(provenWindows, 'the training stays proven').to.be.above(0)
      }
    }
  })

  it("is the task's fault where it can not be trained on the task's own samples", async () => {
    const bench = inProcess(poisoned(scene.task, { step: FAR_TABLE_LOOKUP }))
    for (const { taskFault, failed } of await find(bench, honest)) {
      expect(taskFault).to.contain('step.onnx failed')
      expect(failed).to.equal(undefined)
    }
  })

  it("is the fault of who trained on the samples that it fails on, if the task's own pass", async () => {
    const cohort = [await spiked(10, 20), ...honest]
    const bench = inProcess(poisoned(scene.task, { step: LOOKUP_BY_FEATURE }))
    const [culprit, ...others] = await find(bench, cohort)
    expect(culprit?.failed?.gate).to.equal('S5 graph')
    expect(culprit?.failed?.reason).to.contain('step.onnx failed')
    expectScored(others)
  })

  it('that wants too much memory for one sample leaves that update alone unaudited', async () => {
    const task = poisoned(scene.task, { step: MEMORY_BY_FEATURE })
    const bench = sandboxed(task, { ...ROOMY, memoryMb: 128 })
    const cohort = [await spiked(11, 1.5e7), ...honest]
    const notes = noNotes()
    const early = await scene.find({ bench, cohort, notes, lastCall: false }).catch((error: unknown) => error)
    expect(early).to.be.instanceOf(EngineRefusal).and.include({ code: 'limit' })

    const [greedy, ...others] = await find(bench, cohort, { notes })
    expect(greedy?.notLookedAt).to.contain('more than 128 MiB')
    expect(greedy?.failed).to.equal(undefined)
    expectScored(others)
  })

  it('that takes endlessly long for one sample leaves that update alone unaudited', async () => {
    const task = poisoned(scene.task, { step: TIME_BY_FEATURE })
    const cohort = [await spiked(12, 3_000), ...honest]
    // A slow machine needs more time for the others. The one takes many minutes on any.
    for (let ms = 6_000; ; ms *= 2) {
      const [slow, ...others] = await find(sandboxed(task), cohort, { ms })
      expect(slow?.notLookedAt).to.contain('did not finish in time')
      if (others.some(({ notLookedAt }) => notLookedAt !== undefined)) continue
      expectScored(others)
      break
    }
  })

  it('has made a base model that nobody can read: nobody is failed for it', async () => {
    const base = () => Promise.reject(new EngineRefusal('state', 'w0[0] is NaN'))
    for (const { taskFault, failed } of await scene.find({ cohort: honest, base, lastCall: false })) {
      expect(taskFault).to.equal('w0[0] is NaN')
      expect(failed).to.equal(undefined)
    }
  })
})

/** Samples of which the first feature is that large. */
function spikedData(n: number, feature: number): Dataset {
  const data = clusters(deriveSeed(zeroHash, 'spiked', BigInt(n)), SAMPLES, n)
  const x = featuresOf(data)
  for (let i = 0; i < SAMPLES; i++) x[(i * x.length) / SAMPLES] = feature
  return data
}
