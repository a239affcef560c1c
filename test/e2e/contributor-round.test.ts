import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'
import type { ContributorConfig } from '@assay/contributor/contributor-config.ts'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { writeTaskPackage } from '@assay/engine/node/task-package.ts'
import { serializeState } from '@assay/engine/package/state.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { epochSeconds } from '@assay/sdk/protocol/task-params.ts'
import { closeSubmissionsCall } from '@assay/sdk/verbs/rounds/close-submissions.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { sealCall } from '@assay/sdk/verbs/rounds/seal.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { expect } from 'chai'
import { type Hex, zeroHash } from 'viem'
import { beginLife, type ContributorLife } from './support/contributor-life.ts'
import {
  balanceOf,
  drawnSeats,
  expectShownIfAudited,
  leaveByHand,
  makeNewcomer,
  type Newcomer,
  openedUpdate,
  replayAs,
  shownWindows,
} from './support/newcomer.ts'
import { openRound, PHASE_SECONDS, type Scene, SEATS, startScene } from './support/scene.ts'
import { playToFinal, putNextModel } from './support/score-by-hand.ts'
import { smallTask } from './support/small-task.ts'

const SEED = deriveSeed(zeroHash, 'contributor round')
/** Fewer windows than a round has, so that different draws differ. */
const DRAWN_WINDOWS = 2

