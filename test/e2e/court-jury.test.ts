import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { transferCall } from '@assay/sdk/verbs/assay-token/transfer.ts'
import { readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { readOwed } from '@assay/sdk/verbs/court/read-owed.ts'
import { readSlashes } from '@assay/sdk/verbs/stake-registry/read-slashes.ts'
import { expect } from 'chai'
import { parseEther, zeroHash } from 'viem'
import { COURT_TERMS, type TestAccount } from './support/chain.ts'
import type { CliReply } from './support/cli-child.ts'
import { startCliRunner } from './support/cli-runner.ts'
import { type HandMadeUpdate, publishUpdate } from './support/hand-made-update.ts'
import { allIdle, type RunningOracle, startOracle } from './support/herd.ts'
import { jurorsAmong, keepFalseStep, stakeForJury, untrained, writeEvidence } from './support/jury-case.ts'
import { openRound, playToOpen, type Scene, startScene } from './support/scene.ts'
import { playToVoid } from './support/score-by-hand.ts'
import { WINDOWS } from './support/small-task.ts'

const BOND = parseEther('20')
/** Half of the stake of 10 ASSAY. */
const STEP_PENALTY = parseEther('5')
/** Of the lost bond; and where nothing else is there, a third each of the reward, 40 % of what is taken. */
const FEES = [parseEther('2'), (STEP_PENALTY * 4n) / 10n / 3n] as const
/** What of the reward is left for the accuser. */
const LEFT = (STEP_PENALTY * 4n) / 10n - 3n * FEES[1]
/** A panel's times. */
const PANEL_SECONDS = [60, 60]

/** Blocks until each of seven validators has had its turn. */
const TURNS = 24

/** Nobody scores the round; in its last window one of two contributors faked its training. */
describe('jurors of the court', () => {
  let scene: Scene
  let honest: HandMadeUpdate
  let faked: HandMadeUpdate
  let challenger: TestAccount
  let jurors: TestAccount[]
  /** Evidence of honest training, and what accuses with it. */
  let file: string
  let store: string[]
  let accuseHonest: string[]
  let oracles: RunningOracle[] = []
  const cli = startCliRunner()

  before(async () => {
    scene = await startScene({
      seed: deriveSeed(zeroHash, 'jury'),
      contributors: 2,
      params: { maxRounds: 1, challengeSeconds: 420 },
    })
    await writeFile(join(scene.dir, 'deployment.json'), JSON.stringify(scene.chain.deployment))
    await openRound(scene)
    honest = await scene.update(0)
    faked = await scene.update(1, untrained(scene))
    await playToOpen(scene, [honest, faked])
    for (const update of [honest, faked]) await publishUpdate(scene.store, update)
    await playToVoid(scene, mine)
    await scene.chain.client.setAutomine(true)
    ;[challenger, ...jurors] = scene.validators.slice(3, 7) as [TestAccount, ...TestAccount[]]
    file = await writeEvidence(scene, honest, 1)
    store = ['--store-dir', join(scene.dir, 'store'), '--package', join(scene.dir, 'package')]
    accuseHonest = ['case', 'open', '1', '--round', '1', '--false-step', file, ...store]
  })
  after(async () => {
    cli.end()
    await Promise.all(oracles.map((oracle) => oracle.stop()))
    await scene?.stop()
  })

  async function mine(seconds?: number): Promise<void> {
    const { number } = await scene.chain.mine(seconds)
    await allIdle(oracles, number!)
  }

  async function until(isDone: () => Promise<boolean>): Promise<void> {
    for (let block = 0; block < TURNS; block++) {
      if (await isDone()) return
      await mine()
    }
    throw new Error(`it didn't happen within ${TURNS} blocks`)
  }

  function assay(args: string[]): Promise<CliReply> {
    const access = ['--rpc', scene.chain.rpcUrl, '--deployment', join(scene.dir, 'deployment.json')]
    return cli.run([...args, ...access], { ASSAY_PRIVATE_KEY: scene.chain.accounts[0]!.privateKey })
  }

  it('train again in cases of an oracle that found a false step, and of anybody with the evidence', async () => {
    await prepare()
    await until(async () => (await jurorsAmong(scene, jurors)) === jurors.length)
    await until(async () => (await readSteps()).length === 1)
    const opened = await assay([...accuseHonest, '--json'])
    expect(opened.code, opened.stderr).to.equal(0)
    expect(opened.stderr).to.include('each of them is paid 2 ASSAY, the rest is burnt')
    expect(JSON.parse(opened.stdout)).to.include({ caseId: '2', contributor: honest.account.address })
    await until(async () => (await readSteps()).every(({ state }) => state.panel?.status === 'committing'))
    const given = await assay(['case', 'keys', '2', '--false-step', file, ...store, '--json'])
    expect(given.code, given.stderr).to.equal(0)
    expect(JSON.parse(given.stdout).jurors).to.have.members(jurors.map(({ address }) => address))

    for (let block = 0; block < 8; block++) await mine()
    for (const seconds of [...PANEL_SECONDS, COURT_TERMS.appealSeconds]) {
      await mine(seconds)
      for (let block = 0; block < 3; block++) await mine()
    }
    await until(async () => (await readSteps()).every(({ state }) => state.verdict !== 'none'))
    await mine(COURT_TERMS.guardianSeconds)
    await until(async () => (await readSteps()).every(({ state }) => state.isClosed))
  })

  it('convict who committed to a false state: it is slashed, and its accuser and they are paid', async () => {
    const { facts, state } = (await readSteps())[0]!
    const defendant = faked.account.address
    expect(facts).to.include({ challenger: challenger.address, defendant, subject: WINDOWS - 1 })
    expect(state.verdict).to.equal('guilty')
    expect(await slashed()).to.deep.equal([{ account: defendant, taken: STEP_PENALTY, name: 'falseStep' }])
    await until(async () => (await paidTo(jurors)).every((paid) => paid === FEES[0] + FEES[1]))
    await until(async () => (await paidTo([challenger]))[0] === BOND + LEFT)
  })

  it('acquit who trained honestly: it keeps its stake, and its accuser loses the bond', async () => {
    const { facts, state } = (await readSteps())[1]!
    expect([facts.defendant, state.verdict]).to.deep.equal([honest.account.address, 'acquitted'])
    expect(await readOwed(scene.reader, { account: facts.challenger })).to.equal(0n)
    expect(await slashed()).to.have.length(1)
  })

  /** Starts an oracle that has found the false step, with a budget, and jurors. */
  async function prepare(): Promise<void> {
    await stakeForJury(scene, jurors)
    const { assayToken: token } = scene.chain.deployment.contracts
    const pay = transferCall({ token, to: challenger.address, amount: 2n * BOND })
    await scene.chain.send(scene.chain.accounts[0]!, pay)
    const configOf = (account: TestAccount) => scene.oracleConfig(account, account.address)
    await keepFalseStep(scene, configOf(challenger).dataDir, faked, WINDOWS - 1)
    oracles = [
      { ...configOf(challenger), courtBudgetWei: BOND },
      ...jurors.map((juror) => configOf(juror)),
    ].map((config) => startOracle(config))
  }

  const readSteps = () => readCases(scene.reader, { taskId: scene.taskId })

  async function slashed() {
    const slashes = await readSlashes(scene.reader, { taskId: scene.taskId })
    // Nobody scores the round, which costs validators something of its own.
    return slashes
      .map(({ account, taken, reason: { name } }) => ({ account, taken, name }))
      .filter(({ name }) => name !== 'missedDuty')
  }

  /** What the court has paid out to each of these accounts. */
  async function paidTo(accounts: readonly TestAccount[]): Promise<bigint[]> {
    const { client, deployment } = scene.chain
    const paid = await client.getContractEvents({
      address: deployment.contracts.court,
      abi: iCourtAbi,
      eventName: 'Withdrawn',
      fromBlock: 0n,
      strict: true,
    })
    return accounts.map(({ address }) =>
      paid.filter(({ args }) => args.account === address).reduce((sum, { args }) => sum + args.amount, 0n),
    )
  }
})
