import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeDataset } from '@assay/engine/package/data.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { buildDigitsTask, partitionDigits } from '@assay/lab/digits.ts'
import { expect } from 'chai'
import { encodeFunctionData, erc20Abi, type Hex, keccak256, parseEther, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type DeploymentRecord, deployAndRecord } from '../../scripts/deploy/deployment-record.ts'
import { signingProvider } from '../../scripts/deploy/signing-provider.ts'
import { startAutomine } from './support/automine.ts'
import { startCliRunner } from './support/cli-runner.ts'
import { run } from './support/command.ts'
import { ROUND_SECONDS, termsOf } from './support/terms.ts'

const CLI = join(import.meta.dirname, '../../cli/assay.ts')
const SEED = keccak256(toHex('cli test'))
const DAY = 86_400

describe('assay, the command line, on a real chain', () => {
  let chain: Awaited<ReturnType<typeof startAutomine>>
  let folder: string
  let deployment: DeploymentRecord
  let deploymentFile: string
  let holder: Hex
  let taskPackage: TaskPackage
  let accounts = 0
  const cli = startCliRunner()

  before(async () => {
    chain = await startAutomine()
    folder = await mkdtemp(join(tmpdir(), 'assay-cli-'))
    holder = await newAccount()
    ;({ record: deployment, file: deploymentFile } = await deployAndRecord({
      network: 'local-cli',
      provider: signingProvider(chain.rpcUrl, holder),
      pollMs: 10,
      deploymentsDir: folder,
      journalsDir: join(folder, 'journals'),
    }))
    const poolFile = join(folder, 'pool')
    taskPackage = await buildDigitsTask({ dir: join(folder, 'package'), poolFile, seed: SEED })
    const [shard] = await partitionDigits({ seed: SEED, contributors: 10, partition: 'iid' })
    await writeFile(join(folder, 'shard.safetensors'), writeDataset(shard!, taskPackage.spec))
  })
  after(async () => {
    cli.end()
    await chain.stop()
    await rm(folder, { recursive: true })
  })

  /** A fresh key with ether, and ASSAY when `amount` is given. */
  async function newAccount(amount?: string): Promise<Hex> {
    const key = keccak256(toHex(`account ${accounts++} of the cli test`))
    const { address } = privateKeyToAccount(key)
    await chain.client.setBalance({ address, value: parseEther('1') })
    if (amount !== undefined) {
      const { code, stderr } = await assay(['send', address, amount], holder)
      expect(code, stderr).to.equal(0)
    }
    return key
  }

  function assay(args: string[], key?: Hex) {
    return cli.run(withAccess(args), key === undefined ? {} : { ASSAY_PRIVATE_KEY: key })
  }

  function withAccess(args: string[]): string[] {
    const isLocal = ['keys', 'store', 'package'].includes(args[0]!)
    return isLocal ? args : [...args, '--rpc', chain.rpcUrl, '--deployment', deploymentFile]
  }

  /** Runs a verb that must succeed, and reads its JSON. */
  async function data(args: string[], key?: Hex) {
    const { code, stdout, stderr } = await assay([...args, '--json'], key)
    expect(code, stderr).to.equal(0)
    return JSON.parse(stdout)
  }

  it('stakes, asks back, waits, and withdraws to the last wei', async () => {
    const key = await newAccount('1000')

    const staked = await assay(['stake', '600', '--json'], key)
    expect(staked.stderr).to.include('600 ASSAY  from your wallet  to your stake')
    expect(JSON.parse(staked.stdout)).to.include({ status: 'done', active: String(parseEther('600')) })

    const asked = await assay(['unstake', '200.5'], key)
    expect(asked.stdout).to.match(
      /200\.5 ASSAY can be withdrawn from \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d \(in 28 d\)/,
    )
    expect(asked.stdout).to.include('assay withdraw')

    const early = await assay(['withdraw', '--json'], key)
    expect(early.code).to.equal(75)
    expect(JSON.parse(early.stdout).error.message).to.include('still unbonding until')

    await chain.mine(28 * DAY)
    const { address } = privateKeyToAccount(key)
    const [elsewhere, unseen, mistaken] = await Promise.all([
      data(['withdraw', '--unsigned', '--account', address]),
      data(['withdraw', '--unsigned']),
      assay(['withdraw', '--account', address], key),
    ])
    expect(elsewhere.calls).to.have.length(1)
    expect(elsewhere).to.deep.equal(unseen)
    expect(elsewhere.calls[0].to).to.equal(deployment.contracts.stakeRegistry)
    expect([mistaken.code, mistaken.stderr.split('\n')[1]]).to.deep.equal([
      2,
      "Give --unsigned, or the account's own key instead of --account.",
    ])
    const withdrawn = await assay(['withdraw', '--json'], key)
    expect(withdrawn.stderr).to.include('at most 200.5 ASSAY  from your stake  to your wallet')
    expect(JSON.parse(withdrawn.stdout)).to.include({ withdrawn: String(parseEther('200.5')) })
    const { stake } = await data(['status'], key)
    expect(stake).to.include({ active: String(parseEther('399.5')), unbonding: '0' })
  })

  it('takes a request for stake back', async () => {
    const key = await newAccount('10')
    await data(['stake', '10'], key)
    await data(['unstake', '4'], key)
    expect(await data(['unstake', '--cancel'], key)).to.include({ active: String(parseEther('10')) })
  })

  it('publishes a task, funds it, lets people take part, and refunds the rest', async () => {
    const owner = holder
    const contributor = await newAccount('150')
    const validator = await newAccount('2000')
    const terms = join(folder, 'terms.json')
    await writeFile(terms, JSON.stringify(termsOf('ASSAY')))
    const blobs = join(folder, 'blobs')
    const files = ['--package', join(folder, 'package'), '--pool', join(folder, 'pool'), '--terms', terms]
    const created = await data(['task', 'create', ...files, '--store-dir', blobs, '--force'], owner)
    const { spec, specHash, programRoot } = taskPackage
    expect(created).to.include({ taskId: '1', specHash, programRoot })

    const tooLittle = await assay(['task', 'fund', '1', '1'], owner)
    expect(tooLittle.stdout).to.match(
      /now has 1 ASSAY for further rounds, but one can cost [\d.,]+ ASSAY: none opens/,
    )
    const funded = await data(['task', 'fund', '1', '4999'], owner)
    expect(funded).to.include({ funded: String(parseEther('5000')), available: String(parseEther('5000')) })
    expect(BigInt(funded.roundsCovered)).to.equal(parseEther('5000') / BigInt(funded.largestRoundCost))
    const shown = await assay(['task', 'show', '1'])
    expect(shown.stdout).to.include('5000 ASSAY free, 0 ASSAY reserved')
    expect(shown.stdout).to.include(`package    ${specHash}\n  program    ${programRoot}\n`)
    expect(shown.stdout).to.include('0 seated, 7 for a round, committees of 3')
    const { tasks, tasksOnChain } = await data(['task', 'list'])
    expect([tasksOnChain, tasks.length]).to.deep.equal([1, 1])
    expect(tasks[0]).to.deep.include({ taskId: '1', closed: false, available: String(parseEther('5000')) })
    expect(tasks[0].roundsCovered).to.equal(funded.roundsCovered)
    const waiting = await assay(['status', '--task', '1'], owner)
    expect(waiting.stdout).to.include('next      0 contributors are enrolled, a round needs 1.')

    const enrolArgs = ['--package', join(folder, 'package'), '--data', join(folder, 'shard.safetensors')]
    const unstaked = await assay(['enrol', '1', ...enrolArgs], contributor)
    expect([unstaked.code, ...unstaked.stderr.trim().split('\n')]).to.deep.equal([
      1,
      'Task 1 takes 100 ASSAY reserved and 1 ASSAY burnt as its fee, and 0 ASSAY of your stake is free.',
      'Stake 101 ASSAY first: assay stake 101',
    ])
    await Promise.all([data(['stake', '150'], contributor), data(['stake', '2000'], validator)])
    const enrolled = await assay(['enrol', '1', ...enrolArgs, '--json'], contributor)
    expect(enrolled.code, enrolled.stderr).to.equal(0)
    expect(enrolled.stderr).to.include('100 ASSAY  from your free stake  to your reserve for task 1')
    expect(enrolled.stderr).to.include('1 ASSAY  from your free stake  to nobody: the fee is burnt')
    const trial = ['--pool', join(folder, 'pool'), '--store-dir', blobs, '--force']
    await data(['validator', 'join', '1', '1500', ...trial], validator)

    const [asContributor, asValidator, asOwner] = await Promise.all([
      assay(['status'], contributor),
      assay(['status'], validator),
      data(['status', '--task', '1'], owner),
    ])
    expect(asContributor.stdout).to.include('149 ASSAY active, 100 ASSAY of it reserved')
    expect(asContributor.stdout).to.match(/Wallet {4}0 ASSAY, 0\.9\d+ ETH for gas/)
    expect(asContributor.stdout).to.match(/contributor: last round 0, settled 0, reputation 50 %/)
    expect(asValidator.stdout).to.include(
      'pending: not ready yet, assay oracle 1 says so once it has the pool, counts from round 1 on',
    )
    expect(asOwner.tasks[0]).to.include({ taskId: '1', isOwner: true, closed: false })
    expect(asOwner.tasks[0].pool).to.deep.equal({ ready: 0 })
    expect(asContributor.stdout).to.include(
      'pool      no validator holds the pool of task 1; its owner runs `assay task seal 1 --watch`',
    )
    expect(asContributor.stdout).to.include('model     the first one: no model of a round has its place')

    const nothing = await assay(['claim', '1', '--json'], contributor)
    expect(nothing.code).to.equal(1)
    expect(JSON.parse(nothing.stdout).error.message).to.include('has matured in task 1')

    const uncollected = await assay(['collect', '1', '--json'], owner)
    expect(JSON.parse(uncollected.stdout)).to.include({ status: 'done', taskId: '1', collected: '0' })

    const raised = await data(['validator', 'raise', '1', '100'], validator)
    expect(raised.bid).to.include({ standing: 'joined', isReady: false, firstRound: 1 })
    const next = join(folder, 'next.safetensors')
    const fresh = ['--data', join(folder, 'shard.safetensors')]
    const made = await data(['package', 'pool', join(folder, 'package'), next, ...fresh])
    const announcing = ['task', 'announce-pool', '1', '--store-dir', blobs, '--force', '--pool']
    const announced = await data([...announcing, next], owner)
    expect(announced).to.include({ poolRoot: made.poolRoot, firstRound: 2 })
    expect((await assay(['task', 'show', '1'])).stdout).to.include(
      `pool       ${spec.pool.root}, from round 2 on ${made.poolRoot}`,
    )
    const samePool = await assay([...announcing, join(folder, 'pool')], owner)
    expect(samePool.stderr).to.include('has announced another pool already, for round 2')

    const early = await assay(['leave', '1', '--json'], contributor)
    expect(JSON.parse(early.stdout).error).to.include({ name: 'Rounds_EnrolmentBound', exitCode: 75 })
    await chain.mine(ROUND_SECONDS)
    await data(['leave', '1'], contributor)
    expect(await data(['validator', 'leave', '1'], validator)).to.include({ isFree: true })
    const freed = await data(['status'], validator)
    expect([freed.stake.reserved, freed.tasks]).to.deep.equal(['0', []])
    const closed = await assay(['task', 'close', '1', '--json'], owner)
    expect(closed.stderr).to.include('at most 5000 ASSAY  from the escrow of task 1  to its owner')
    expect(JSON.parse(closed.stdout)).to.include({ refunded: String(parseEther('5000')) })
    const again = await assay(['task', 'close', '1', '--json'], owner)
    expect([again.code, JSON.parse(again.stdout).error.name]).to.deep.equal([1, 'Tasks_Closed'])
    expect((await assay(['task', 'list'])).stdout).to.equal('1  closed; 0 ASSAY free\n')
    const unknown = await assay(['task', 'show', '2', '--json'])
    expect(JSON.parse(unknown.stdout).error).to.include({ name: 'Tasks_UnknownTask' })
  })

  it('shows a refusal with its values and a fix, and spends no gas on it', async () => {
    const key = await newAccount('5')
    const before = await chain.client.getBalance({ address: privateKeyToAccount(key).address })

    // As a user runs it, in a process each.
    const [tooMuch, notStaked] = await Promise.all([
      run(CLI, withAccess(['stake', '6']), { ASSAY_PRIVATE_KEY: key }),
      run(CLI, withAccess(['unstake', '1', '--json']), { ASSAY_PRIVATE_KEY: key }),
    ])

    expect(tooMuch.code).to.equal(1)
    expect(tooMuch.stdout).to.equal('')
    expect(tooMuch.stderr).to.include('has 5 ASSAY, but 6 ASSAY are needed.')
    expect(notStaked.code).to.equal(1)
    const { error } = JSON.parse(notStaked.stdout)
    expect(error).to.deep.include({ name: 'StakeRegistry_FreeStakeTooLow' })
    expect(error.values).to.deep.equal({ requested: String(parseEther('1')), free: '0' })
    expect(error.fix).to.not.equal('')
    for (const { stderr } of [tooMuch, notStaked]) expect(stderr).to.not.include('    at ')
    expect(await chain.client.getBalance({ address: privateKeyToAccount(key).address })).to.equal(before)
  })

  it('prints calls for a wallet elsewhere without a key', async () => {
    const { calls } = await data(['stake', '7', '--unsigned'])
    expect(calls).to.have.length(2)
    const { assayToken, stakeRegistry } = deployment.contracts
    const args = [stakeRegistry, parseEther('7')] as const
    const approve = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args })
    expect(calls[0]).to.include({ to: assayToken, data: approve })
  })

  it('makes a key, and stakes with it', async () => {
    const file = join(folder, 'me.json')
    const password = join(folder, 'password.txt')
    await writeFile(password, 'correct horse\n')

    const { address } = await data(['keys', 'create', file, '--password-file', password])
    expect(JSON.parse(await readFile(file, 'utf8')).version).to.equal(3)
    expect((await data(['keys', 'show', file])).address).to.equal(address)
    await chain.client.setBalance({ address, value: parseEther('1') })
    await data(['send', address, '3'], holder)
    const staking = withAccess(['stake', '3', '--keystore', file, '--json'])
    const staked = await run(CLI, [...staking, '--password-file', password])
    expect(JSON.parse(staked.stdout)).to.include({ active: String(parseEther('3')) })

    const wrong = await run(CLI, staking, { ASSAY_KEYSTORE_PASSWORD: 'wrong horse' })
    expect(wrong.code).to.equal(1)
    expect(wrong.stderr).to.include('The password does not decrypt')
    const second = await assay(['keys', 'create', file, '--password-file', password])
    expect(second.code).to.equal(1)
  })

  it('ends a daemon or a store that can never work, and says why', async () => {
    const key = await newAccount()
    const shard = join(folder, 'shard.safetensors')
    const daemon = ['--data-dir', join(folder, 'daemon'), '--store-dir', join(folder, 'blobs')]
    const terms = join(folder, 'terms-of-nothing.json')
    await writeFile(terms, JSON.stringify(termsOf('ASSAY')))
    const noToken = join(folder, 'terms-without-token.json')
    const empty = `0x${'00'.repeat(19)}01`
    await writeFile(noToken, JSON.stringify(termsOf(empty)))
    const creation = ['task', 'create', '--terms', terms, '--pool', join(folder, 'pool'), '--package']
    const port = new URL(chain.rpcUrl).port
    const cases: [string[], number, string][] = [
      [['contribute', '99', '--data', shard, ...daemon], 1, 'There is no task 99.'],
      [['oracle', '99', '--pool', shard, ...daemon], 1, 'There is no task 99.'],
      [
        ['oracle', '1', '--pool', shard, ...daemon, '--metrics-port', port],
        1,
        'Choose another with --metrics-port',
      ],
      [['oracle', '1', '--pool', 'pool', '--data-dir', shard, '--store-dir', folder], 1, 'Check --data-dir.'],
      [[...creation, join(folder, 'nothing'), '--store-dir', folder], 2, 'Give the folder that holds'],
      [
        [...creation.with(5, shard), join(folder, 'package'), '--store-dir', folder],
        2,
        'is not the held-out pool',
      ],
      [
        [...creation.with(3, noToken), join(folder, 'package'), '--store-dir', join(folder, 'blobs')],
        1,
        `There is no token at ${empty} on local-cli.`,
      ],
      [[...creation, join(folder, 'package'), '--store-url', 'http://127.0.0.1:1'], 75, 'Check --store-url'],
      [['store', '--dir', join(folder, 'blobs'), '--port', port], 1, 'Choose another with --port'],
      [['store', '--dir', shard, '--port', '0'], 1, 'Choose another with --dir'],
      [
        ['store', '--dir', folder, '--host', 'no..host', '--uploads', 'anybody'],
        1,
        'Choose another with --port and --host',
      ],
    ]
    const answers = await Promise.all(
      cases.map(([args]) => run(CLI, withAccess(args), { ASSAY_PRIVATE_KEY: key })),
    )
    for (const [i, { code, stderr, stdout }] of answers.entries()) {
      const [args, expected, sentence] = cases[i]!
      expect(code, `${args.join(' ')}: ${stderr}`).to.equal(expected)
      expect(stderr, args.join(' ')).to.include(sentence)
      expect(stderr, args.join(' ')).to.not.match(/ {4}at |report it/)
      expect(stdout).to.equal('')
    }
  })
})
