import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openSecrets } from '@assay/contributor/secrets.ts'
import { writeTaskPackage } from '@assay/engine/node/task-package.ts'
import { sampleRoot, writeDataset } from '@assay/engine/package/data.ts'
import { keySeedOf, oracleKeys } from '@assay/oracle/oracle-keys.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { closeTaskCall } from '@assay/sdk/verbs/tasks/close-task.ts'
import { createTaskCall } from '@assay/sdk/verbs/tasks/create-task.ts'
import { enrolCall } from '@assay/sdk/verbs/tasks/enrol.ts'
import { joinValidatorsCall } from '@assay/sdk/verbs/tasks/join-validators.ts'
import { leaveCall } from '@assay/sdk/verbs/tasks/leave.ts'
import { leaveValidatorsCall } from '@assay/sdk/verbs/tasks/leave-validators.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { releaseValidatorCall } from '@assay/sdk/verbs/tasks/release-validator.ts'
import { expect } from 'chai'
import { parseEther, toHex, zeroHash } from 'viem'
import { type CliDaemon, startCliDaemon } from './support/cli-daemon.ts'
import { run } from './support/command.ts'
import { makeNewcomer, type Newcomer } from './support/newcomer.ts'
import { openRound, PHASE_SECONDS, type Scene, startScene } from './support/scene.ts'
import { smallTask } from './support/small-task.ts'

const SEED = deriveSeed(zeroHash, 'ways into a task')
const CLI = join(import.meta.dirname, '../../cli/assay.ts')
/** Far longer than the test: a daemon that keeps to it looks at the chain only when it is told to. */
const POLL_MS = '3600000'

