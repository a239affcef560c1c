import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { replayWindow } from '@assay/sdk/protocol/sampling.ts'
import { scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { transferCall } from '@assay/sdk/verbs/assay-token/transfer.ts'
import { type CourtCase, readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { readWindowRequests } from '@assay/sdk/verbs/court/read-window-requests.ts'
import { readSlashes } from '@assay/sdk/verbs/stake-registry/read-slashes.ts'
import { expect } from 'chai'
import { numberToHex, parseEther, zeroHash } from 'viem'
import { COURT_TERMS, type TestAccount } from './support/chain.ts'
import { beginLife, type ContributorLife } from './support/contributor-life.ts'
import { halved } from './support/hand-made-update.ts'
import { allIdle, mineUntil, type RunningOracle, startOracle } from './support/herd.ts'
import { jurorsAmong, stakeForJury } from './support/jury-case.ts'
import { drawnSeats, makeNewcomer, type Newcomer } from './support/newcomer.ts'
import { openRound, playToOpen, type Scene, startScene } from './support/scene.ts'
import { playToFinal } from './support/score-by-hand.ts'
import { WINDOWS } from './support/small-task.ts'

const SEED = deriveSeed(zeroHash, 'window')
const ROUND = 1
const LAST = WINDOWS - 1
const CHALLENGE_SECONDS = 150
const BOND = parseEther('20')
/** A tenth of the stake of 10 ASSAY. */
const PENALTY = parseEther('1')
/** Half of three fees, and at most a twentieth of that stake. */
const READING_FEE = parseEther('0.5')
/** How many windows two seats miss. The third drawn one is missed by seat 0 alone. */
const ASKED = WINDOWS - 1
const LONELY = 2
/** What three seats say of five windows: the first misses all of them, the second all but the third one, the third none of its own. */
const SAID = [
  { windows: 0, withheld: 3 },
  { windows: 0, withheld: 1 },
  { windows: 1, withheld: 3 },
].map((said) => scoreEntry({ quality: 0, rarity: 2, ...said }))

/**
 * A seat asks for each window that another one misses, too, and not for one that it misses alone. The contributor keeps one of them from
 * readers, and has not trained the last one.
 */
describe('readers of a window', () => {
  let scene: Scene
  let newcomer: Newcomer
  let life: ContributorLife | undefined
  let requester: TestAccount
  let closedAt: number
  let jurors: TestAccount[]
  /** What no reader gets. */
  let hidden: number | undefined
  let oracles: RunningOracle[] = []

  before(async () => {
    scene = await startScene({
      seed: SEED,
      contributors: 0,
      params: { maxRounds: 2, minContributors: 1, challengeSeconds: CHALLENGE_SECONDS },
    })
    newcomer = await makeNewcomer(scene, SEED)
    life = beginLife(newcomer.config('data'), {
      shouldShow: (window) => window !== hidden,
      train: async (_, honest) => [...(await honest()).slice(0, -1), halved(scene.task.init)],
    })
    for (let block = 0; block < 4; block++) await mine()
    await openRound(scene)
    await mine()
    await mine()
    const { address } = newcomer.account
    const windowOf = (beacon: Hash) =>
      replayWindow({ beacon, contributor: address, i: LONELY, totalWindows: WINDOWS })
    await playToOpen(scene, [], (beacon) => windowOf(beacon) !== LAST)
    await mine()
    const drawn = (await drawnSeats(scene, address, 0)).map(({ validator }) => validator)
    const seats = new Set(drawn)
    // The first window is the first seat's.
    requester = scene.validators.find((one) => one.address === drawn[0])!
    jurors = scene.validators.filter((one) => !seats.has(one.address)).slice(0, 3)
    await playToFinal(scene, address, mine, { entry: (seat) => SAID[seat]! })
    closedAt = Number((await scene.chain.client.getBlock()).timestamp)
  })
  after(async () => {
    await life?.end()
    await Promise.all(oracles.map((oracle) => oracle.stop()))
    await scene?.stop()
  })

  async function mine(seconds?: number): Promise<void> {
    const { number } = await scene.chain.mine(seconds)
    await life?.untilIdle(number!)
    await allIdle(oracles, number!)
  }

  const until = (isDone: () => Promise<boolean>) => mineUntil(mine, isDone)

  it('are drawn for each window that two seats said was withheld, within the budget', async () => {
    const { reader, taskId } = scene
    const asked = await readWindowRequests(reader, { taskId, round: ROUND, validator: requester.address })
    expect(asked.map(({ window }) => window)).to.have.members([0, 1, 2, 3, LAST])
    const alone = asked.filter(({ second }) => second === undefined)
    expect(alone.map(({ drawn }) => drawn)).to.deep.equal([LONELY])
    expect(alone[0]!.window).not.to.equal(LAST)
    await prepare()
    await until(async () => (await readings()).length === ASKED)
    const cases = await readings()
    expect(cases.map(({ facts }) => facts.subject)).not.to.include(alone[0]!.window)
    // Of the last case, before anybody knows who reads it.
    hidden = cases.map(({ facts }) => facts.subject).findLast((window) => window !== LAST)
    for (const { facts } of cases)
      expect(facts).to.include({
        challenger: requester.address,
        defendant: newcomer.account.address,
        bond: BOND,
        accused: asked[0]!.page.commitments[0],
        context: numberToHex(1, { size: 32 }),
      })
  })

  it('get what the contributor has, and it keeps its stake but for half of their fees', async () => {
    await until(async () => (await readings()).every(({ state }) => state.panel?.status === 'committing'))
    await vote()
    await until(async () => (await readings()).every(({ state }) => state.verdict !== 'none'))
    for (const { facts, state } of await readings()) {
      const given = facts.subject === LAST ? 'dismissed' : 'acquitted'
      expect(state.verdict).to.equal(facts.subject === hidden ? 'guilty' : given)
    }
    const fee = { name: 'readingFee', taken: READING_FEE }
    expect(await slashed()).to.deep.equal([fee, fee, fee])
  })

  it('that find another state accuse the step, once, also when the round is final', async () => {
    const { reader, taskId } = scene
    const steps = async () => (await readCases(reader, { taskId })).filter(isStep)
    await until(async () => (await steps()).length === 1)
    const [step] = await steps()
    expect(step!.facts).to.include({ subject: LAST, defendant: newcomer.account.address, bond: BOND })
    expect(jurors.map(({ address }) => address)).to.include(step!.facts.challenger)
    const { timestamp } = await scene.chain.client.getBlock()
    const finalAt = closedAt + CHALLENGE_SECONDS
    expect(Number(timestamp)).to.be.greaterThan(finalAt)
    for (let block = 0; block < 3; block++) await mine()
    expect(await steps()).to.have.length(1)
  })

  it('that get nothing convict, and a tenth of the stake is taken', async () => {
    await mine(COURT_TERMS.guardianSeconds)
    await until(async () => (await readings()).every(({ state }) => state.isClosed))
    expect(await readings()).to.have.length(ASKED)
    expect((await slashed()).at(-1)).to.deep.equal({ name: 'windowWithheld', taken: PENALTY })
  })

  async function prepare(): Promise<void> {
    await stakeForJury(scene, jurors)
    const { assayToken: token } = scene.chain.deployment.contracts
    const owner = scene.chain.accounts[0]!
    const budgetOf = (account: TestAccount) => (account === requester ? BigInt(WINDOWS) * BOND : BOND)
    for (const account of [requester, ...jurors])
      await scene.chain.send(owner, transferCall({ token, to: account.address, amount: budgetOf(account) }))
    const configOf = (account: TestAccount) => ({
      ...scene.oracleConfig(account, account.address),
      courtBudgetWei: budgetOf(account),
    })
    oracles = jurors.map((juror) => startOracle(configOf(juror)))
    await until(async () => (await jurorsAmong(scene, jurors)) === jurors.length)
    oracles.push(startOracle({ ...configOf(requester), jurorStakeWei: 0n }))
  }

  /** Lets the panels of all cases, drawn at about the same time, read, commit and reveal. */
  async function vote(): Promise<void> {
    for (let block = 0; block < 4; block++) await mine()
    // Who got nothing waits for it until the last call.
    for (const seconds of [42, 15, 60, COURT_TERMS.appealSeconds]) {
      await mine(seconds)
      for (let block = 0; block < 3; block++) await mine()
    }
  }

  const isStep = ({ facts }: CourtCase) => facts.kind === 'falseStep'

  async function readings(): Promise<CourtCase[]> {
    const cases = await readCases(scene.reader, { taskId: scene.taskId })
    return cases.filter(({ facts }) => facts.kind === 'windowWithheld')
  }

  async function slashed() {
    const slashes = await readSlashes(scene.reader, { taskId: scene.taskId })
    const own = slashes.filter(({ account }) => account === newcomer.account.address)
    return own.map(({ taken, reason: { name } }) => ({ name, taken }))
  }
})
