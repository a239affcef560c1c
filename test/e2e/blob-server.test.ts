import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installedEngine } from '@assay/engine/node/engine-pin.ts'
import { fetchTaskPackage } from '@assay/engine/package/fetch-package.ts'
import { filesOf } from '@assay/engine/package/task-spec.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { ofAccount } from '@assay/sdk/protocol/rounds-slots.ts'
import { finalizeRoundCall } from '@assay/sdk/verbs/rounds/finalize-round.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { voidCohortCall } from '@assay/sdk/verbs/rounds/void-cohort.ts'
import { type Hash, MAX_RECORD_BYTES } from '@assay/store/blob-store.ts'
import { signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { type FileStore, openFileStore } from '@assay/store/file-store.ts'
import { contributor, putOpening, someOpening, stranger } from '@assay/store/fixtures/records.ts'
import { codeOf } from '@assay/store/fixtures/transfers.ts'
import { startBlobServer } from '@assay/store/http-server.ts'
import { httpStore } from '@assay/store/http-store.ts'
import { poolKeyOf } from '@assay/store/pool-record.ts'
import { openingKey } from '@assay/store/records.ts'
import { type Ledger, openLedger } from '@assay/store/server/ledger.ts'
import type { RetentionRules } from '@assay/store/server/needs.ts'
import { prune } from '@assay/store/server/prune.ts'
import { chainRegistry } from '@assay/store/server/registry.ts'
import { expect } from 'chai'
import { type LocalAccount, pad, stringToBytes, toHex, zeroHash } from 'viem'
import { startCliRunner } from './support/cli-runner.ts'
import type { HandMadeUpdate } from './support/hand-made-update.ts'
import { openRound, PHASE_SECONDS, playToOpen, publishAll, type Scene, startScene } from './support/scene.ts'

const YEAR_SECONDS = 365 * 86_400

describe('a blob server that asks the chain', () => {
  let scene: Scene
  let updates: HandMadeUpdate[]

  before(async () => {
    scene = await startScene({ seed: deriveSeed(zeroHash, 'blob server'), contributors: 3 })
    await openRound(scene)
    updates = await Promise.all([0, 1].map((i) => scene.update(i)))
  })
  after(() => scene.stop())

  describe('admits', () => {
    const registry = () => chainRegistry({ reader: async () => scene.reader, freshMs: 0 })

    it('owners, enrolled contributors and validators that joined, and knows who has a duty', async () => {
      const standing = (account: Hash, taskId = scene.taskId) => registry().standingOf(account, taskId)
      const [owner, late, ready] = [
        scene.chain.accounts[0]!.address,
        scene.contributors[2]!.account.address,
        scene.contributors[0]!.account.address,
      ]
      const validator = scene.validators[0]!.address
      expect(await standing(ready), 'nothing to open yet').to.deep.equal({ admitted: true, hasDuty: false })
      await playToOpen(scene, updates)
      expect(await standing(owner)).to.deep.equal({ admitted: true, hasDuty: false })
      expect(await standing(late)).to.deep.equal({ admitted: true, hasDuty: false })
      expect(await standing(ready)).to.deep.equal({ admitted: true, hasDuty: true })
      expect(await standing(validator)).to.deep.equal({ admitted: true, hasDuty: true })
      expect(await standing(stranger.address)).to.deep.equal({ admitted: false, hasDuty: false })
      for (const taskId of [0n, 999n, 2n ** 64n])
        expect((await standing(ready, taskId)).admitted, `${taskId}`).to.equal(false)
    })

    it('only the people of the tasks that it serves, and whom its operator allows', async () => {
      const reader = async () => scene.reader
      const { address } = scene.validators[0]!
      const elsewhere = chainRegistry({ reader, taskIds: [2n], allowed: [stranger.address] })
      expect((await elsewhere.standingOf(address, scene.taskId)).admitted).to.equal(false)
      expect((await elsewhere.standingOf(stranger.address, 0n)).admitted).to.equal(true)
    })

    it('whom it admitted last while the node is silent, and nobody else', async () => {
      let answers = true
      const reader = async (): Promise<AssayReader> => {
        if (!answers) throw new Error('connection refused')
        return scene.reader
      }
      const flaky = chainRegistry({ reader, freshMs: 0, mostKept: 3 })
      const [known, unknown] = [scene.validators[0]!.address, scene.validators[1]!.address]
      await flaky.standingOf(known, scene.taskId)
      for (let i = 1; i < 9; i++) await flaky.standingOf(toHex(i, { size: 20 }), scene.taskId)
      await flaky.standingOf(stranger.address, scene.taskId)
      answers = false
      expect((await flaky.standingOf(known, scene.taskId)).admitted).to.equal(true)
      expect(await codeOf(flaky.standingOf(unknown, scene.taskId))).to.equal('unavailable')
      expect(await codeOf(flaky.standingOf(stranger.address, scene.taskId))).to.equal('unavailable')
    })

    it('the signed requests of such accounts', async () => {
      const dir = join(scene.dir, 'served')
      const server = await startBlobServer({ dir, port: 0, registry: registry() })
      const by = (account: typeof stranger) =>
        httpStore({ url: server.url, account, taskId: scene.taskId, retries: 0 })
      try {
        await by(scene.contributors[0]!.account).put(updates[0]!.blob)
        expect(await codeOf(by(stranger).put(updates[1]!.blob))).to.equal('not-admitted')
      } finally {
        await server.close()
      }
    })
  })

  it('takes a package again from the owner of its task, and tells a stranger what is missing', async () => {
    const dir = join(scene.dir, 'packages')
    const reader = async () => scene.reader
    const server = await startBlobServer({ dir, port: 0, registry: chainRegistry({ reader }) })
    const deployment = join(scene.dir, 'deployment.json')
    await writeFile(deployment, JSON.stringify(scene.chain.deployment))
    const cli = startCliRunner()
    const publish = (privateKey: string) =>
      cli.run(
        [
          ...['task', 'publish', '1', '--package', join(scene.dir, 'package'), '--store-url', server.url],
          ...['--rpc', scene.chain.rpcUrl, '--deployment', deployment],
        ],
        { ASSAY_PRIVATE_KEY: privateKey },
      )
    try {
      const refused = await publish(`0x${'5a'.repeat(32)}`)
      expect([refused.code, refused.stderr]).to.satisfy(([code, said]: [number, string]) => {
        return code === 1 && said.includes('is neither enrolled nor joined in task 1')
      })
      const taken = await publish(scene.chain.accounts[0]!.privateKey)
      expect([taken.code, taken.stdout]).to.deep.equal([0, 'The package of task 1 is published.\n'])
      const fetched = await fetchTaskPackage(scene.task.specHash, await installedEngine(), (hash, maxBytes) =>
        httpStore({ url: server.url }).get(hash, { maxBytes }),
      )
      expect(fetched.specHash).to.equal(scene.task.specHash)
    } finally {
      cli.end()
      await server.close()
    }
  })

  describe('removes', () => {
    let files: FileStore
    let ledger: Ledger
    const dir = () => join(scene.dir, 'store')
    const rules: RetentionRules = { seconds: 1, rounds: 1, held: true }

    before(async () => {
      files = await openFileStore({ dir: dir() })
      ledger = await openLedger(dir())
      for (const update of updates) await publishAll(scene, update)
    })
    after(() => ledger.close())

    const pruneNow = (changed: Partial<RetentionRules> = {}) =>
      prune({
        files,
        ledger,
        reader: scene.reader,
        rules: { ...rules, ...changed },
        now: Math.floor(Date.now() / 1_000),
      })
    const kept = async () => {
      const paths: string[] = []
      for await (const { path } of files.list()) paths.push(path)
      return paths.sort()
    }
    /** Lets everything in the store be a year old, but for what `young` names. */
    async function age(young: readonly string[] = []): Promise<void> {
      const past = Date.now() / 1_000 - YEAR_SECONDS
      for (const entry of await readdir(dir(), { recursive: true, withFileTypes: true }))
        if (entry.isFile() && !young.some((name) => entry.name.startsWith(name)))
          await utimes(join(entry.parentPath, entry.name), past, past)
    }

    it('nothing that is younger than what a case may take, however little its operator keeps', async () => {
      await files.put(new Uint8Array(10))
      expect(await pruneNow()).to.deep.equal({ blobs: 0, records: 0, bytes: 0 })
    })

    it('what nobody needs, and keeps what an open round and the task need, whatever its age', async () => {
      await putPool(scene.task.specHash, scene.chain.accounts[0]!)
      await putPool(scene.task.specHash, scene.validators[0]!)
      const needed = await kept()
      const junk = await files.put(new Uint8Array(100))
      const foreign = await someOpening('of another chain')
      await putOpening(files, foreign)
      const strayPool = await putPool(foreign.opening.baseModelHash)
      const put = await files.put(new Uint8Array(200))
      await age([put])
      expect(await pruneNow()).to.include({ records: 2 })
      expect(await files.getRecord(strayPool)).to.equal(undefined)
      const empty = `blobs/${await files.put(new Uint8Array(10))}`
      expect(await files.has(junk)).to.equal(false)
      expect(await files.getRecord(openingKey(foreign.commitment))).to.equal(undefined)
      expect(await kept()).to.have.members([...needed, `blobs/${put}`])
      expect(needed).to.include(empty)
      await files.remove(empty, Number.POSITIVE_INFINITY)
      await files.remove(`blobs/${put}`, Number.POSITIVE_INFINITY)
    })

    it('what only claims to be needed: of rounds and tasks that never were, and pools of whoever likes', async () => {
      const before = await kept()
      const { chainId, contracts } = scene.reader.deployment
      const ours = { chainId, rounds: contracts.rounds, taskId: scene.taskId }
      for (const change of [{ round: 2 ** 32 - 1 }, { taskId: 999n }, { taskId: 0n }])
        await putOpening(files, await someOpening(`claimed ${Object.keys(change)}`, { ...ours, ...change }))
      await putPool(scene.task.specHash)
      const damaged = await someOpening('damaged', ours)
      await putOpening(files, damaged)
      const { commitment } = damaged
      const file = join(dir(), 'records', commitment.slice(2, 4), `${commitment}-opening`)
      await writeFile(file, 'x'.repeat(MAX_RECORD_BYTES + 1))
      await age()
      expect(await pruneNow()).to.include({ records: 5 })
      expect(await kept()).to.deep.equal(before)
    })

    it('nothing when the chain does not answer', async () => {
      await age()
      const before = await kept()
      const silent = { ...scene.reader, chain: { ...scene.reader.chain, readContract: notNow } }
      const pruning = prune({ files, ledger, reader: silent as AssayReader, rules, now: Date.now() / 1_000 })
      expect(await pruning.catch((error: unknown) => error)).to.match(/not now/)
      expect(await kept()).to.deep.equal(before)
    })

    it('a round that is over, but not of a contributor whose pay an audit still holds', async () => {
      const { chain, reader, taskId } = scene
      const { baseModelHash } = await readRound(reader, { taskId })
      await chain.mine(20 * PHASE_SECONDS)
      const [lucky, other] = updates
      await chain.client.setStorageAt({
        address: chain.deployment.contracts.rounds,
        index: ofAccount('held', taskId, lucky!.account.address),
        value: pad(toHex(5n)),
      })
      expect((await readEarnings(reader, { taskId, account: lucky!.account.address })).held).to.equal(5n)
      await nextRound()
      await age()
      await pruneNow()
      const paths = await kept()
      expect(paths).to.include.members([
        `records/${openingKey(lucky!.commitment)}`,
        `blobs/${lucky!.opening.updateHash}`,
        `blobs/${baseModelHash}`,
        `blobs/${scene.task.specHash}`,
      ])
      expect(paths.filter((path) => path.startsWith(`records/evidence/${lucky!.commitment}`))).to.not.be.empty
      expect(paths).to.not.include(`records/${openingKey(other!.commitment)}`)
      expect(paths).to.not.include(`blobs/${other!.opening.updateHash}`)

      await pruneNow({ rounds: 2 })
      expect(await kept()).to.deep.equal(paths)
      await pruneNow({ held: false })
      expect(
        await kept(),
        'the package, with the model that the task starts from, and the pools',
      ).to.have.length(1 + filesOf(scene.task.spec).length + 4)
    })

    /** Puts a pool for a task of that package. @returns the record's name */
    async function putPool(specHash: Hash, author: LocalAccount = contributor): Promise<string> {
      const content = stringToBytes(`pool of ${specHash} by ${author.address}`)
      const blob = await files.put(content)
      const key = poolKeyOf({ specHash, poolRoot: blob, reader: 'everybody', author: author.address })
      const record = { blob, sizeBytes: content.length, encryptedKey: '0x' } as const
      await files.putRecord(key, await signEncryptedBlob(key, record, author))
      return key
    }

    /** Ends the round that nobody judged, and starts the next. */
    async function nextRound(): Promise<void> {
      const { chain, taskId } = scene
      const anyone = chain.accounts[0]!
      await chain.send(anyone, voidCohortCall(chain.deployment, { taskId, cohort: 0 }))
      await chain.mine(20 * PHASE_SECONDS)
      await chain.send(anyone, finalizeRoundCall(chain.deployment, { taskId }))
      await openRound(scene)
    }

    const notNow = async () => {
      throw new Error('not now')
    }
  })
})