describe('a contributor in a round', () => {
  let scene: Scene
  let newcomer: Newcomer
  /** The scene with a store of the test's own: the same chain gives the same commitments. */
  let here: Scene
  let start: Hex
  let life: ContributorLife | undefined
  let lives = 0

  before(async () => {
    scene = await startScene({ seed: SEED, contributors: 1, params: { replayWindows: DRAWN_WINDOWS } })
    newcomer = await makeNewcomer(scene, SEED)
    start = await scene.chain.snapshot()
  })

  beforeEach(async () => {
    await scene.chain.revert(start)
    start = await scene.chain.snapshot()
    lives++
    const store = await openFileStore({ dir: join(scene.dir, `store-${lives}`) })
    await store.put(serializeState(scene.task.spec, scene.task.init))
    here = { ...scene, store }
  })

  afterEach(async () => {
    await life?.end()
    life = undefined
  })

  after(() => scene.stop())

  const configOf = (name: string) => ({
    ...newcomer.config(name),
    storeDir: join(scene.dir, `store-${lives}`),
  })
  const me = () => ({ taskId: scene.taskId, contributor: newcomer.account.address })
  const anyone = () => scene.chain.accounts[0]!

  async function settled(): Promise<void> {
    await life?.untilIdle((await scene.chain.client.getBlock()).number)
  }

  async function mine(seconds?: number): Promise<void> {
    await scene.chain.mine(seconds)
    await settled()
  }

  /** Starts a life and lets it enrol. Each test has a data directory of its own. */
  async function enter(behaviour?: ContributorBehaviour): Promise<void> {
    life = beginLife(configOf(`data-${lives}`), behaviour)
    await settled()
    for (let block = 0; block < 3; block++) await mine()
  }

  async function restart(dataDir = `data-${lives}`): Promise<void> {
    await life?.end()
    life = beginLife(configOf(dataDir))
    await settled()
  }

  /** What the life says that ends by itself while it is waited for. */
  async function howItEnds(waiting: Promise<void>): Promise<string> {
    const failure = await waiting.then(
      () => new Error('it goes on'),
      (error: Error) => error,
    )
    life = undefined
    expect(failure, failure.message).to.be.instanceOf(FatalDaemonError)
    return failure.message
  }

  /** From the start of a round to its open phase. */
  async function playToOpen(): Promise<void> {
    const { chain, taskId } = scene
    await openRound(scene)
    await settled()
    await mine()
    await mine(PHASE_SECONDS)
    await chain.send(anyone(), closeSubmissionsCall(chain.deployment, { taskId }))
    await mine()
    await chain.send(anyone(), sealCall(chain.deployment, { taskId }))
    await settled()
  }

  async function storedBlobs(): Promise<number> {
    const entries = await readdir(join(scene.dir, `store-${lives}`), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).length
  }

  it('approves, stakes and enrols by itself, each once', async () => {
    const nonce = () => scene.chain.client.getTransactionCount({ address: newcomer.account.address })
    const before = await nonce()
    await enter()
    const { enrolled, dataUnits } = await readParticipant(scene.reader, me())
    expect({ enrolled, dataUnits }).to.deep.equal({ enrolled: true, dataUnits: newcomer.data.n })
    await restart()
    await mine()
    expect(await nonce()).to.equal(before + 3)
  })

  it('stays after leaving until its earnings are claimed, and ends then', async () => {
    await enter()
    await playToOpen()
    await playToFinal(here, newcomer.account.address, mine)
    const { pending } = await readEarnings(scene.reader, { ...me(), account: newcomer.account.address })
    const before = await balanceOf(scene, newcomer)
    await mine(PHASE_SECONDS)
    await leaveByHand(scene, newcomer)
    await mine()
    expect((await readParticipant(scene.reader, me())).enrolled).to.equal(false)
    const { params } = await readTask(scene.reader, { taskId: scene.taskId })
    await mine(2 * epochSeconds(params))

    expect(await howItEnds(mine())).to.contain('has left task 1')
    expect(await balanceOf(scene, newcomer)).to.equal(before + pending)
    expect(pending).to.be.above(0n)
  })

  it('shows nobody anything before the seal, and everything that is due after it', async () => {
    await enter()
    const blobs = await storedBlobs()
    await openRound(scene)
    await settled()
    await mine()
    expect((await readRound(scene.reader, me())).submissions).to.equal(1)
    expect(await storedBlobs(), 'before the seal').to.equal(blobs)
    expect((await openedUpdate(here, newcomer)).opening).to.equal(undefined)

    await mine(PHASE_SECONDS)
    await scene.chain.send(anyone(), closeSubmissionsCall(scene.chain.deployment, me()))
    await settled()
    expect(await storedBlobs(), 'after the close').to.equal(blobs)
    await mine()
    await scene.chain.send(anyone(), sealCall(scene.chain.deployment, me()))
    await settled()
    const { opening } = await openedUpdate(here, newcomer)
    expect(opening?.contributor).to.equal(newcomer.account.address)
    expect(await here.store.has(opening!.updateHash)).to.equal(true)
    const drawn = await drawnSeats(here, newcomer.account.address, 0)
    for (const request of drawn) expect(await replayAs(here, newcomer, request)).to.equal('ok')
  })

  it('answers nobody but the seats that read a window', async () => {
    await enter()
    await playToOpen()
    const drawn = await drawnSeats(here, newcomer.account.address, 0)
    for (const window of new Set(drawn.map((one) => one.window))) {
      const readers = new Set(drawn.filter((one) => one.window === window).map(({ validator }) => validator))
      expect(readers.size).to.equal(SEATS)
      for (const { address: validator } of scene.validators.filter(({ address }) => !readers.has(address)))
        expect(await replayAs(here, newcomer, { window, validator })).to.equal('missing')
    }
  })

  it('answers the new seats as well when the cohort is drawn again', async () => {
    await enter()
    await playToOpen()
    await mine(PHASE_SECONDS)
    await mine(PHASE_SECONDS)
    await mine(PHASE_SECONDS)
    expect((await readRound(scene.reader, me())).phase).to.equal('RedrawCommit')
    const again = await drawnSeats(here, newcomer.account.address, 1)
    const first = await drawnSeats(here, newcomer.account.address, 0)
    const seated = first.map(({ validator }) => validator)
    expect(again.filter(({ validator }) => seated.includes(validator))).to.deep.equal([])
    for (const request of [...first, ...again]) expect(await replayAs(here, newcomer, request)).to.equal('ok')
  })

  it('shows the windows of one draw a round, whatever beacons the node shows', async () => {
    const { chain, taskId } = scene
    await enter()
    await openRound(scene)
    await settled()
    await mine()
    await mine(PHASE_SECONDS)
    await chain.send(anyone(), closeSubmissionsCall(chain.deployment, { taskId }))
    let closed = await chain.snapshot()
    const [beacons, drawn] = [new Set<Hex>(), new Set<number>()]
    let shown: string[] = []
    for (let fork = 0; fork < 4; fork++) {
      await chain.revert(closed)
      closed = await chain.snapshot()
      await chain.mine(2 + fork)
      await chain.send(anyone(), sealCall(chain.deployment, { taskId }))
      // Each fork ends at a higher block, as the one that a chain changes to does.
      for (let block = 0; block < fork; block++) await chain.mine()
      if (fork === 2) await restart()
      await settled()
      beacons.add((await readRound(scene.reader, { taskId })).beacon!)
      for (const { window } of await drawnSeats(here, newcomer.account.address, 0)) drawn.add(window)
      if (fork === 0) shown = await shownWindows(here, newcomer)
      expect(await shownWindows(here, newcomer), `fork ${fork}`).to.deep.equal(shown)
    }
    expect(beacons.size).to.equal(4)
    expect(drawn.size, 'windows that some fork drew').to.be.greaterThan(DRAWN_WINDOWS)
    expect(shown).to.have.length(SEATS * DRAWN_WINDOWS)
  })

  it('can be started again in any phase', async () => {
    await enter()
    const { chain, taskId } = scene
    await openRound(scene)
    await settled()
    await restart()
    await mine()
    await restart()
    await mine(PHASE_SECONDS)
    await restart()
    await chain.send(anyone(), closeSubmissionsCall(chain.deployment, { taskId }))
    await restart()
    await mine()
    await life?.end()
    await chain.send(anyone(), sealCall(chain.deployment, { taskId }))
    await restart()
    await restart()
    for (const request of await drawnSeats(here, newcomer.account.address, 0))
      expect(await replayAs(here, newcomer, request)).to.equal('ok')
  })

  it('opens even when its data directory is lost after the submission', async () => {
    await enter()
    await openRound(scene)
    await settled()
    await mine()
    await life?.end()
    life = undefined
    await playOn()
    await restart(`lost-${lives}`)
    const { opening } = await openedUpdate(here, newcomer)
    expect(opening?.contributor).to.equal(newcomer.account.address)
    for (const request of await drawnSeats(here, newcomer.account.address, 0))
      expect(await replayAs(here, newcomer, request)).to.equal('ok')
  })

  /** From a submission to the open phase, whether or not the contributor lives. */
  async function playOn(): Promise<void> {
    const { chain, taskId } = scene
    await mine(PHASE_SECONDS)
    await chain.send(anyone(), closeSubmissionsCall(chain.deployment, { taskId }))
    await mine()
    await chain.send(anyone(), sealCall(chain.deployment, { taskId }))
    await settled()
  }

  it('opens nothing when its behaviour says so', async () => {
    await enter({ shouldOpen: () => false })
    await playToOpen()
    expect((await openedUpdate(here, newcomer)).opening).to.equal(undefined)
  })

  it('shows no window that its behaviour hides', async () => {
    await enter({ shouldShow: (window) => window % 2 === 0 })
    await playToOpen()
    for (const request of await drawnSeats(here, newcomer.account.address, 0))
      expect(await replayAs(here, newcomer, request)).to.equal(request.window % 2 === 0 ? 'ok' : 'missing')
  })

  it('is paid, claims once when its earnings mature, and goes on with the next round', async () => {
    await enter()
    await playToOpen()
    const account = newcomer.account.address
    const nextModel = await putNextModel(here)
    await playToFinal(here, account, mine, { modelHash: nextModel })
    const { pending } = await readEarnings(scene.reader, { taskId: scene.taskId, account })
    expect(pending > 0n).to.equal(true)

    const before = await balanceOf(scene, newcomer)
    const { params } = await readTask(scene.reader, { taskId: scene.taskId })
    await mine(2 * epochSeconds(params))
    await mine()
    await mine()
    expect(await balanceOf(scene, newcomer)).to.equal(before + pending)
    const nonce = await scene.chain.client.getTransactionCount({ address: account })
    await restart()
    await mine()
    expect(await scene.chain.client.getTransactionCount({ address: account })).to.equal(nonce)

    await playToOpen()
    const { opening } = await openedUpdate(here, newcomer)
    expect(opening).to.include({ round: 2, baseModelHash: nextModel })
    await expectShownIfAudited(here, newcomer)
  })

  it('refuses in words what it cannot work with', async () => {
    const refusal = (config: ContributorConfig) =>
      beginLife(config)
        .untilIdle(0n)
        .then(
          () => 'it ran',
          (error: Error) => (error instanceof FatalDaemonError ? error.message : String(error)),
        )
    expect(await refusal({ ...configOf('no-store'), storeDir: undefined })).to.contain(
      'at least one store with storeUrl',
    )

    const packageDir = join(scene.dir, 'another package')
    const { specHash } = await writeTaskPackage(packageDir, smallTask(deriveSeed(SEED, 'another task')))
    expect(await refusal({ ...configOf('no-package'), packageDir })).to.contain(specHash)
  })
})
