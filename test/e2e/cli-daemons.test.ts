import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { publishPackage } from '@assay/cli/publish-package.ts'
import { serializeState } from '@assay/engine/package/state.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { cohortSeats } from '@assay/sdk/protocol/cohorts.ts'
import type { Phase } from '@assay/sdk/protocol/phases.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { epochSeconds } from '@assay/sdk/protocol/task-params.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { expect } from 'chai'
import { type Address, erc20Abi, type Hex, parseEther, zeroHash } from 'viem'
import type { TestAccount } from './support/chain.ts'
import { type CliDaemon, startCliDaemon } from './support/cli-daemon.ts'
import { run } from './support/command.ts'
import { allIdle, type RunningOracle, startOracle } from './support/herd.ts'
import { makeNewcomer, type Newcomer } from './support/newcomer.ts'
import { type Scene, SEATS, startScene } from './support/scene.ts'

const SEED = deriveSeed(zeroHash, 'daemons of the command line')
const CLI = join(import.meta.dirname, '../../cli/assay.ts')
const BLOCK_SECONDS = 20
const MOST_BLOCKS = 60
/** Far longer than the test: a daemon that keeps to it looks at the chain only when it is told to. */
const POLL_MS = '3600000'
/** How long the daemons are not told of a new block. */
const UNTOLD_MS = 300
const STAKE = '50'
const JOIN_STAKE = '100'

