import { adamTask } from '@assay/engine/fixtures/optimizer-tasks.ts'
import { packageOf } from '@assay/engine/fixtures/small-tasks.ts'
import { updateBytes } from '@assay/engine/fixtures/update-bytes.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { modelOf, serializeModel } from '@assay/engine/package/model.ts'
import { type State, stateHash, stateProof } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { checkWindowEvidence } from '@assay/engine/run/evidence.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { NOT_AUDITED } from '@assay/sdk/protocol/score-words.ts'
import { expect } from 'chai'
import { evidenceOf, makeUpdate } from '../../test/e2e/support/hand-made-update.ts'
import { clusters, smallTask, WINDOWS } from '../../test/e2e/support/small-task.ts'
import { startCohortScene } from '../fixtures/cohort-scene.ts'
import { accountOf, ROUNDS, SEED } from '../fixtures/stage-scene.ts'
import { checkUpdate } from './gates.ts'

const MEMBERS = 4

describe('a cohort whose optimizer keeps tensors of its own', () => {
  it('is judged to the end: each window trained again from whole states, each model scored', async () => {
    const scene = await startCohortScene(adamTask(smallTask(SEED)))
    const cohort = await Promise.all(Array.from({ length: MEMBERS }, (_, n) => scene.handIn(n)))
    for (const { quality, windows } of await scene.entries({ cohort })) {
      expect(quality).to.be.above(0).and.below(NOT_AUDITED)
      expect(windows).to.be.above(0)
    }
    await scene.stop()
  })
})

describe('an update whose contributor lies about its local tensors', () => {
  let task: TaskPackage
  let engine: Engine

  before(async () => {
    task = await packageOf(adamTask(smallTask(SEED)))
    engine = await openEngine(task)
  })
  after(() => engine.close())

  const made = (wrong: Partial<Parameters<typeof makeUpdate>[0]> = {}) =>
    makeUpdate({
      engine,
      base: task.init,
      place: {
        chainId: 7,
        rounds: ROUNDS,
        taskId: 3n,
        round: 4,
        previousBeacon: SEED,
        baseModelHash: blobHash(serializeModel(task.spec, task.init)),
      },
      account: accountOf(0),
      data: clusters(SEED, 60),
      ...wrong,
    })
  /** A state with the first local tensor changed. */
  const twisted = (state: State): State => {
    const { name } = task.spec.state.find(({ role }) => role === 'local')!
    return new Map([...state, [name, state.get(name)!.map((value) => value + 1)]])
  }

  it('passes S1 if it is honest, and is the model alone', async () => {
    const { opening, blob, training } = await made()
    const found = checkUpdate(task.spec, opening, blob)
    expect(found).to.deep.include({ ok: true, final: modelOf(task.spec, training.final) })
  })

  it('fails S1 if its blob names other roots than the trace ends in', async () => {
    const { training } = await made()
    const { opening, blob } = await made({ blob: updateBytes(task.spec, twisted(training.final)) })
    expect(checkUpdate(task.spec, opening, blob))
      .to.include({ gate: 'S1' })
      .and.have.property('reason')
      .that.contains('the opening says')
  })

  it('fails S1 if its opening lies with the blob, because the trace does not', async () => {
    const { training } = await made()
    const lie = twisted(training.final)
    const last = training.stateHashes.length - 1
    const finalState = { stateHash: stateHash(task.spec, lie), proof: stateProof(training.stateHashes, last) }
    const { opening, blob } = await made({ blob: updateBytes(task.spec, lie), opening: { finalState } })
    expect(checkUpdate(task.spec, opening, blob))
      .to.include({ gate: 'S1' })
      .and.have.property('reason')
      .that.contains('is not the last state of the trace')
  })

  it('is caught by the last window if the whole trace lies with them', async () => {
    const { training } = await made()
    const liar = await made({ fakeFinal: twisted(training.final) })
    const { opening, blob, batchSeed, data } = liar
    expect(checkUpdate(task.spec, opening, blob)).to.include({ ok: true })
    const results = await Promise.all(
      Array.from({ length: WINDOWS }, (_, window) =>
        checkWindowEvidence({
          ...opening,
          engine,
          evidence: evidenceOf(engine, liar, window),
          window,
          sampleCount: data.n,
          batchSeed,
          start: task.init,
          startHash: stateHash(task.spec, task.init),
          finalStateHash: opening.finalState.stateHash,
        }),
      ),
    )
    expect(results.map((result) => (result.ok ? 'ok' : result.kind))).to.deep.equal([
      ...Array.from({ length: WINDOWS - 1 }, () => 'ok'),
      'mismatch',
    ])
  })
})
