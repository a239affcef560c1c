import { inexact, tolerant } from '@assay/engine/fixtures/inexact.ts'
import { stateHash } from '@assay/engine/package/state.ts'
import type { TaskContents } from '@assay/engine/package/task-contents.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import {
  type HandMadeUpdate,
  publishEvidence,
  publishUpdate,
} from '../../test/e2e/support/hand-made-update.ts'
import { smallTask } from '../../test/e2e/support/small-task.ts'
import { SEED, type StageScene, startStageScene, VALIDATOR } from '../fixtures/stage-scene.ts'
import { oracleKeys } from '../oracle-keys.ts'
import { type ReplayOutcome, replayWindows } from './replay.ts'

const WINDOW = 2
const keys = oracleKeys(deriveSeed(SEED, 'oracle', BigInt(VALIDATOR)))

/** What stage S5 finds in a window, and how many windows it kept for a case. */
async function replayed(
  scene: StageScene,
  update: HandMadeUpdate,
): Promise<ReplayOutcome & { kept: number }> {
  const readers = [{ validator: VALIDATOR, encryptionKey: await keys.encryptionKey() }]
  await publishUpdate(scene.store, update)
  await publishEvidence(scene.store, scene.engine, update, { window: WINDOW, readers })
  const { round, stateRoot, dataRoot, finalState } = update.opening
  let kept = 0
  const outcome = await replayWindows({
    store: scene.store,
    keys,
    engine: scene.engine,
    commitment: update.commitment,
    contributor: update.account.address,
    validator: VALIDATOR,
    known: new Map(),
    keepMismatch: async () => void kept++,
    claim: {
      round,
      stateRoot,
      dataRoot,
      sampleCount: update.data.n,
      batchSeed: update.batchSeed,
      start: scene.base,
      startHash: stateHash(scene.task.spec, scene.base),
      finalStateHash: finalState.stateHash,
    },
    windows: [{ window: WINDOW, others: [] }],
  })
  return { ...outcome, kept }
}

describe('stage S5 of other bits than the engine’s', () => {
  const scenes: StageScene[] = []
  const start = async (contents: TaskContents) => {
    const scene = await startStageScene(contents)
    scenes.push(scene)
    return scene
  }
  after(async () => {
    for (const scene of scenes) await scene.stop()
  })

  const trained = (scene: StageScene, n: number, relativeL2: number) =>
    scene.make(n, { engine: inexact(scene.engine, relativeL2) })

  it('proves a window of a tolerant task that ends near enough', async () => {
    const scene = await start(tolerant(smallTask(SEED)))
    expect(await replayed(scene, await trained(scene, 60, 5e-3))).to.deep.include({
      proven: 1,
      withheld: [],
      kept: 0,
    })
  })

  it('misses one that does not, and keeps nothing for a case', async () => {
    const scene = await start(tolerant(smallTask(SEED)))
    const found = await replayed(scene, await trained(scene, 61, 0.05))
    expect(found).to.include({ proven: 0, kept: 0 })
    expect(found.mismatch).to.match(/millionths of what the window changes, the task accepts 10000$/)
  })

  it('keeps what an exact task can accuse of', async () => {
    const scene = await start(smallTask(SEED))
    const found = await replayed(scene, await trained(scene, 62, 1e-6))
    expect(found).to.include({ proven: 0, kept: 1 })
  })
})
