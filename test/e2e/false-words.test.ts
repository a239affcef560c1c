import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { playValidator } from '@assay/lab/behaviours/play.ts'
import type { OracleBehaviour } from '@assay/oracle/behaviour.ts'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import { iJuryAbi } from '@assay/sdk/generated/IJury.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { MAX_QUALITY } from '@assay/sdk/protocol/score-words.ts'
import { statementTypedData } from '@assay/sdk/protocol/signed-statements.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { transferCall } from '@assay/sdk/verbs/assay-token/transfer.ts'
import { isUpdateDeclared } from '@assay/sdk/verbs/court/declare-update.ts'
import { type CourtCase, readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { suspendCall } from '@assay/sdk/verbs/court/suspend.ts'
import { readCohort } from '@assay/sdk/verbs/rounds/read-cohort.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readSlashes } from '@assay/sdk/verbs/stake-registry/read-slashes.ts'
import { expect } from 'chai'
import { type Address, type Hex, numberToHex, parseEther, zeroHash } from 'viem'
import { COURT_TERMS, type TestAccount } from './support/chain.ts'
import { runAt, startCliRunner } from './support/cli-runner.ts'
import { allIdle, type RunningOracle, startOracle } from './support/herd.ts'
import { stakeForJury } from './support/jury-case.ts'
import { openRound, playToOpen, publishAll, type Scene, startScene } from './support/scene.ts'

const BLOCK_SECONDS = 12
const MOST_BLOCKS = 150
/** Blocks until each of seven validators has had its turn, and some for what must not come. */
const TURNS = 24
const SETTLED = 3
/** Blocks in which a case surely ends, and their seconds: a panel takes a minute for each of its steps. */
const TRIAL_BLOCKS = 80
const TRIAL_SECONDS = 12
const COURT_BUDGET = parseEther('500')
/** A seat whose scores are all invented. */
const INVENTS_ALL: OracleBehaviour = {
  fillSheet: async ({ honest }) =>
    (await honest()).map((entry) =>
      entry.quality > MAX_QUALITY ? entry : { ...entry, quality: 1 + (entry.quality % 9_000) },
    ),
}

describe('oracles that look at what colleagues said', () => {
  let scene: Scene
  let oracles: RunningOracle[] = []
  let liars: Address[] = []
  const cli = startCliRunner()

  before(async () => {
    const seed = deriveSeed(zeroHash, 'false words')
    const params = { minContributors: 4, challengeSeconds: 420 }
    scene = await startScene({ seed, contributors: 4, params })
    await openRound(scene)
    const updates = await Promise.all([0, 1, 2, 3].map((i) => scene.update(i)))
    await playToOpen(scene, updates)
    for (const update of updates) await publishAll(scene, update)
    for (const { address } of scene.validators) await fund(address)
    await stakeForJury(scene, scene.validators)
    await playRound()
  })
  after(async () => {
    cli.end()
    await Promise.all(oracles.map((oracle) => oracle.stop()))
    await scene.stop()
  })

  /** Two of three seats lie; the round is then closed, and nobody has accused anybody yet. */
  async function playRound(): Promise<void> {
    const { seats } = await readCohort(scene.reader, { taskId: scene.taskId, cohort: 0 })
    liars = seats.slice(0, 2)
    const deviant = { ...INVENTS_ALL, ...playValidator({ name: 'false-aggregator', seed: zeroHash }) }
    oracles = scene.validators.map((validator, i) => {
      const config = { ...scene.oracleConfig(validator, `oracle-${i}`), courtBudgetWei: COURT_BUDGET }
      return startOracle(config, liars.includes(validator.address) ? deviant : {})
    })
    const round = () => readRound(scene.reader, { taskId: scene.taskId })
    await mineUntil(MOST_BLOCKS, async () => (await round()).phase === 'Idle')
  }

  /** Gives a validator its budget, which the court may take at once. */
  async function fund(to: Address): Promise<void> {
    const { assayToken: token, court: spender } = scene.chain.deployment.contracts
    const [funder] = scene.chain.accounts
    await scene.chain.send(funder!, transferCall({ token, to, amount: COURT_BUDGET }))
    const validator = scene.validators.find(({ address }) => address === to)!
    await scene.chain.send(validator, approveCall({ token, spender, amount: COURT_BUDGET }))
  }

  async function mineUntil(
    blocks: number,
    isDone: () => Promise<boolean>,
    seconds = BLOCK_SECONDS,
  ): Promise<void> {
    for (let i = 0; i < blocks && !(await isDone()); i++) {
      const { number } = await scene.chain.mine(seconds)
      await allIdle(oracles, number!)
    }
  }

  const factsOfCases = async () =>
    (await readCases(scene.reader, { taskId: scene.taskId })).map(({ facts }) => facts)

  /** Whether everybody in the list answers in the case about the aggregate. */
  async function areDefendants(accounts: readonly Address[]): Promise<boolean> {
    const cases = await readCases(scene.reader, { taskId: scene.taskId })
    const about = cases.find(({ facts }) => facts.kind === 'falseAggregate')
    if (about === undefined) return false
    const { caseId, facts } = about
    const added = accounts.filter((account) => account !== facts.defendant)
    const address = scene.chain.deployment.contracts.court
    const asked = { address, abi: iCourtAbi, functionName: 'baseOf' } as const
    const bases = added.map((account) =>
      scene.reader.chain.readContract({ ...asked, args: [caseId, account] }),
    )
    return (await Promise.all(bases)).every((base) => base > 0n)
  }

  /** Whether the accused of each score has said where the update is. */
  async function areDeclared(): Promise<boolean> {
    const cases = await readCases(scene.reader, { taskId: scene.taskId })
    const ofScores = cases.filter(({ facts }) => facts.kind === 'falseScore')
    const declared = ofScores.map(({ caseId }) => isUpdateDeclared(scene.reader, { caseId }))
    return (await Promise.all(declared)).every(Boolean)
  }

  const assay = (args: string[]) => runAt(cli, scene, args, scene.chain.accounts[0]!)

  it('are not needed for it: the command line makes the same proofs and evidence', async () => {
    const [{ address }] = scene.chain.accounts as [TestAccount]
    const [pool, folder] = [join(scene.dir, 'pool.safetensors'), join(scene.dir, 'package')]
    const [liar] = liars as [Address]
    const store = ['--package', folder, '--store-dir', join(scene.dir, 'store')]
    const open = (...args: string[]) =>
      assay([
        'case',
        'open',
        '1',
        '--round',
        '1',
        ...args,
        ...store,
        '--unsigned',
        '--account',
        address,
        '--json',
      ])
    const { assayToken, accusations } = scene.chain.deployment.contracts
    for (const args of [
      ['--vote', liar, '--cohort', '0'],
      ['--score', liar, '--cohort', '0', '--member', '2', '--pool', pool],
    ]) {
      const { code, stdout, stderr } = await open(...args)
      expect(code, stderr).to.equal(0)
      const { calls } = JSON.parse(stdout)
      expect(calls.map(({ to }: { to: string }) => to)).to.deep.equal([assayToken, accusations, accusations])
    }
    const wrong: [string[], number, string][] = [
      [['--score', liar, '--cohort', '0'], 2, '--score needs --cohort, --member and --pool.'],
      [['--vote', liar], 2, '--vote without --cohort is about the next model, and needs --pool.'],
      [['--vote', liar, '--cohort', '128'], 2, '--cohort "128" is not a whole number from 0 to 127.'],
      [['--vote', liar, '--cohort', '0', '--member', '1'], 2, '--member goes with --score.'],
      [['--vote', address, '--cohort', '0'], 1, `${address} cast no vote on the aggregate of cohort 0`],
      [
        ['--score', address, '--cohort', '0', '--member', '0', '--pool', pool],
        1,
        'revealed no scores of cohort 0',
      ],
    ]
    for (const [args, code, sentence] of wrong) {
      const reply = await open(...args)
      expect([reply.code, reply.stderr.includes(sentence)], reply.stderr).to.deep.equal([code, true])
    }
  })

  it('and accuses who signed two values for one slot, with the signatures alone', async () => {
    const { chain, taskId, validators, dir } = scene
    const [{ address }, [validator]] = [chain.accounts[0]!, validators as [TestAccount]]
    const file = join(dir, 'two-statements.json')
    const slot = { chainId: chain.chainId, rounds: chain.deployment.contracts.rounds, taskId, round: 1 }
    const sign = (value: Hex) =>
      validator.signTypedData(statementTypedData({ ...slot, kind: 'vote', slot: 0, value }))
    const [first, second] = [numberToHex(1, { size: 32 }), numberToHex(2, { size: 32 })]
    const signatures = { firstSignature: await sign(first), secondSignature: await sign(second) }
    await writeFile(file, JSON.stringify({ kind: 'vote', slot: 0, first, second, ...signatures }))
    const open = ['case', 'open', '1', '--two-statements', file]
    const unsigned = ['--unsigned', '--account', address, '--json']
    const printed = await assay([...open, '--round', '1', ...unsigned])
    expect(printed.code, printed.stderr).to.equal(0)
    expect(JSON.parse(printed.stdout).calls).to.have.length(3)
    expect((await assay([...open, '--round', '2'])).stderr).to.include('two statements of one account')

    const before = await chain.snapshot()
    await chain.client.setAutomine(true)
    const opened = await assay([...open, '--round', '1', '--json'])
    expect(opened.code, opened.stderr).to.equal(0)
    expect(opened.stderr).to.include(`${validator.address} loses`)
    const { caseId } = JSON.parse(opened.stdout)
    const concluded = await assay(['case', 'conclude', caseId, '--json'])
    expect(JSON.parse(concluded.stdout)).to.include({ verdict: 'guilty' })
    const { facts } = (await readCases(scene.reader, { taskId })).at(-1)!
    expect(facts).to.include({ kind: 'twoStatements', defendant: validator.address })
    await chain.client.setAutomine(false)
    await chain.revert(before)
  })

  it('accuse who invents scores and all who vote for a false aggregate, and nobody honest', async () => {
    await mineUntil(TURNS, () => areDefendants(liars))
    expect(await areDefendants(liars), 'both who voted for it').to.equal(true)
    await mineUntil(TURNS, async () => (await factsOfCases()).some(({ kind }) => kind === 'falseScore'))
    await mineUntil(SETTLED, async () => false)

    const found = await factsOfCases()
    await expectScoresAccused(found, liars)
    await mineUntil(TURNS, areDeclared)
    expect(await areDeclared(), 'the accused say where the updates are').to.equal(true)
    const votes = found.filter(({ kind }) => kind !== 'falseScore')
    expect(votes.map(({ kind, subject }) => [kind, subject])).to.deep.equal([['falseAggregate', 0]])
    expect(liars).to.include(votes[0]!.defendant)
  })

  it('have jurors compute it again, who convict them all', async () => {
    const states = async () =>
      (await readCases(scene.reader, { taskId: scene.taskId })).map(({ state }) => state)
    await mineUntil(TRIAL_BLOCKS, async () => (await convictedOfScore()) !== undefined, TRIAL_SECONDS)
    const suspended = (await convictedOfScore())!
    await suspend(suspended)
    await mineUntil(
      TRIAL_BLOCKS,
      async () => (await states()).every(({ isClosed }) => isClosed),
      TRIAL_SECONDS,
    )
    await expectPolled(suspended)
    expect((await states()).map(({ verdict }) => verdict)).to.deep.equal((await states()).map(() => 'guilty'))
    await mineUntil(TURNS, async () => (await slashedFor('falseAggregate')).length === liars.length)
    expect(await slashedFor('falseAggregate')).to.have.members(liars)
    const scores = (await factsOfCases()).filter(({ kind }) => kind === 'falseScore')
    const convicted = new Set(scores.map(({ defendant }) => defendant))
    expect(await slashedFor('falseScore')).to.have.members([...convicted])
    const everything = await readSlashes(scene.reader, { taskId: scene.taskId })
    for (const { account } of everything) expect(liars, 'and nobody else').to.include(account)
    const again = await assay(['case', 'execute', '1', '--defendant', liars[0]!])
    expect(again.stderr).to.include(`${liars[0]} isn't accused in case 1, or its part of it has ended.`)
    expect(again.code).to.equal(1)
  })

  /** A case in which somebody is to lose stake for a score. */
  async function convictedOfScore(): Promise<CourtCase | undefined> {
    const cases = await readCases(scene.reader, { taskId: scene.taskId })
    return cases.find(({ facts, state }) => facts.kind === 'falseScore' && state.verdict === 'guilty')
  }

  /** Suspends a verdict as the guardian. */
  async function suspend({ caseId, facts }: CourtCase): Promise<void> {
    const { client, deployment, send } = scene.chain
    await client.impersonateAccount({ address: COURT_TERMS.guardian })
    await client.setBalance({ address: COURT_TERMS.guardian, value: parseEther('1') })
    await send({ address: COURT_TERMS.guardian }, suspendCall(deployment, { caseId, facts }))
  }

  /** More vote than sat in the panel: validators of the task have the pool that shows them the value. */
  async function expectPolled({ caseId }: CourtCase): Promise<void> {
    const { client, deployment } = scene.chain
    const address = deployment.contracts.jury
    const asked = { address, abi: iJuryAbi, eventName: 'PollVoted', fromBlock: 0n, strict: true } as const
    const votes = (await client.getContractEvents(asked)).filter(({ args }) => args.caseId === caseId)
    expect(votes.every(({ args }) => args.isForExecution)).to.equal(true)
    expect(2 * votes.length).to.be.above(scene.validators.length)
  }

  async function slashedFor(name: string): Promise<string[]> {
    const slashes = await readSlashes(scene.reader, { taskId: scene.taskId })
    return slashes.filter(({ reason }) => reason.name === name).map(({ account }) => account)
  }

  async function expectScoresAccused(found: readonly CaseFacts[], liars: readonly Address[]): Promise<void> {
    const scores = found.filter(({ kind }) => kind === 'falseScore')
    expect(scores.length).to.be.within(1, scene.validators.length)
    for (const { defendant, evidence } of scores) {
      expect(liars).to.include(defendant)
      expect(await scene.store.has(evidence), 'what jurors are shown').to.equal(true)
    }
  }
})