describe('daemons that enter a task', () => {
  let scene: Scene
  let trainer: Newcomer
  let validator: Newcomer
  let daemons: CliDaemon[] = []

  before(async () => {
    // One contributor too few: oracles keep rounds going, and would open the only one when their turn comes.
    scene = await startScene({ seed: SEED, contributors: 1, params: { maxRounds: 1, minContributors: 2 } })
    trainer = await makeNewcomer(scene, deriveSeed(SEED, 'trainer'))
    validator = await makeNewcomer(scene, deriveSeed(SEED, 'validator'))
    await writeFile(join(scene.dir, 'deployment.json'), JSON.stringify(scene.chain.deployment))
  })

  afterEach(() => endAll())
  after(() => scene.stop())

  async function endAll(): Promise<void> {
    await Promise.all(daemons.map((daemon) => daemon.end()))
    daemons = []
  }

  /** Without a folder of the package the daemon fetches it from the store. */
  function start(
    verb: string,
    { config }: Newcomer,
    name: string,
    options: string[],
    {
      taskId = scene.taskId,
      packageDir = config(name).packageDir,
    }: { taskId?: bigint; packageDir?: string | null } = {},
  ): CliDaemon {
    const { privateKey, storeDir } = config(name)
    const access = ['--rpc', scene.chain.rpcUrl, '--deployment', join(scene.dir, 'deployment.json')]
    const places = [
      '--data-dir',
      join(scene.dir, name),
      '--store-dir',
      `${storeDir}`,
      ...(packageDir ? ['--package', packageDir] : []),
      '--force', // the chain's clock waits for the test
    ]
    const args = [verb, String(taskId), ...access, ...places, '--poll-ms', POLL_MS, ...options]
    const daemon = startCliDaemon(args, privateKey)
    daemons.push(daemon)
    return daemon
  }

  const contribute = (name: string, options: string[] = []) =>
    start('contribute', trainer, name, ['--data', trainer.config(name).dataFile, ...options])
  const judge = (name: string) => start('oracle', validator, name, [...pool(), '--join', '100'])

  const pool = () => ['--pool', join(scene.dir, 'pool.safetensors')]

  /** Lets the daemons look at the newest block, and at as many more. */
  async function look(blocks = 0): Promise<void> {
    const { number } = await scene.chain.client.getBlock()
    await Promise.all(daemons.map((daemon) => daemon.work(number)))
    if (blocks === 0) return
    await scene.chain.mine()
    await look(blocks - 1)
  }

  /** Sends calls from the daemon's account, without the daemon. */
  async function byHand({ account: { address: from } }: Newcomer, ...calls: Call[]): Promise<void> {
    const { client } = scene.chain
    await client.impersonateAccount({ address: from })
    for (const { to, data } of calls) {
      await client.sendUnsignedTransaction({ from, to, data, gas: 800_000n })
      await scene.chain.mine()
    }
    await client.stopImpersonatingAccount({ address: from })
  }

  const stakeAll = () => {
    const { assayToken: token, stakeRegistry: spender } = scene.chain.deployment.contracts
    const amount = parseEther('100')
    return [approveCall({ token, spender, amount }), stakeCall(scene.chain.deployment, { amount })] as const
  }
  const stakeOf = ({ account }: Newcomer) => readStake(scene.reader, { account: account.address })
  const isEnrolled = async () => {
    const at = { taskId: scene.taskId, contributor: trainer.account.address }
    return (await readParticipant(scene.reader, at)).enrolled
  }
  const rootOf = async ({ config, data }: Newcomer) => {
    const { privateKey } = config('root')
    return sampleRoot(
      data,
      openSecrets({ config: { privateKey }, reader: scene.reader }, undefined).data(scene.taskId),
    )
  }
  const timesSaid = (daemon: CliDaemon, words: string) => daemon.stderr().split(words).length - 1

  /** How a daemon ends by itself: with code 1 and words that include these. */
  async function endsWith(daemon: CliDaemon, words: string): Promise<void> {
    expect(await daemon.ended(), daemon.stderr()).to.equal(1)
    expect(daemon.stderr()).to.include(words).and.not.to.include('    at ')
    daemons = daemons.filter((other) => other !== daemon)
  }

  it('end with code 1 and the fix when the account has no stake, or has left', async () => {
    const { deployment } = scene.chain
    const { taskId } = scene
    await endsWith(contribute('trainer'), '0 ASSAY are free. Run `assay stake 11`')
    const enrolment = { taskId, sampleRoot: await rootOf(trainer), dataUnits: trainer.data.n }
    await byHand(trainer, ...stakeAll(), enrolCall(deployment, enrolment))
    const daemon = contribute('trainer')
    await look()
    // No round opens, so the enrolment binds for the length of one.
    await scene.chain.mine(10 * PHASE_SECONDS)
    await byHand(trainer, leaveCall(deployment, { taskId, minReleased: 0n }))
    const { number } = await scene.chain.client.getBlock()
    daemon.work(number).catch(() => undefined)
    await endsWith(daemon, `assay enrol ${taskId}`)

    await endsWith(contribute('trainer'), `the account has left task ${taskId}`)
    expect(await isEnrolled()).to.equal(false)
    expect((await stakeOf(trainer)).active).to.equal(parseEther('99')) // one fee, for the enrolment by hand
  })

  it('end with code 1 when the chain has the root of other samples, in a new folder too', async () => {
    const other = await makeNewcomer(scene, deriveSeed(SEED, 'other samples'))
    const { taskId } = scene
    const enrolment = enrolCall(scene.chain.deployment, { taskId, sampleRoot: SEED, dataUnits: 10 })
    await byHand(other, ...stakeAll(), enrolment)
    for (const name of ['other', 'other-again']) {
      const options = ['--data', other.config(name).dataFile]
      const enrolled = `enrolled in task ${taskId} with ${dataRootOf(SEED, 10)}`
      await endsWith(start('contribute', other, name, options), enrolled)
    }
    await scene.chain.mine(10 * PHASE_SECONDS)
    await byHand(other, leaveCall(scene.chain.deployment, { taskId, minReleased: 0n }))
  })

  it('end with code 1 when a validator has left, has no stake or was not asked to join', async () => {
    const { deployment } = scene.chain
    const { taskId } = scene
    const { privateKey } = validator.config('validator')
    const fix = `0 ASSAY of the account's stake are free. Run \`assay stake 100\`, then \`assay validator join ${taskId} 100\``
    await endsWith(judge('poor'), `needs 100 ASSAY of free stake, and ${fix}`)
    const few = start('oracle', validator, 'few', [...pool(), '--join', '99'])
    await endsWith(few, `with 100 ASSAY or more, and 99 ASSAY were offered; ${fix}`)
    await endsWith(start('oracle', validator, 'idle', pool()), fix)
    const access = ['--rpc', scene.chain.rpcUrl, '--deployment', join(scene.dir, 'deployment.json')]
    const files = ['--store-dir', join(scene.dir, 'store')]
    const byVerb = await run(CLI, ['validator', 'join', String(taskId), '100', ...files, ...access], {
      ASSAY_PRIVATE_KEY: privateKey,
    })
    expect([byVerb.code, byVerb.stderr.replace('\n', ' ')]).to.deep.equal([
      1,
      `Joining the validators of task ${taskId} needs 100 ASSAY of free stake, and ${fix}.\n`,
    ])
    const encryptionKey = toHex(await oracleKeys(keySeedOf(privateKey)).encryptionKey())
    const joining = joinValidatorsCall(deployment, { taskId, amount: parseEther('100'), encryptionKey })
    await byHand(validator, ...stakeAll(), joining)
    const oracle = judge('validator')
    await look()
    await look(3)
    expect(timesSaid(oracle, 'waiting: the next round does not open yet'), oracle.stderr()).to.equal(1)
    await endAll()
    const { address } = validator.account
    const release = releaseValidatorCall(deployment, { taskId, validator: address })
    await byHand(validator, leaveValidatorsCall(deployment, { taskId }), release)

    await endsWith(judge('validator'), `assay validator join ${taskId}`)
    expect((await stakeOf(validator)).reserved).to.equal(0n)
  })

  it('end with code 1 when the last round of the task is open, or its owner has closed it', async () => {
    const { taskId } = scene
    const second = await makeNewcomer(scene, deriveSeed(SEED, 'second'))
    const enrolment = enrolCall(scene.chain.deployment, { taskId, sampleRoot: SEED, dataUnits: 10 })
    await byHand(second, ...stakeAll(), enrolment)
    await openRound(scene)
    const late = () => [contribute('late', ['--stake', '1']), judge('late-validator')]
    for (const daemon of late())
      await endsWith(daemon, `task ${taskId} is over, the last of its rounds (1) has been opened`)
    const { deployment, accounts } = scene.chain
    await scene.chain.send(accounts[0]!, closeTaskCall(deployment, { taskId: scene.taskId }))
    for (const daemon of late()) await endsWith(daemon, `task ${taskId} is over, its owner has closed it`)
    expect(await isEnrolled()).to.equal(false)
    expect((await stakeOf(validator)).reserved).to.equal(0n)
  })

  it('end with code 1 in a task that names another program than its package', async () => {
    const { deployment, accounts } = scene.chain
    const { params } = await readTask(scene.reader, { taskId: scene.taskId })
    const call = createTaskCall(deployment, { params: { ...params, programRoot: SEED } })
    await scene.chain.send(accounts[0]!, call)
    const taskId = scene.taskId + 1n
    const named = `has the program root ${params.programRoot}, but the task on chain names ${SEED}`
    const data = ['--data', trainer.config('program').dataFile]
    await endsWith(start('contribute', trainer, 'program', data, { taskId }), named)
    const judging = [...pool(), '--join', '100']
    const oracle = start('oracle', validator, 'program-oracle', judging, { taskId, packageDir: null })
    await endsWith(oracle, named)
    const at = { taskId, contributor: trainer.account.address }
    expect((await readParticipant(scene.reader, at)).enrolled).to.equal(false)
    expect((await stakeOf(validator)).reserved).to.equal(0n)
  })

  it('end with code 2 at the start over a package or samples that are not of the task', async () => {
    const { privateKey, dataFile } = trainer.config('refused')
    const access = ['--rpc', scene.chain.rpcUrl, '--deployment', join(scene.dir, 'deployment.json')]
    const places = ['--data-dir', join(scene.dir, 'refused'), '--store-dir', join(scene.dir, 'store')]
    const own = ['--package', join(scene.dir, 'package')]
    const other = join(scene.dir, 'another package')
    const otherPool = join(scene.dir, 'other-pool.safetensors')
    const { specHash } = await writeTaskPackage(other, smallTask(deriveSeed(SEED, 'another task')), otherPool)
    const text = join(scene.dir, 'bad.txt')
    const broken = join(scene.dir, 'broken.safetensors')
    for (const file of [text, broken]) await writeFile(file, 'no samples')
    const wide = join(scene.dir, 'wide.safetensors')
    const [input] = scene.task.spec.inputs
    const oneWide = { ...scene.task.spec, inputs: [{ ...input!, shape: [1] }] }
    const two = { inputs: { x: new Float32Array(2) }, y: new Int32Array(2), n: 2 }
    await writeFile(wide, writeDataset(two, oneWide))
    const cases: [args: string[], sentence: string][] = [
      [['oracle', '1', ...pool(), '--package', other], specHash],
      [['oracle', '1', '--pool', otherPool, ...own], `${otherPool} is not the held-out pool of this task`],
      [['contribute', '1', '--data', dataFile, '--package', other], specHash],
      [['contribute', '1', '--data', text, ...own], `The samples of ${text} can't be used`],
      [['contribute', '1', '--data', broken], `The samples of ${broken} can't be used`],
      [['contribute', '1', '--data', wide, ...own], 'x has shape [2,1]'],
    ]
    const environment = { ASSAY_PRIVATE_KEY: privateKey }
    const answers = await Promise.all(
      cases.map(([args]) => run(CLI, [...args, ...access, ...places], environment)),
    )
    for (const [i, { code, stderr, stdout }] of answers.entries()) {
      const [args, sentence] = cases[i]!
      expect(code, `${args.join(' ')}: ${stderr}`).to.equal(2)
      expect(stderr, args.join(' ')).to.include(sentence).and.not.to.include('    at ')
      expect(stdout).to.equal('')
    }
  })
})
