import { inexact, tolerant } from '@assay/engine/fixtures/inexact.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readSlashes } from '@assay/sdk/verbs/stake-registry/read-slashes.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { expect } from 'chai'
import { parseEther, zeroHash } from 'viem'
import { allIdle, type RunningOracle, startOracle } from './support/herd.ts'
import { outcomesOf } from './support/outcomes.ts'
import { openRound, playToOpen, publishAll, type Scene, startScene } from './support/scene.ts'
import { smallTask, WINDOWS } from './support/small-task.ts'

const SEED = deriveSeed(zeroHash, 'tolerant round')
const BLOCK_SECONDS = 12
const MOST_BLOCKS = 150
/** As far as other runtimes go, and still accepted. */
const OFF = 2e-3
const HONEST = [0, 1, 2, 3, 4]
const CHEAT = 5

/** Leaves out a step in four, and goes as much further in the others. */
const skipping = (engine: Engine): Engine => ({
  ...engine,
  steps: async (state, batches) => {
    const fewer = batches.slice(1).map((batch) => ({ ...batch, rate: (4 / 3) * batch.rate }))
    const { state: after, losses } = await engine.steps(state, fewer)
    return { state: after, losses: [losses[0]!, ...losses] }
  },
})

describe('a round of a tolerant task', () => {
  let scene: Scene

  before(async () => {
    const contents = tolerant(smallTask(SEED))
    scene = await startScene({ seed: SEED, contributors: HONEST.length + 1, contents })
    await openRound(scene)
  })
  after(() => scene.stop())

  it('pays who trains in another runtime, pays no compute to who skips steps, and slashes nobody', async () => {
    const { engine } = scene
    const updates = await Promise.all([
      ...HONEST.map((i) => scene.update(i, { engine: inexact(engine, OFF) })),
      scene.update(CHEAT, { engine: skipping(engine) }),
    ])
    await playToOpen(scene, updates)
    for (const update of updates) await publishAll(scene, update)
    const oracles = scene.validators.map((validator, i) =>
      startOracle({ ...scene.oracleConfig(validator, `oracle-${i}`), courtBudgetWei: parseEther('100') }),
    )
    await mineUntilIdle(oracles)
    const outcomes = await outcomesOf(scene, updates)
    // Time to accuse.
    for (let block = 0; block < 6; block++) await mine(oracles)
    await Promise.all(oracles.map((oracle) => oracle.stop()))

    for (const i of HONEST) {
      expect(outcomes[i], `contributor ${i}`).to.include({ outcome: 'audited', provenWindows: WINDOWS })
      expect(outcomes[i]!.computePay > 0n).to.equal(true)
    }
    expect(outcomes[CHEAT]).to.include({ outcome: 'failed', computePay: 0n, dataPay: 0n })

    const { spec } = scene.task
    const { params } = await readTask(scene.reader, { taskId: scene.taskId })
    expect(params.computeUnitsPerRound).to.equal(0.8 * spec.steps * spec.unitsPerStep)
    expect(await readSlashes(scene.reader, { taskId: scene.taskId })).to.deep.equal([])
    expect(await readCases(scene.reader, { taskId: scene.taskId })).to.deep.equal([])
  })

  async function mine(oracles: RunningOracle[]): Promise<void> {
    const block = await scene.chain.mine(BLOCK_SECONDS)
    await allIdle(oracles, block.number!)
  }

  /** Mines until the round is closed, waiting for the oracles at each block. */
  async function mineUntilIdle(oracles: RunningOracle[]): Promise<void> {
    for (let block = 0; block < MOST_BLOCKS; block++) {
      await mine(oracles)
      if ((await readRound(scene.reader, { taskId: scene.taskId })).phase === 'Idle') return
    }
    throw new Error('the round does not end')
  }
})