describe('assay contribute and assay oracle, through a whole round', () => {
  let scene: Scene
  let storeDir: string
  let server: CliDaemon
  let storeUrl: string
  let deploymentFile: string
  /** Claims by itself; has the store as a URL. */
  let claiming: Newcomer
  /** Is started with --no-claim; has the store as a folder. */
  let waiting: Newcomer
  /** Staked, but no validator of the task until its oracle joins it. */
  let joiner: Newcomer
  const daemons: CliDaemon[] = []
  /** Oracles of the other validators, in the test's own process. */
  const helpers = new Map<Address, RunningOracle>()

  before(async () => {
    scene = await startScene({ seed: SEED, contributors: 0, params: { minContributors: 2, maxRounds: 1 } })
    claiming = await makeNewcomer(scene, deriveSeed(SEED, 'claiming'))
    waiting = await makeNewcomer(scene, deriveSeed(SEED, 'waiting'))
    joiner = await makeNewcomer(scene, deriveSeed(SEED, 'joiner'))
    await stakeAll(joiner.account.address)
    deploymentFile = join(scene.dir, 'deployment.json')
    await writeFile(deploymentFile, JSON.stringify(scene.chain.deployment))
    storeDir = join(scene.dir, 'shared')
    const store = await openFileStore({ dir: storeDir })
    await store.put(serializeState(scene.task.spec, scene.task.init))
    server = startCliDaemon(['store', '--dir', storeDir, '--port', '0', '--json'])
    storeUrl = (await server.message('listening')).url as string
  })

  after(async () => {
    await Promise.all([...daemons, server].map((daemon) => daemon?.end()))
    await Promise.all([...helpers.values()].map((oracle) => oracle.stop()))
    await scene.stop()
  })

  const access = () => ['--rpc', scene.chain.rpcUrl, '--deployment', deploymentFile]

  /** Starts a daemon of the command line that looks at the chain when it is told to. */
  function start(verb: string, privateKey: Hex, name: string, options: string[]): CliDaemon {
    const own = ['--data-dir', join(scene.dir, name), '--poll-ms', POLL_MS]
    const daemon = startCliDaemon([verb, String(scene.taskId), ...access(), ...own, ...options], privateKey)
    daemons.push(daemon)
    return daemon
  }

  const contribute = (newcomer: Newcomer, name: string, options: string[]) => {
    const { dataFile, privateKey } = newcomer.config(name)
    const own = ['--data', dataFile, '--stake', STAKE, '--package', join(scene.dir, 'package')]
    return start('contribute', privateKey, name, [...own, ...options])
  }

  const pool = () => ['--pool', join(scene.dir, 'pool.safetensors')]

  /** Mines a block and lets everybody do what is due at it. */
  async function mine(seconds?: number): Promise<void> {
    await scene.chain.mine(seconds)
    await settle()
  }

  async function settle(): Promise<void> {
    const { number } = await scene.chain.client.getBlock()
    await Promise.all([
      allIdle([...helpers.values()], number),
      ...daemons.map((daemon) => daemon.work(number)),
    ])
  }

  async function stakeAll(account: Address): Promise<void> {
    const { client, deployment } = scene.chain
    const { assayToken: token, stakeRegistry: spender } = deployment.contracts
    const amount = parseEther(JOIN_STAKE)
    await client.impersonateAccount({ address: account })
    for (const { to, data } of [approveCall({ token, spender, amount }), stakeCall(deployment, { amount })]) {
      await client.sendUnsignedTransaction({ from: account, to, data, gas: 500_000n })
      await scene.chain.mine()
    }
    await client.stopImpersonatingAccount({ address: account })
  }

  const round = () => readRound(scene.reader, { taskId: scene.taskId })
  const earnings = ({ account }: Newcomer) =>
    readEarnings(scene.reader, { taskId: scene.taskId, account: account.address })
  const balance = ({ account }: Newcomer) =>
    scene.chain.client.readContract({
      address: scene.chain.deployment.contracts.assayToken,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [account.address],
    })

  async function playTo(phase: Phase): Promise<void> {
    for (let block = 0; (await round()).phase !== phase; block++) {
      if (block === MOST_BLOCKS) throw new Error(`the round is still in phase ${(await round()).phase}`)
      await mine(BLOCK_SECONDS)
    }
  }

  async function seatsOfTheCohort(): Promise<Address[]> {
    const { beacon } = await round()
    const { validators, weights } = await readRoster(scene.reader, { taskId: scene.taskId })
    const seats = cohortSeats({ beacon: beacon!, cohort: 0, attempt: 0, weights, committeeSize: SEATS })
    return seats.map((index) => validators[index]!)
  }

  async function sheetsOnChain(): Promise<Address[]> {
    const events = await scene.chain.client.getContractEvents({
      address: scene.chain.deployment.contracts.rounds,
      abi: iRoundsAbi,
      eventName: 'ScoresCommitted',
      strict: true,
      fromBlock: 0n,
    })
    return events.map(({ args }) => args.validator)
  }

  it('enrol and join with the stake and the samples that their options name', async () => {
    contribute(claiming, 'claiming', ['--store-url', storeUrl, '--log-level', 'warn'])
    contribute(waiting, 'waiting', ['--store-dir', storeDir, '--no-claim'])
    const metricsPort = String(await freePort())
    const joining = [
      '--force', // the chain's clock waits for the test
      '--package',
      join(scene.dir, 'package'),
      '--join',
      JOIN_STAKE,
      '--metrics-port',
      metricsPort,
    ]
    start('oracle', joiner.config('joiner').privateKey, 'joiner', [
      ...pool(),
      '--store-url',
      storeUrl,
      ...joining,
    ])
    await settle()
    const { number } = await scene.chain.mine()
    await new Promise((wake) => setTimeout(wake, UNTOLD_MS))
    const early = daemons.filter((daemon) => daemon.isIdleAt(number!))
    expect(early, 'daemons that look before they are told to').to.deep.equal([])
    for (let block = 0; block < 4; block++) await mine()

    for (const { account, data } of [claiming, waiting]) {
      const at = { taskId: scene.taskId, contributor: account.address }
      const { enrolled, dataUnits } = await readParticipant(scene.reader, at)
      expect({ enrolled, dataUnits }).to.deep.equal({ enrolled: true, dataUnits: data.n })
      // The enrolment fee of 1 ASSAY was burnt from what --stake named.
      const { active } = await readStake(scene.reader, { account: account.address })
      expect(active).to.equal(parseEther(STAKE) - parseEther('1'))
    }
    const { reserved } = await readStake(scene.reader, { account: joiner.account.address })
    expect(reserved).to.equal(parseEther(JOIN_STAKE))
    const at = { taskId: scene.taskId, validator: joiner.account.address }
    const { bid } = await readValidator(scene.reader, at)
    expect(bid).to.include({ standing: 'placed', isReady: true })
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    expect(metrics).to.match(/assay_head_block\{role="oracle"\} \d+/)
  })

  it('train, verify, score and vote until the round is final and everybody is paid', async () => {
    const { chain, taskId, validators } = scene
    // From now on a daemon without --package finds the package in the store.
    await publishPackage(await openFileStore({ dir: storeDir }), join(scene.dir, 'package'))
    for (const validator of validators) helpers.set(validator.address, help(validator))
    await playTo('Open')
    expect((await round()).submissions).to.equal(2)

    const seats = await seatsOfTheCohort()
    const drawn = validators.filter(({ address }) => seats.includes(address)).slice(0, 2)
    for (const [i, { address, privateKey }] of drawn.entries()) {
      await helpers.get(address)!.stop()
      helpers.delete(address)
      const store = i === 0 ? ['--store-url', storeUrl] : ['--store-dir', storeDir]
      start('oracle', privateKey, `drawn-${i}`, [...pool(), ...store])
    }
    await settle()
    await playTo('Idle')

    expect(await sheetsOnChain())
      .to.have.members(seats)
      .and.to.include.members(drawn.map(addressOf))
    for (const { address: validator } of drawn) {
      const { missedRounds } = await readValidator(scene.reader, { taskId, validator })
      expect(missedRounds).to.equal(0)
    }
    const finals = await chain.client.getContractEvents({
      address: chain.deployment.contracts.rounds,
      abi: iRoundsAbi,
      eventName: 'RoundFinalized',
      strict: true,
      fromBlock: 0n,
    })
    expect(finals.map(({ args }) => [args.round, args.accepted])).to.deep.equal([[1, true]])
    for (const newcomer of [claiming, waiting]) {
      expect((await earnings(newcomer)).pending > 0n, newcomer.account.address).to.equal(true)
    }
  })

  /** Daemons that said once, and not again, that nothing is left to train. */
  const thatSaidItIsOver = () => {
    const words = 'the last of its rounds (1) has been opened: nothing is left to train'
    return daemons.filter((daemon) => daemon.stderr().split(words).length === 2)
  }

  it('claim what has matured, unless they are told not to', async () => {
    const { params } = await readTask(scene.reader, { taskId: scene.taskId })
    const [claimable, kept] = [(await earnings(claiming)).pending, (await earnings(waiting)).pending]
    const before = [await balance(claiming), await balance(waiting)] as const
    await mine(2 * epochSeconds(params))
    await mine()
    await mine()

    expect(thatSaidItIsOver(), 'both contributors').to.have.length(2)
    expect((await balance(claiming)) - before[0]).to.equal(claimable)
    expect((await balance(waiting)) - before[1]).to.equal(0n)
    expect((await earnings(waiting)).matured).to.equal(kept)
    await scene.chain.client.setAutomine(true)
    const { privateKey: key } = waiting.config('waiting')
    const args = ['claim', String(scene.taskId), ...access(), '--json']
    const { code, stdout, stderr } = await run(CLI, args, { ASSAY_PRIVATE_KEY: key })
    await scene.chain.client.setAutomine(false)
    expect(code, stderr).to.equal(0)
    expect(JSON.parse(stdout)).to.include({ status: 'done' })
    expect(stderr).to.match(/^Claim at least [\d.,]+ ASSAY from /m)
    expect((await balance(waiting)) - before[1]).to.equal(kept)
  })

  it('end with code 0 on SIGTERM, having logged as much as they were told to, on stderr alone', async () => {
    const codes = await Promise.all([...daemons, server].map((daemon) => daemon.end()))
    expect(codes).to.deep.equal(Array.from([...daemons, server], () => 0))
    const [quiet, ...others] = daemons
    expect(quiet!.stderr()).to.not.include('"trained"')
    for (const daemon of others) expect(daemon.stderr()).to.include('"started"').and.include('"stopped"')
    for (const daemon of daemons) expect(daemon.stdout()).to.equal('')
    expect(JSON.parse(server.stdout())).to.deep.equal({ url: storeUrl, uploads: 'anybody' })
  })

  /** A validator's oracle in the test's own process. */
  function help(validator: TestAccount): RunningOracle {
    const name = `helper-${validator.address}`
    return startOracle({ ...scene.oracleConfig(validator, name), storeDir })
  }
})

const addressOf = ({ address }: TestAccount) => address

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => found(port))
    })
  })
}
