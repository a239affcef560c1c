import { join } from 'node:path'
import { readModel } from '@assay/engine/package/model-blob.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { type BlobServer, startBlobServer } from '@assay/store/http-server.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { allIdle, type RunningOracle, startOracle } from './support/herd.ts'
import { openRound, playToOpen, publishAll, type Scene, startScene } from './support/scene.ts'

const BLOCK_SECONDS = 12
const MOST_BLOCKS = 150
const NO_ROOM = { uploads: { total: 0, keptForDuty: 0 } }

describe('oracles whose store takes no uploads', () => {
  let scene: Scene
  let server: BlobServer
  let oracles: RunningOracle[] = []

  before(async () => {
    scene = await startScene({ seed: deriveSeed(zeroHash, 'oracle uploads'), contributors: 3 })
  })
  after(async () => {
    await Promise.all(oracles.map((oracle) => oracle.stop()))
    await server.close()
    await scene.stop()
  })

  const round = () => readRound(scene.reader, { taskId: scene.taskId })
  const serve = (port: number, options = {}) =>
    startBlobServer({ dir: join(scene.dir, 'store'), port, ...options })

  async function playUntil(isOver: () => Promise<boolean>): Promise<void> {
    for (let i = 0; i < MOST_BLOCKS; i++) {
      const block = await scene.chain.mine(BLOCK_SECONDS)
      await allIdle(oracles, block.number!)
      if (await isOver()) return
    }
    throw new Error(`nothing ends in phase ${(await round()).phase}`)
  }

  it('vote in time, agree on the next model, and serve it when the store has room again', async () => {
    server = await serve(0, NO_ROOM)
    const port = Number(new URL(server.url).port)
    await openRound(scene)
    const updates = await Promise.all([0, 1, 2].map((i) => scene.update(i)))
    await playToOpen(scene, updates)
    for (const update of updates) await publishAll(scene, update)
    oracles = scene.validators.map((validator, i) =>
      startOracle({
        ...scene.oracleConfig(validator, `oracle-${i}`),
        storeDir: undefined,
        storeUrl: server.url,
      }),
    )
    await playUntil(async () => (await round()).phase === 'Idle')

    const { baseModelHash } = await round()
    expect(baseModelHash).to.not.equal(updates[0]!.opening.baseModelHash)
    for (const { address: validator } of scene.validators)
      expect((await readValidator(scene.reader, { taskId: scene.taskId, validator })).missedRounds).to.equal(
        0,
      )
    expect(await scene.store.has(baseModelHash)).to.equal(false)

    await server.close()
    server = await serve(port)
    await playUntil(() => scene.store.has(baseModelHash))
    expect((await round()).phase).to.equal('Submit')
    const blob = await scene.store.get(baseModelHash, { maxBytes: 1e6 })
    expect(readModel(scene.task.spec, blob).metric, 'with what the seats measured').to.include({ round: 1 })
  })
})
