import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDataset } from '@assay/engine/package/data.ts'
import type { OracleConfig } from '@assay/oracle/oracle-config.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { announcePoolCall } from '@assay/sdk/verbs/tasks/announce-pool.ts'
import { closeTaskCall } from '@assay/sdk/verbs/tasks/close-task.ts'
import { readPoolRoots } from '@assay/sdk/verbs/tasks/read-pool-roots.ts'
import { signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { poolKeyOf } from '@assay/store/pool-record.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { TestAccount } from './support/chain.ts'
import { startCliRunner } from './support/cli-runner.ts'
import { allIdle, type RunningOracle, startOracle } from './support/herd.ts'
import { type Scene, startScene } from './support/scene.ts'
import { clusters } from './support/small-task.ts'

const BLOCK_SECONDS = 12
const SEED = deriveSeed(zeroHash, 'pool sealing')

describe('a held-out pool, from its owner to the validators', () => {
  let scene: Scene
  let access: string[]
  let running: RunningOracle[] = []
  const cli = startCliRunner()

  before(async () => {
    // Keepers open one empty round after another while these tests wait for sealed pools.
    scene = await startScene({ seed: SEED, contributors: 1, params: { maxRounds: 50 } })
    const file = join(scene.dir, 'deployment.json')
    await writeFile(file, JSON.stringify(scene.chain.deployment))
    access = ['--rpc', scene.chain.rpcUrl, '--deployment', file, '--store-dir', join(scene.dir, 'store')]
  })
  after(async () => {
    cli.end()
    await scene.stop()
  })

  afterEach(async () => {
    await Promise.all(running.map((oracle) => oracle.stop()))
    running = []
  })

  const seal = (account: TestAccount, pool = join(scene.dir, 'pool.safetensors')) =>
    cli.run(['task', 'seal', '1', '--pool', pool, '--json', ...access], {
      ASSAY_PRIVATE_KEY: account.privateKey,
    })

  /** An oracle to whom nobody gave the pool's file. */
  function start(index: number, name: string): RunningOracle {
    const { poolFile: _, ...config }: OracleConfig = scene.oracleConfig(scene.validators[index]!, name)
    const oracle = startOracle(config)
    running.push(oracle)
    return oracle
  }

  const poolsIn = async (name: string) =>
    (await readdir(join(scene.dir, name))).filter((file) => file.startsWith('pool-')).sort()

  async function mine(blocks: number): Promise<void> {
    for (let i = 0; i < blocks; i++) {
      const { number } = await scene.chain.mine(BLOCK_SECONDS)
      await allIdle(running, number!)
    }
  }

  it('is sealed by its owner alone, and only the pool that the task is judged by', async () => {
    const byOther = await seal(scene.validators[0]!)
    expect([byOther.code, byOther.stderr.split('\n')[0]]).to.deep.equal([
      1,
      `Task 1 belongs to ${scene.chain.accounts[0]!.address}, not to ${scene.validators[0]!.address}.`,
    ])
    const wrong = join(scene.dir, 'wrong.safetensors')
    await writeFile(wrong, 'no pool')
    const refused = await seal(scene.chain.accounts[0]!, wrong)
    expect(refused.code).to.equal(2)
    expect(refused.stderr).to.contain(`${wrong} is not the held-out pool of this task`)
  })

  it('is published when the task is over, by its owner or a validator, and never before', async () => {
    const [owner, validator, stranger] = [
      scene.chain.accounts[0]!,
      scene.validators[5]!,
      scene.contributors[0]!.account,
    ]
    const pool = join(scene.dir, 'pool.safetensors')
    const publish = (account: TestAccount) =>
      cli.run(['task', 'publish-pool', '1', '--pool', pool, '--json', ...access], {
        ASSAY_PRIVATE_KEY: account.privateKey,
      })
    const out = join(scene.dir, 'fetched.safetensors')
    const fetchPool = () => cli.run(['task', 'fetch-pool', '1', '--out', out, '--json', ...access])

    const before = await scene.chain.snapshot()
    const early = await publish(owner)
    expect([early.code, early.stderr.split('\n')[0]]).to.deep.equal([
      1,
      'Task 1 is not over: 50 rounds can still open. With the pool, contributors could train on what judges them.',
    ])
    expect((await fetchPool()).stderr).to.contain('Nobody has published the held-out pool of task 1 here.')
    await scene.chain.send(owner, closeTaskCall(scene.chain.deployment, { taskId: 1n }))
    const foreign = await publish(stranger)
    expect(foreign.stderr).to.contain(`${stranger.address} is neither the owner of task 1`)

    const key = poolKeyOf({
      specHash: scene.task.specHash,
      poolRoot: scene.task.spec.pool.root as `0x${string}`,
      reader: 'everybody',
      author: owner.address,
    })
    const blob = await scene.store.put(new Uint8Array(8))
    const record = { blob, sizeBytes: 8, encryptedKey: '0x' } as const
    await scene.store.putRecord(
      key,
      await signEncryptedBlob(key, record, privateKeyToAccount(owner.privateKey)),
    )
    const published = await publish(validator)
    expect(published.code, published.stderr).to.equal(0)
    const fetched = await fetchPool()
    expect(JSON.parse(fetched.stdout), 'past the owner, who published something else').to.include({
      samples: scene.task.spec.pool.samples,
      author: validator.address,
    })
    expect(await readFile(out)).to.deep.equal(await readFile(pool))
    await scene.chain.revert(before)
  })

  it('lets an oracle wait until it is sealed, and lets it work from then on, a restart included', async () => {
    start(0, 'waits')
    await mine(2)
    expect((await readRound(scene.reader, { taskId: 1n })).phase).to.equal('Idle')
    expect(await poolsIn('waits')).to.deep.equal([])

    const { code, stdout, stderr } = await seal(scene.chain.accounts[0]!)
    expect(code, stderr).to.equal(0)
    expect(JSON.parse(stdout)).to.deep.include({
      taskId: '1',
      sealed: scene.validators.map(({ address }) => address),
      refused: [],
    })
    const again = await seal(scene.chain.accounts[0]!)
    expect(again.stdout, 'sealing again changes nothing').to.equal(stdout)
    await mine(8)
    expect(await poolsIn('waits')).to.have.length(2)
    expect((await readRound(scene.reader, { taskId: 1n })).phase, 'it opens a round').to.not.equal('Idle')

    await running.pop()!.stop()
    const records = join(scene.dir, 'store', 'records')
    await rm(records, { recursive: true })
    start(0, 'waits')
    await mine(1)
  })

  it('is sealed on by an oracle that has it, without the owner', async () => {
    await copyFile(join(scene.dir, 'pool.safetensors'), join(scene.dir, 'given.safetensors'))
    running.push(
      startOracle({
        ...scene.oracleConfig(scene.validators[1]!, 'given'),
        poolFile: join(scene.dir, 'given.safetensors'),
      }),
    )
    start(2, 'newcomer')
    await mine(1)
    expect(await poolsIn('newcomer')).to.deep.equal([])
    await mine(10)
    expect(await poolsIn('newcomer')).to.have.length(2)
    expect(await poolsIn('given'), 'it has no key but its own').to.have.length(1)

    await running.shift()!.stop()
    start(4, 'second newcomer')
    await mine(12)
    expect(await poolsIn('second newcomer'), 'by one that got it in an envelope').to.have.length(2)
  })

  it('is replaced: a running oracle follows, checks the new one as it did the first, and is ready for it', async () => {
    const owner = scene.chain.accounts[0]!
    const validator = scene.validators[4]!
    const [fresh, next] = ['fresh', 'next'].map((name) => join(scene.dir, `${name}.safetensors`))
    const samples = clusters(deriveSeed(SEED, 'fresh'), scene.task.spec.pool.samples)
    await writeFile(fresh!, writeDataset(samples, scene.task.spec))
    const made = await cli.run([
      'package',
      'pool',
      join(scene.dir, 'package'),
      next!,
      '--data',
      fresh!,
      '--json',
    ])
    expect(made.code, made.stderr).to.equal(0)
    const { poolRoot } = JSON.parse(made.stdout)
    start(4, 'second newcomer')
    await mine(1)
    const { round } = await readRound(scene.reader, { taskId: 1n })
    await scene.chain.send(owner, announcePoolCall(scene.chain.deployment, { taskId: 1n, poolRoot }))
    await mine(1)
    expect(await poolsIn('second newcomer'), 'nobody has sealed it').to.have.length(2)

    const sealed = await seal(owner, next)
    expect(sealed.code, sealed.stderr).to.equal(0)
    expect(JSON.parse(sealed.stdout)).to.include({ poolRoot })
    const at = { taskId: 1n, validator: validator.address }
    const bid = async () => (await readValidator(scene.reader, at)).bid
    for (let blocks = 0; !(await bid())?.isReadyForAnnounced && blocks < 100; blocks++) await mine(1)
    expect(await bid()).to.include({ isReady: true, isReadyForAnnounced: true })
    expect(await poolsIn('second newcomer'), 'both pools with their keys').to.have.length(4)
    expect(await readPool(scene.reader, { taskId: 1n })).to.deep.equal({
      poolRoot: scene.task.spec.pool.root,
      firstRound: 1,
      announced: { poolRoot, firstRound: round + 2 },
    })
    expect(await readPoolRoots(scene.reader, { taskId: 1n })).to.deep.equal([
      scene.task.spec.pool.root,
      poolRoot,
    ])
  })
})
