import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { serializeState } from '@assay/engine/package/state.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { closeSubmissionsCall } from '@assay/sdk/verbs/rounds/close-submissions.ts'
import { sealCall } from '@assay/sdk/verbs/rounds/seal.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { expect } from 'chai'
import { type Hex, zeroHash } from 'viem'
import { type ContributorProcess, startContributor } from './support/contributor-process.ts'
import { drawnSeats, makeNewcomer, type Newcomer, openedUpdate, replayAs } from './support/newcomer.ts'
import { openRound, PHASE_SECONDS, type Scene, startScene } from './support/scene.ts'

const SEED = deriveSeed(zeroHash, 'contributor crash')

const CRASH_POINTS = [
  'before-row:submit',
  'after-row:submit',
  'after-signing:submit',
  'after-sending:submit',
  'after-receipt:submit',
  'during-blob-write',
]

describe('a contributor killed with SIGKILL', () => {
  let scene: Scene
  let newcomer: Newcomer
  let openedAt: Hex
  let running: ContributorProcess | undefined

  /** Everything that a crash point has to itself. */
  const folderOf = (point: string) => join(scene.dir, point.replace(':', '-'))
  const configOf = (point: string) => ({
    ...newcomer.config(point.replace(':', '-')),
    storeDir: `${folderOf(point)}-store`,
  })

  before(async () => {
    scene = await startScene({ seed: SEED, contributors: 1 })
    newcomer = await makeNewcomer(scene, SEED)
    const enrolling = startContributor(newcomer.config('enrolled'))
    const { number } = await scene.chain.client.getBlock()
    for (let block = number; block < number + 4n; block++) {
      expect(await enrolling.untilIdle(block)).to.equal('idle')
      await scene.chain.mine()
    }
    await enrolling.stop()
    await openRound(scene)
    openedAt = await scene.chain.snapshot()
  })

  afterEach(async () => {
    await running?.stop()
    running = undefined
  })

  after(() => scene.stop())

  /** Lets the contributor do what is due now; if it dies of the crash point, it is started again without one. */
  async function work(name: string, deaths: string[]): Promise<void> {
    running ??= startContributor(configOf(name))
    const { number } = await scene.chain.client.getBlock()
    const outcome = await running.untilIdle(number)
    if (outcome === 'idle') return
    deaths.push(outcome)
    running = undefined
    await work(name, deaths)
  }

  for (const point of CRASH_POINTS) {
    it(`${point}: started again, it loses nothing and posts nothing twice`, async () => {
      const { chain, taskId, task } = scene
      const store = await openFileStore({ dir: configOf(point).storeDir })
      await store.put(serializeState(task.spec, task.init))
      const { address } = newcomer.account
      await chain.revert(openedAt)
      openedAt = await chain.snapshot()
      await cp(join(scene.dir, 'enrolled'), folderOf(point), { recursive: true })
      const noncesBefore = await chain.client.getTransactionCount({ address })
      const deaths: string[] = []

      running = startContributor(configOf(point), point)
      await work(point, deaths)
      await chain.mine()
      await work(point, deaths)
      await chain.mine(PHASE_SECONDS)
      await chain.send(chain.accounts[0]!, closeSubmissionsCall(chain.deployment, { taskId }))
      await work(point, deaths)
      await chain.mine()
      await chain.send(chain.accounts[0]!, sealCall(chain.deployment, { taskId }))
      await work(point, deaths)

      expect(deaths).to.deep.equal(['SIGKILL'])
      expect(await chain.client.getTransactionCount({ address }), 'one transaction').to.equal(
        noncesBefore + 1,
      )
      const shown = { ...scene, store }
      const { opening } = await openedUpdate(shown, newcomer)
      expect(await store.get(opening!.updateHash, { maxBytes: 1_000_000 })).to.not.have.length(0)
      const drawn = await drawnSeats(scene, address, 0)
      const results = await Promise.all(drawn.map((request) => replayAs(shown, newcomer, request)))
      expect(results).to.deep.equal(drawn.map(() => 'ok'))
      expect(await readdir(join(configOf(point).storeDir, 'incoming')), 'no half blob is left').to.deep.equal(
        [],
      )
    })
  }
})
