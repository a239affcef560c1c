import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { keptSteps } from '@assay/oracle/court/kept-steps.ts'
import type { OracleConfig } from '@assay/oracle/oracle-config.ts'
import { keySeedOf, oracleKeys } from '@assay/oracle/oracle-keys.ts'
import { connect } from '@assay/sdk/client/clients.ts'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { transferCall } from '@assay/sdk/verbs/assay-token/transfer.ts'
import { joinJury } from '@assay/sdk/verbs/court/join-jury.ts'
import { readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { readJuror } from '@assay/sdk/verbs/court/read-juror.ts'
import { readOwed } from '@assay/sdk/verbs/court/read-owed.ts'
import { readSlashes } from '@assay/sdk/verbs/stake-registry/read-slashes.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { expect } from 'chai'
import { parseEther, toHex, zeroHash } from 'viem'
import { COURT_TERMS, type TestAccount } from './support/chain.ts'
import { answerOf, runAt, startCliRunner } from './support/cli-runner.ts'
import { type HandMadeUpdate, publishUpdate } from './support/hand-made-update.ts'
import { allIdle, mineUntil, type RunningOracle, startOracle } from './support/herd.ts'
import { jurorsAmong, keepFalseStep, stakeForJury, untrained, writeEvidence } from './support/jury-case.ts'
import { openRound, playToOpen, type Scene, startScene } from './support/scene.ts'
import { playToVoid } from './support/score-by-hand.ts'
import { WINDOWS } from './support/small-task.ts'
import { done } from './support/verbs-scene.ts'

const BOND = parseEther('20')
/** Half of the stake of 10 ASSAY. */
const STEP_PENALTY = parseEther('5')
/** Of the lost bond; and where nothing else is there, a third each of the reward, 40 % of what is taken. */
const FEES = [parseEther('2'), (STEP_PENALTY * 4n) / 10n / 3n] as const
/** What of the reward is left for the accuser. */
const LEFT = (STEP_PENALTY * 4n) / 10n - 3n * FEES[1]
/** A panel's times. */
const PANEL_SECONDS = 60
const DAY = 86_400

/** Nobody scores the round; in its last window one of two contributors faked its training. */
describe('jurors of the court', () => {
  let scene: Scene
  let honest: HandMadeUpdate
  let faked: HandMadeUpdate
  /** What jurors compute of the two cases. */
  let right: { ofFaked: string; ofHonest: string }
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
    await openRound(scene)
    honest = await scene.update(0)
    faked = await scene.update(1, untrained(scene))
    const ofFaked = (await scene.update(1)).training.stateHashes[WINDOWS]!
    right = { ofFaked, ofHonest: honest.training.stateHashes[2]! }
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

  const until = (isDone: () => Promise<boolean>) => mineUntil(mine, isDone)

  const assay = (args: string[], account = scene.chain.accounts[0]!) => runAt(cli, scene, args, account)
  /** Runs a verb that must succeed, and reads its JSON. */
  const data = (args: string[], account?: TestAccount) => answerOf(assay([...args, '--json'], account))

  it('train again in cases of an oracle that found a false step, and of anybody with the evidence', async () => {
    await prepare()
    await until(async () => (await jurorsAmong(scene, jurors)) === jurors.length)
    await until(async () => (await readSteps()).length === 1)
    const { address } = scene.chain.accounts[0]!
    const { calls } = await data([...accuseHonest, '--unsigned', '--account', address])
    const { assayToken, accusations } = scene.chain.deployment.contracts
    const called = calls.map(({ to }: { to: string }) => to)
    expect(called).to.deep.equal([assayToken, accusations, accusations])
    const opened = await assay([...accuseHonest, '--json'])
    expect(opened.code, opened.stderr).to.equal(0)
    expect(opened.stderr).to.include('each of them is paid 2 ASSAY, the rest is burnt')
    expect(JSON.parse(opened.stdout)).to.include({ caseId: '2', contributor: honest.account.address })
    await until(async () => (await readSteps()).every(({ state }) => state.panel?.status === 'committing'))
    const given = await data(['case', 'keys', '2', '--false-step', file, ...store])
    expect(given.jurors).to.have.members(jurors.map(({ address }) => address))
    const { stdout } = await assay(['status', '--address', honest.account.address])
    expect(stdout).to.match(/case 2: jurors vote until .*\n +it ends by \d{4}-.* at the latest/)

    for (let block = 0; block < 8; block++) await mine()
    await voteByHand('committed')
    await restart(1)
    await restart(2, { isLost: true })
    await mine(PANEL_SECONDS)
    await voteByHand('revealed')
    for (const seconds of [PANEL_SECONDS, COURT_TERMS.appealSeconds]) {
      for (let block = 0; block < 3; block++) await mine()
      await mine(seconds)
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
    for (const caseId of ['1', '2']) await data(['case', 'settle', caseId], clerk())
    expect(await data(['case', 'withdraw'], clerk())).to.include({ withdrawn: String(FEES[0] + FEES[1]) })
    await until(async () => (await paidTo(jurors)).every((paid) => paid === FEES[0] + FEES[1]))
    await until(async () => (await paidTo([challenger]))[0] === BOND + LEFT)
  })

  it('acquit who trained honestly: it keeps its stake, and its accuser loses the bond', async () => {
    const { facts, state } = (await readSteps())[1]!
    expect([facts.defendant, state.verdict]).to.deep.equal([honest.account.address, 'acquitted'])
    expect(await readOwed(scene.reader, { account: facts.challenger })).to.equal(0n)
    expect(await slashed()).to.have.length(1)
  })

  it('refuse by hand what is no vote, and whom the jury does not know', async () => {
    const wrong: [string[], number, string][] = [
      [['case', 'vote', '1', '--answer', 'guilty'], 2, '--answer is "guilty", which is no vote.'],
      [['case', 'vote', '1', '--answer', 'missing'], 1, 'has no place in the jury.'],
      [['case', 'settle', '1', '--place', '63'], 1, 'has no seat at place 63'],
      [['case', 'keys', '1', '--false-step', file, ...store], 1, 'has no panel now that waits for a key'],
      [
        ['case', 'open', '1', '--round', '1'],
        2,
        'Give one of --withheld, --false-step, --score, --vote and --two-statements.',
      ],
      [[...accuseHonest.slice(0, 6), 'nowhere', ...store], 2, "The evidence can't be read"],
      [
        [...accuseHonest.slice(0, 6), join(scene.dir, 'deployment.json'), ...store],
        2,
        'is no evidence of a false step',
      ],
    ]
    for (const [args, code, sentence] of wrong) {
      const reply = await assay(args)
      expect(reply.stderr, args.join(' ')).to.include(sentence)
      expect(reply.code, args.join(' ')).to.equal(code)
    }
  })

  it('leave when they are told to, and get their stake back once no case can need them', async () => {
    const [juror] = jurors as [TestAccount]
    const seat = () => readJuror(scene.reader, { account: juror.address })
    const before = (await assay(['status', '--address', juror.address])).stdout
    expect(before).to.match(/Jury +juror at place \d+: 1000 ASSAY of the stake answers for its votes/)
    await restart(1, { jurorStakeWei: 0n })
    await until(async () => (await seat())?.until !== undefined)
    const { free } = await readStake(scene.reader, { account: juror.address })
    const keeper = { config: configOf(challenger) } as Parameters<typeof keptSteps>[0]
    expect(await keptSteps(keeper)).to.have.length(1)
    await mine(DAY + 10)
    await until(async () => (await seat()) === undefined)
    const { free: then } = await readStake(scene.reader, { account: juror.address })
    expect(then - free).to.equal(parseEther('1000'))
    expect(await keptSteps(keeper), 'what no case can need any more').to.deep.equal([])
    for (let block = 0; block < 3; block++) await mine()
    expect(await seat()).to.equal(undefined)
  })

  /** The juror without an oracle. */
  const clerk = () => jurors[2]!
  const configOf = (account: TestAccount) => scene.oracleConfig(account, account.address)

  async function voteByHand(step: string): Promise<void> {
    for (const [caseId, answer] of [
      ['1', right.ofFaked],
      ['2', right.ofHonest],
    ] as const)
      expect(await data(['case', 'vote', caseId, '--answer', answer], clerk())).to.include({ step })
  }

  /** Ends an oracle as a signal would, and starts it in the same folder. @param how.isLost the folder is empty then */
  async function restart(
    index: number,
    { isLost = false, ...changes }: Partial<OracleConfig> & { isLost?: boolean } = {},
  ): Promise<void> {
    await oracles[index]!.stop()
    const config = configOf(index === 0 ? challenger : jurors[index - 1]!)
    if (isLost) await rm(config.dataDir, { recursive: true })
    oracles[index] = startOracle({ ...config, ...changes })
  }

  /** Starts an oracle that has found the false step, with a budget, and jurors; one of them votes by hand. */
  async function prepare(): Promise<void> {
    await stakeForJury(scene, jurors)
    const { assayToken: token } = scene.chain.deployment.contracts
    const pay = transferCall({ token, to: challenger.address, amount: 2n * BOND })
    await scene.chain.send(scene.chain.accounts[0]!, pay)
    const { chain } = scene
    const client = await connect({ deployment: chain.deployment, rpcUrl: chain.rpcUrl, account: clerk() })
    const encryptionKey = toHex(await oracleKeys(keySeedOf(clerk().privateKey)).encryptionKey())
    await done(joinJury(client, { amount: parseEther('1000'), encryptionKey }))
    await keepFalseStep(scene, configOf(challenger).dataDir, faked, WINDOWS - 1)
    oracles = [
      { ...configOf(challenger), courtBudgetWei: BOND },
      ...jurors.slice(0, 2).map((juror) => configOf(juror)),
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
