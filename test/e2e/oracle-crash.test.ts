import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { SEEN_UPDATES_MIGRATION } from '@assay/oracle/seen-updates.ts'
import { findSheet, SIGN_ONCE_MIGRATION } from '@assay/oracle/sign-once.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { entryReason } from '@assay/sdk/protocol/entry-reasons.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { unpackSheet } from '@assay/sdk/protocol/score-words.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { expect } from 'chai'
import { type Hex, zeroHash } from 'viem'
import type { TestAccount } from './support/chain.ts'
import { type DaemonProcess, startDaemonProcess } from './support/daemon-process.ts'
import type { HandMadeUpdate } from './support/hand-made-update.ts'
import { allIdle, startOracle } from './support/herd.ts'
import { openRound, PHASE_SECONDS, playToOpen, publishAll, type Scene, startScene } from './support/scene.ts'

const DUTY = 'commit/0'
const MIGRATIONS = [SIGN_ONCE_MIGRATION, SEEN_UPDATES_MIGRATION]
const BLOCK_SECONDS = 20

describe('an oracle killed with SIGKILL', () => {
  let scene: Scene
  let oracle: TestAccount
  let atCommit: Hex
  let late: HandMadeUpdate
  let running: DaemonProcess | undefined

  before(async () => {
    scene = await startScene({ seed: deriveSeed(zeroHash, 'oracle crash'), contributors: 3 })
    await openRound(scene)
    const updates = await Promise.all([0, 1, 2].map((i) => scene.update(i)))
    late = updates[2]!
    await playToOpen(scene, updates)
    for (const update of updates) await publishAll(scene, update)
    const { seats } = await readCohort(scene.reader, { taskId: scene.taskId, cohort: 0 })
    oracle = scene.validators.find(({ address }) => address === seats[0])!
    await scene.chain.mine(PHASE_SECONDS)
    atCommit = await scene.chain.snapshot()
  })

  afterEach(async () => {
    await running?.stop()
    running = undefined
  })

  after(() => scene.stop())

  const head = async () => (await scene.chain.client.getBlock()).number
  const start = (name: string, crashAt?: string) =>
    startDaemonProcess('oracle-child.ts', scene.oracleConfig(oracle, name), crashAt)
  const nonce = () => scene.chain.client.getTransactionCount({ address: oracle.address })

  /** Lets the oracle do what is due now; when it dies of its crash point, it is started again without one. */
  async function work(name: string, deaths: string[]): Promise<void> {
    running ??= start(name)
    const outcome = await running.untilIdle(await head())
    if (outcome === 'idle') return
    deaths.push(outcome)
    running = undefined
  }

  function sheetOnDisk(name: string): { digest: Hash; salt: Hash } | undefined {
    const db = openDaemonDatabase(join(scene.dir, name, 'daemon.sqlite'), MIGRATIONS)
    try {
      return findSheet(db, { taskId: scene.taskId, round: 1, attempt: 0 })
    } finally {
      db.close()
    }
  }

  /** The round's events of one kind: of this oracle alone, when it alone lives or is the only one to do it. */
  async function eventsOf<const name extends 'ScoresCommitted' | 'ScoresRevealed' | 'AggregatesVoted'>(
    eventName: name,
  ) {
    return scene.chain.client.getContractEvents<typeof iRoundsAbi, name, true>({
      address: scene.chain.deployment.contracts.rounds,
      abi: iRoundsAbi,
      eventName,
      fromBlock: 0n,
      strict: true,
    })
  }

  for (const label of ['before-row', 'after-row', 'after-signing', 'after-sending', 'after-receipt']) {
    it(`${label}: started again, it commits and reveals its one sheet once`, async () => {
      await scene.chain.revert(atCommit)
      atCommit = await scene.chain.snapshot()
      const sentBefore = await nonce()
      const deaths: string[] = []

      running = start(label, `${label}:${DUTY}`)
      await work(label, deaths)
      if (label === 'after-receipt') {
        await scene.chain.mine()
        await work(label, deaths)
      }
      expect(deaths).to.deep.equal(['SIGKILL'])
      const sheet = sheetOnDisk(label)
      expect(sheet, 'the sheet was on disk before anything left').not.to.equal(undefined)

      await work(label, deaths)
      await scene.chain.mine()
      await work(label, deaths)
      await scene.chain.mine(PHASE_SECONDS)
      await work(label, deaths)
      await scene.chain.mine()
      await work(label, deaths)

      expect(deaths).to.deep.equal(['SIGKILL'])
      expect((await eventsOf('ScoresCommitted')).map(({ args }) => args.digest)).to.deep.equal([
        sheet?.digest,
      ])
      expect(await eventsOf('ScoresRevealed')).to.have.length(1)
      expect((await nonce()) - sentBefore, 'a commitment and a reveal').to.equal(2)
    })
  }

  describe('or whose folder is deleted after its commitment', () => {
    /** An oracle in this process that does what is due now. */
    async function workOnce(name: string): Promise<void> {
      const one = startOracle(scene.oracleConfig(oracle, name))
      await one.idleAt(await head())
      await one.stop()
    }

    /** Commits, loses everything but its key, and starts in the Reveal phase. @returns the transactions sent */
    async function loseAndReveal(name: string, meanwhile: () => Promise<void>): Promise<number> {
      const sentBefore = await nonce()
      await workOnce(name)
      await scene.chain.mine()
      await rm(join(scene.dir, name), { recursive: true })
      await meanwhile()
      await scene.chain.mine(PHASE_SECONDS)
      await workOnce(name)
      await scene.chain.mine()
      return (await nonce()) - sentBefore
    }

    beforeEach(async () => {
      await scene.chain.revert(atCommit)
      atCommit = await scene.chain.snapshot()
    })

    it('draws its one sheet up again from key and chain, and reveals it', async () => {
      const sent = await loseAndReveal('lost', async () => undefined)
      expect(sent, 'a commitment and a reveal').to.equal(2)
      expect(await eventsOf('ScoresRevealed')).to.have.length(1)
    })

    it('finds what it committed to although an update was opened only later', async () => {
      const record = join(
        scene.dir,
        'store',
        'records',
        late.commitment.slice(2, 4),
        `${late.commitment}-opening`,
      )
      await rename(record, `${record}.kept`)
      const sent = await loseAndReveal('lost-late', () => rename(`${record}.kept`, record))
      expect(sent).to.equal(2)
      const [reveal] = await eventsOf('ScoresRevealed')
      const entries = unpackSheet([reveal!.args.words[0]!, reveal!.args.words[1]!], 3)
      expect(entries.filter((entry) => entryReason(entry) === 'S0')).to.have.length(1)
    })

    it('signs no second sheet when the store shows another one now', async () => {
      const blob = join(
        scene.dir,
        'store',
        'blobs',
        late.opening.updateHash.slice(2, 4),
        late.opening.updateHash,
      )
      const sent = await loseAndReveal('lost-changed', () => rename(blob, `${blob}.gone`))
      await rename(`${blob}.gone`, blob)
      expect(sent, 'the commitment alone').to.equal(1)
      expect(sheetOnDisk('lost-changed')).to.equal(undefined)
    })
  })

  it('during-blob-write: started again, it publishes the whole aggregate and votes once', async () => {
    await scene.chain.revert(atCommit)
    atCommit = await scene.chain.snapshot()
    await playToVote()
    const sentBefore = await nonce()
    const deaths: string[] = []

    running = start('voter', 'during-blob-write')
    await work('voter', deaths)
    expect(deaths).to.deep.equal(['SIGKILL'])
    const outgoing = join(scene.dir, 'voter', 'outgoing', 'incoming')
    expect(await readdir(outgoing), 'half a blob').to.have.length(1)

    await work('voter', deaths)
    await scene.chain.mine()
    await work('voter', deaths)

    expect(deaths).to.deep.equal(['SIGKILL'])
    const votes = await eventsOf('AggregatesVoted')
    expect(votes).to.have.length(1)
    expect(await scene.store.has(votes[0]!.args.hashes[0]!)).to.equal(true)
    expect((await nonce()) - sentBefore).to.equal(1)
    for (const incoming of [outgoing, join(scene.dir, 'store', 'incoming')])
      expect(await readdir(incoming)).to.deep.equal([])
  })

  /** Lets all validators play until the cohort is settled; none of them votes. */
  async function playToVote(): Promise<void> {
    const noVote = { chooseVote: async () => undefined }
    const oracles = scene.validators.map((validator, i) =>
      startOracle(scene.oracleConfig(validator, `player-${i}`), noVote),
    )
    for (let i = 0; i < 30; i++) {
      await allIdle(oracles, await head())
      if ((await readRound(scene.reader, { taskId: scene.taskId })).phase === 'CohortVote') break
      await scene.chain.mine(BLOCK_SECONDS)
    }
    await Promise.all(oracles.map((one) => one.stop()))
  }
})
