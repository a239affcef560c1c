import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { connect } from '@assay/sdk/client/clients.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { transferCall } from '@assay/sdk/verbs/assay-token/transfer.ts'
import { appeal, readAppealBond } from '@assay/sdk/verbs/court/appeal.ts'
import { conclude } from '@assay/sdk/verbs/court/conclude.ts'
import { drawPanel } from '@assay/sdk/verbs/court/draw-panel.ts'
import { readCase } from '@assay/sdk/verbs/court/read-case.ts'
import { type CourtCase, readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { readOwed } from '@assay/sdk/verbs/court/read-owed.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readSlashes } from '@assay/sdk/verbs/stake-registry/read-slashes.ts'
import { expect } from 'chai'
import { parseEther, zeroHash } from 'viem'
import { accuseStep } from './support/accuse-step.ts'
import { COURT_TERMS, type TestAccount } from './support/chain.ts'
import { answerOf, runAt, startCliRunner } from './support/cli-runner.ts'
import { beginLife, type ContributorLife } from './support/contributor-life.ts'
import type { HandMadeUpdate } from './support/hand-made-update.ts'
import { allIdle, mineUntil, type RunningOracle, startOracle, TURNS } from './support/herd.ts'
import { makeNewcomer, type Newcomer } from './support/newcomer.ts'
import { openRound, playToOpen, type Scene, startScene } from './support/scene.ts'
import { playToVoid } from './support/score-by-hand.ts'
import { done } from './support/verbs-scene.ts'
import { accuseWithoutStore, withheldFrom } from './support/withheld.ts'

const SEED = deriveSeed(zeroHash, 'court')
const BOND = parseEther('20')
const REFUND = parseEther('10')
/** A tenth of the stake of 10 ASSAY. */
const PENALTY = parseEther('1')
const REWARD = (PENALTY * 4n) / 10n

/** Nobody scores the round: all that is seen here is who opens what. */
describe('the court, about a withheld opening', () => {
  let scene: Scene
  let newcomer: Newcomer
  let updates: HandMadeUpdate[]
  let life: ContributorLife | undefined
  let oracles: RunningOracle[] = []
  const cli = startCliRunner()

  before(async () => {
    scene = await startScene({
      seed: SEED,
      contributors: 3,
      params: { maxRounds: 1, challengeSeconds: 420 },
    })
    newcomer = await makeNewcomer(scene, SEED)
    life = beginLife(newcomer.config('data'))
    for (let block = 0; block < 4; block++) await mine()
    await openRound(scene)
    updates = await Promise.all([0, 1, 2].map((index) => scene.update(index)))
    await mine()
    await playToOpen(scene, updates)
    await mine()
    await playToVoid(scene, mine)
    await scene.chain.client.setAutomine(true)
  })
  after(async () => {
    cli.end()
    await life?.end()
    await stopOracles()
    await scene?.stop()
  })

  async function mine(seconds?: number): Promise<void> {
    const { number } = await scene.chain.mine(seconds)
    if (number === null) throw new Error('the mined block has no number')
    await life?.untilIdle(number)
    await allIdle(oracles, number)
  }

  const until = (isDone: () => Promise<boolean>) => mineUntil(mine, isDone)

  const assay = (args: string[], account = scene.chain.accounts[0]!) => runAt(cli, scene, args, account)
  /** Runs a verb that must succeed, and reads its JSON. */
  const data = (args: string[], account?: TestAccount) => answerOf(assay([...args, '--json'], account))

  const accuse = (contributor: string) => ['case', 'open', '1', '--round', '1', '--withheld', contributor]
  const contributorAt = (index: number) => updates[index]!.account.address
  const { guardianSeconds, openingSeconds } = COURT_TERMS

  it('is opened from the command line, which says first what is at stake', async () => {
    await life?.end()
    life = undefined
    const accused = newcomer.account.address
    expect((await assay(['case', 'list'])).stdout).to.equal('The court has had no case yet.\n')
    const shown = await assay([...accuse(accused), '--store-dir', join(scene.dir, 'store')])
    expect([shown.code, shown.stderr.split('\n')[0]]).to.deep.equal([
      1,
      `A store has the opening of ${accused} in round 1: nothing is withheld.`,
    ])
    const unsent = await data([
      ...accuse(accused),
      '--unsigned',
      '--account',
      scene.chain.accounts[0]!.address,
    ])
    const { assayToken, accusations } = scene.chain.deployment.contracts
    const called = unsent.calls.map(({ to }: { to: string }) => to)
    expect(called).to.deep.equal([assayToken, accusations, accusations])

    const opened = await assay([...accuse(accused), '--json'])

    expect(opened.code, opened.stderr).to.equal(0)
    expect(opened.stderr)
      .to.include('20 ASSAY  from your wallet  to the court, as your bond')
      .and.include(`within 10 min, you lose the bond: 10 ASSAY goes to ${accused} for gas, the rest is burnt`)
      .and.include(`Else ${accused} loses 1 ASSAY of stake`)
    expect(JSON.parse(opened.stdout)).to.include({ caseId: '1', bond: String(BOND), round: 1 })
    const { cases } = await readEarnings(scene.reader, { taskId: scene.taskId, account: accused })
    expect(cases).to.equal(1)
    const status = (await assay(['status', '--address', accused])).stdout
    expect(status)
      .to.include('an open case against you keeps it, and what is held')
      .and.match(/case 1: the opening can be posted until \d{4}-.* \(in \d+ min.*\): assay case answer 1/)
    expect((await assay(['case', 'show', '1'])).stdout)
      .to.include(`Case 1: ${accused} is accused of withholding its opening, in round 1 of task 1`)
      .and.include('with a bond of 20 ASSAY')
      .and.include(`at stake    1 ASSAY of the stake of ${accused}`)
      .and.include('assay case answer 1')
  })

  it('refuses what is no case, by name', async () => {
    const stranger = scene.chain.accounts[0]!.address
    const wrong: [string[], number, string][] = [
      [accuse(stranger), 1, `${stranger} submitted nothing in round 1 of task 1, which has 4 submissions.`],
      [
        ['case', 'open', '1', '--round', '7', '--withheld', stranger],
        1,
        'submitted nothing in round 7 of task 1',
      ],
      [['case', 'open', '9', '--round', '1', '--withheld', stranger], 1, 'There is no task 9.'],
      [['case', 'list', '9'], 1, 'There is no task 9.'],
      [['case', 'show', '2'], 1, 'There is no case 2: the court has had 1, counted from 1.'],
      [['case', 'show', 'first'], 2, 'The case "first" is not a whole number from 1 on.'],
      [['case', 'conclude', '1'], 75, 'It is too early for case 1'],
      [['case', 'execute', '1'], 1, 'Case 1 has no verdict of guilty.'],
      [['case', 'appeal', '1'], 1, "Case 1 is about a withheld opening, and this call isn't."],
      [['case', 'withdraw'], 1, `The court owes ${stranger} nothing.`],
      [['case', 'answer', '1'], 2, 'Give either --data-dir or --fields.'],
    ]
    for (const [args, code, sentence] of wrong) {
      const reply = await assay(args)
      expect(reply.stderr, args.join(' ')).to.include(sentence)
      expect(reply.code, args.join(' ')).to.equal(code)
    }
  })

  it('is answered by the accused as soon as its daemon is back', async () => {
    const dataDir = join(scene.dir, 'data')
    const { calls } = await data(['case', 'answer', '1', '--data-dir', dataDir, '--unsigned'])
    expect(calls[0].to).to.equal(scene.chain.deployment.contracts.court)

    life = beginLife(newcomer.config('data'))
    await mine()
    await mine()

    const { state } = await readCase(scene.reader, { caseId: 1n })
    expect(state).to.include({ verdict: 'answered', isClosed: true })
    const busy = await assay(['case', 'answer', '1', '--data-dir', dataDir])
    expect(busy.code, busy.stderr).to.equal(75)
    expect(busy.stderr).to.include('is in use: the daemon runs.')
    const again = await assay(accuse(newcomer.account.address))
    expect([again.code, again.stderr.includes('This is decided already')]).to.deep.equal([1, true])
    const { account } = newcomer
    expect(await readOwed(scene.reader, { account: account.address })).to.equal(REFUND)
    const paid = await data(['case', 'withdraw', '--account', account.address])
    expect(paid).to.include({ account: account.address, withdrawn: String(REFUND) })
  })

  it('lets anyone draw, and appeal what a panel reports; nobody could sit, so nobody is found wrong', async () => {
    const { chain, reader } = scene
    const client = await connect({
      deployment: chain.deployment,
      rpcUrl: chain.rpcUrl,
      account: chain.accounts[0]!,
    })
    const caseId = await accuseStep(scene, updates[1]!)
    const id = String(caseId)
    expect((await assay(['case', 'show', id])).stdout).to.include(`assay case draw ${id}`)
    const pending = await assay(['case', 'draw', id])
    expect([pending.code, pending.stderr.includes('does not exist yet')]).to.deep.equal([75, true])
    for (let block = 0; block < 2; block++) await chain.mine()
    expect(await data(['case', 'draw', id])).to.include({ status: 'empty' })
    expect((await assay(['case', 'show', id])).stdout).to.include(`assay case appeal ${id}`)

    const { facts } = await readCase(reader, { caseId })
    const bond = await readAppealBond(reader, { facts, instance: 0 })
    await done(appeal(client, { caseId, facts, bond }))
    for (let block = 0; block < 2; block++) await chain.mine()
    const { panel } = (await readCase(reader, { caseId })).state
    await done(drawPanel(client, { panelId: panel!.id }))
    const { value } = await done(conclude(client, { caseId, facts }))
    expect(value.verdict).to.equal('acquitted')
    expect((await readCase(reader, { caseId })).state).to.include({ isClosed: true, instance: 1 })
  })

  it('is opened by no oracle while a store does not answer, or that has seen the opening', async () => {
    const contributors = [0, 1, 2].map(contributorAt)
    expect(await withheldFrom(scene)).to.have.members(contributors)
    expect(await withheldFrom(scene, { seen: contributorAt(0) })).to.have.members(contributors.slice(1))
    const lookedTwice = await accuseWithoutStore(scene, 2)
    expect(lookedTwice).to.deep.equal(['no store says whether openings are withheld'])
  })

  it('is opened by an oracle within its budget, once for each that nobody can find', async () => {
    const { assayToken: token } = scene.chain.deployment.contracts
    const [one, other] = scene.validators
    for (const { address: to } of [one!, other!])
      await scene.chain.send(scene.chain.accounts[0]!, transferCall({ token, to, amount: 5n * BOND }))
    const configOf = (validator: TestAccount, courtBudgetWei: bigint) => ({
      ...scene.oracleConfig(validator, validator.address),
      courtBudgetWei,
    })
    const newCases = async () => (await readCases(scene.reader, { taskId: scene.taskId })).slice(2)
    oracles = [startOracle(configOf(one!, 2n * BOND))]
    await until(async () => (await newCases()).length === 2)
    for (let block = 0; block < TURNS / 3; block++) await mine()
    expect(await newCases()).to.have.length(2)

    await stopOracles()
    oracles = [startOracle(configOf(one!, 4n * BOND)), startOracle(configOf(other!, 4n * BOND))]
    await until(async () => (await newCases()).length === 3)
    for (let block = 0; block < TURNS / 3; block++) await mine()
    const cases = await newCases()
    expect(cases.map(({ facts }) => facts.defendant).sort()).to.deep.equal(
      [0, 1, 2].map(contributorAt).sort(),
    )
    for (const { facts } of cases.slice(0, 2)) expect(facts.challenger).to.equal(one!.address)
  })

  it('is answered by whoever knows the fields', async () => {
    const { opening, account } = updates[1]!
    const caseId = await caseAgainst(account.address)
    const { baseModelHash, updateHash, stateRoot, steps, dataRoot, salt } = opening
    const fields = { baseModelHash, updateHash, stateRoot, steps, dataRoot, salt }
    const file = join(scene.dir, 'fields.json')
    const answer = ['case', 'answer', caseId, '--fields', file]
    for (const [content, code, sentence] of [
      ['{', 2, 'fields.json is not JSON.'],
      [JSON.stringify({ ...fields, salt: 'secret', more: 1 }), 2, 'salt: must be 0x and 64 lowercase'],
      [JSON.stringify({ ...fields, salt: zeroHash }), 1, `the submission has ${updates[1]!.commitment}`],
    ] as const) {
      await writeFile(file, content)
      const reply = await assay(answer)
      expect(reply.stderr).to.include(sentence)
      expect(reply.code).to.equal(code)
    }
    await writeFile(file, JSON.stringify(fields))
    const answered = await data(answer)
    expect(answered).to.include({ caseId, salt })
    expect((await assay(['case', 'show', caseId])).stdout).to.include(
      'closed: answered: the opening was posted',
    )
  })

  it('ends by itself where no juror sits: an oracle draws and concludes', async () => {
    const caseId = await accuseStep(scene, updates[2]!)
    const stateOf = async () => (await readCase(scene.reader, { caseId })).state
    await until(async () => (await stateOf()).panel?.status === 'empty')
    await mine(COURT_TERMS.appealSeconds)
    await until(async () => (await stateOf()).isClosed)
    expect((await stateOf()).verdict).to.equal('acquitted')
  })

  it('ends guilty at the deadline, is concluded and executed from the command line', async () => {
    await stopOracles()
    const caseId = await caseAgainst(contributorAt(2))
    await mine(openingSeconds)
    const late = await assay(['case', 'answer', caseId, '--fields', join(scene.dir, 'fields.json')])
    expect([late.code, late.stderr.includes('The fields of')]).to.deep.equal([1, true])
    expect(await data(['case', 'conclude', caseId])).to.include({ verdict: 'guilty' })
    const early = await assay(['case', 'execute', caseId])
    expect([early.code, early.stderr.includes('It is too early for case')]).to.deep.equal([75, true])
    await mine(guardianSeconds)
    const executed = await data(['case', 'execute', caseId])
    expect(executed).to.include({ caseId, taken: String(PENALTY), forfeited: '0', reward: String(REWARD) })
    expect((await assay(['case', 'show', caseId])).stdout).to.include('closed: guilty')

    const { challenger } = (await readCase(scene.reader, { caseId: BigInt(caseId) })).facts
    const paid = await assay(['case', 'withdraw', '--account', challenger])
    expect(paid.stdout).to.include(`${amountText(BOND + REWARD, ASSAY)} went to ${challenger}.`)
  })

  it('is concluded and executed by an oracle, whoever opened it', async () => {
    const guilty = BigInt(await caseAgainst(contributorAt(0)))
    const stateOf = async () => (await readCase(scene.reader, { caseId: guilty })).state
    oracles = [startOracle(scene.oracleConfig(scene.validators[3]!, 'without a budget'))]
    await until(async () => (await stateOf()).verdict === 'guilty')
    await mine(guardianSeconds)
    await until(async () => (await stateOf()).isClosed)
    const slashes = await readSlashes(scene.reader, { taskId: scene.taskId })
    const taken = slashes.find(({ account }) => account === contributorAt(0))
    const reason = { name: 'openingWithheld' }
    expect(taken).to.deep.include({ penalty: PENALTY, taken: PENALTY, reward: REWARD, reason })
  })

  async function stopOracles(): Promise<void> {
    await Promise.all(oracles.map((oracle) => oracle.stop()))
    oracles = []
  }

  async function caseAgainst(defendant: string): Promise<string> {
    const cases = await readCases(scene.reader, { taskId: scene.taskId })
    const isMeant = ({ facts }: CourtCase) =>
      facts.kind === 'openingWithheld' && facts.defendant === defendant
    return String(cases.find(isMeant)!.caseId)
  }
})
