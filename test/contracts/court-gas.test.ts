import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { HardhatEthersSigner as Signer } from '@nomicfoundation/hardhat-ethers/types'
import { expect } from 'chai'
import {
  AbiCoder,
  type BaseContract,
  keccak256,
  parseEther,
  type Result,
  ZeroAddress,
  ZeroHash,
} from 'ethers'
import { network } from 'hardhat'
import { type Address, toHex } from 'viem'
import { evidenceOf } from './court-evidence.ts'

/**
 * Whole transactions, intrinsic cost and calldata included: a page of 32 submissions, 64 validators, a committee of 15, 8 settled
 * cohorts, a panel of eleven, challengers with a deposit. Rounds is a double that counts cases in two slots an account: what keeping
 * pay that isn't mature and undoing models takes comes on top. The evidence is made by the sdk, so the test also compares the two.
 */
const BUDGETS: Record<string, number> = {
  'commit to an accusation': 46_000,
  'accuse of withholding': 150_000,
  'accuse a step': 214_000,
  'accuse a score': 207_500,
  'accuse a vote': 309_000,
  'accuse another voter': 158_500,
  'post an opening': 160_000,
  'conclude an acquittal': 147_000,
  'conclude a conviction': 49_500,
  'execute a conviction': 124_000,
  'execute for another voter': 116_000,
  'settle a seat': 94_000,
}

/** Addresses and times have more or fewer zero bytes. */
const SLACK = 1_000
const SECONDS = 1_000
const ROUND = 5
const TASK = 1n
const SEATS = 15
const JURORS = 12
const MNEMONIC = 'test test test test test test test test test test test junk'
const hash = (text: string): Hash => keccak256(toHex(text)) as Hash
const BASE = hash('base model')
const BEACON = hash('beacon')
const SALT = hash('salt of a commitment')
const RESULT = hash('what the rule gives')
const MODEL = hash('a model')

type Stage = Awaited<ReturnType<typeof setStage>>
/** Any contract of the stage; its own functions are called by name. */
type Sent = { wait(): Promise<{ gasUsed: bigint; logs: unknown[] } | null> }

describe('Gas budgets of the court', () => {
  it('are what cases with full pages, committees and panels cost', async () => {
    const measured = await measure(await setStage())
    expect(Object.keys(measured)).to.have.members(Object.keys(BUDGETS))
    for (const [verb, gas] of Object.entries(measured)) {
      const most = BUDGETS[verb]!
      // What costs less gets a smaller budget, and the figures in docs/decisions/0033 are those of these.
      expect(gas, `${verb} costs ${gas} gas`).to.be.within(most - SLACK, most)
    }
  })
})

async function setStage() {
  const { ethers, networkHelpers } = await network.create({
    override: { accounts: { count: JURORS + 6, mnemonic: MNEMONIC } },
  })
  const [deployer, ...others] = (await ethers.getSigners()) as [Signer, ...Signer[]]
  const [jurors, people] = [others.slice(0, JURORS), others.slice(JURORS)]
  const token = await ethers.deployContract('AssayToken', [deployer])
  const registry = await ethers.deployContract('StakeRegistry', [token, 200 * SECONDS])
  const tasks = await ethers.deployContract('Tasks', [registry, [2_000, 2_000, 60_000, 2_000, 86_400, 1]])
  const rounds = await ethers.deployContract('EvidenceDouble', [tasks])
  await call(tasks, 'connect', rounds)
  const beacon = await ethers.deployContract('BlockHashBeacon', [1])
  const canaries = await ethers.deployContract('Canaries', [tasks])
  const accusations = await ethers.deployContract('Accusations', [tasks, canaries])
  const minStake = parseEther('100')
  const jurySeconds = [1, 90 * SECONDS, SECONDS, SECONDS, SECONDS]
  const court = await ethers.deployContract('Court', [
    tasks,
    beacon,
    accusations,
    await ethers.deployContract('JuryFactory'),
    [ZeroAddress, parseEther('1'), parseEther('0.1'), SECONDS, SECONDS, 1, 0],
    [minStake, ...jurySeconds, 11, 21],
  ])
  await call(accusations, 'connect', court)
  await call(registry, 'connect', tasks, rounds, court)
  for (const account of [...jurors, ...people]) {
    await token.transfer(account, parseEther('1000'))
    for (const spender of [registry, court]) await token.connect(account).approve(spender, parseEther('1000'))
    if (people.includes(account)) await call(court.connect(account), 'deposit', parseEther('500'))
  }
  for (const juror of jurors) {
    await registry.connect(juror).stake(minStake)
    await court.connect(juror).joinJury(minStake, new Uint8Array(32))
  }
  const [, , , juryAddress] = await court.wiring()
  const jury = await ethers.getContractAt('Jury', juryAddress)
  await tasks.createTask(taskParams(await token.getAddress()))
  const { chainId } = await ethers.provider.getNetwork()
  const wait = (seconds: number) => networkHelpers.time.increase(seconds)
  const now = () => networkHelpers.time.latest()
  const mine = () => networkHelpers.mine(2)
  /** Gives an account what a slash takes, all of it reserved for the task. */
  const stakeFor = async (account: string) => {
    await networkHelpers.impersonateAccount(account)
    await networkHelpers.setBalance(account, parseEther('1'))
    const staker = await ethers.getSigner(account)
    await token.transfer(account, minStake)
    await token.connect(staker).approve(registry, minStake)
    await registry.connect(staker).stake(minStake)
    await networkHelpers.impersonateAccount(await tasks.getAddress())
    await networkHelpers.setBalance(await tasks.getAddress(), parseEther('1'))
    await registry
      .connect(await ethers.getSigner(await tasks.getAddress()))
      .reserve(account, TASK, minStake, 0)
  }
  const addresses = { rounds: (await rounds.getAddress()) as Address, jury: juryAddress as Address }
  return {
    registry,
    rounds,
    court,
    accusations,
    jury,
    jurors,
    people,
    chainId: Number(chainId),
    addresses,
    wait,
    now,
    mine,
    stakeFor,
  }
}

function taskParams(rewardToken: string) {
  return {
    specHash: hash('spec'),
    initialModelHash: BASE,
    poolRoot: hash('pool'),
    programRoot: ZeroHash,
    rewardToken,
    priceCompute: 10n ** 12n,
    priceData: 10n ** 11n,
    priceValidation: 10n ** 12n,
    computeUnitsPerRound: 640,
    dataUnitsLimit: 1_000,
    stepsPerRound: 40,
    windowsPerRound: 10,
    replayWindows: 3,
    slots: 128,
    committeeSize: SEATS,
    minContributors: 1,
    maxRounds: 40,
    submitSeconds: 300,
    openSeconds: 100,
    commitSeconds: 100,
    revealSeconds: 100,
    aggregateSeconds: 100,
    challengeSeconds: 1_000,
    earlyBonusBps: 12_000,
    earlyBonusRounds: 5,
    enrolmentFee: parseEther('1'),
    contributorStake: parseEther('100'),
    minValidatorStake: parseEther('200'),
  }
}

async function measure(stage: Stage): Promise<Record<string, number>> {
  const said = await closeRound(stage)
  const [first, second, third, fourth] = stage.people as [Signer, Signer, Signer, Signer]
  const { accusations, court } = stage
  const as = (signer: Signer) => accusations.connect(signer) as BaseContract
  await prime(stage, said)
  const contributor = said.contributors[1]!
  for (const account of [contributor, said.voter, said.otherVoter]) await stage.stakeFor(account)
  const commitment = await commitTo(stage, first, 1, contributor)
  await commitTo(stage, second, 2, contributor)
  await commitTo(stage, third, 3, said.voter)
  await commitTo(stage, fourth, 5, said.voter)
  const withholding = await sent(
    call(as(first), 'accuseOfWithholding', TASK, ROUND, contributor, said.page, SALT),
  )
  const step = await sent(
    call(as(second), 'accuseStep', TASK, ROUND, contributor, said.page, said.fields, said.step, RESULT, SALT),
  )
  const { statement, record, vote } = said
  const score = await sent(
    call(as(third), 'accuseScore', TASK, ROUND, said.voter, statement, 0, 0, record, RESULT, SALT),
  )
  const voting = await sent(
    call(as(fourth), 'accuseVote', TASK, ROUND, said.voter, statement, vote, record, 0, RESULT, SALT),
  )
  const more = await sent(
    call(as(first), 'accuseVoter', 5, await factsOf(stage, 5), said.otherVoter, statement, vote, record),
  )
  const answer = await sent(call(court, 'postOpening', 2, await factsOf(stage, 2), said.fields))
  await judge(stage, 3, RESULT)
  const acquitted = await factsOf(stage, 4)
  await judge(stage, 4, acquitted.accused)
  const further = await convictOfVote(stage, said)
  const conviction = await sent(call(court, 'conclude', 3, await factsOf(stage, 3)))
  const acquittal = await sent(call(court, 'conclude', 4, acquitted))
  await stage.wait(10)
  // It is the only case against the account: what {prime} has put there goes.
  await call(stage.rounds, 'restore', TASK, contributor)
  const execution = await sent(call(court, 'execute', 3, await factsOf(stage, 3)))
  const seat = await sent(call(court, 'settleSeat', 3, 0, await firstSeat(stage, 1)))
  return {
    'commit to an accusation': commitment,
    'accuse of withholding': withholding,
    'accuse a step': step,
    'accuse a score': score,
    'accuse a vote': voting,
    'accuse another voter': more,
    'post an opening': answer,
    'conclude an acquittal': acquittal,
    'conclude a conviction': conviction,
    'execute a conviction': execution,
    'execute for another voter': further,
    'settle a seat': seat,
  }
}

/** A verdict before the one that is measured: the pots of the registry are no longer empty. Returns what its second defendant costs. */
async function convictOfVote(stage: Stage, said: Awaited<ReturnType<typeof closeRound>>): Promise<number> {
  const { court, rounds, wait } = stage
  await judge(stage, 5, RESULT)
  const facts = await factsOf(stage, 5)
  await call(court, 'conclude', 5, facts)
  await wait(10)
  await call(court, 'execute', 5, facts)
  await call(rounds, 'restore', TASK, said.otherVoter)
  return sent(call(court, 'executeFor', 5, facts, said.otherVoter))
}

/** What only the first case pays: the court's counters, and the slots in which the double counts cases of an account. */
async function prime(stage: Stage, said: Awaited<ReturnType<typeof closeRound>>) {
  const { accusations, rounds, people } = stage
  const accused = said.contributors[2]!
  await commitTo(stage, people[4]!, 1, accused)
  const as = accusations.connect(people[4]!) as BaseContract
  await call(as, 'accuseOfWithholding', TASK, ROUND, accused, { ...said.page, index: 2 }, SALT)
  for (const account of [said.contributors[1], said.voter, said.otherVoter])
    for (const verb of ['seize', 'restore', 'seize', 'forfeit']) await call(rounds, verb, TASK, account)
  for (const account of [said.contributors[1], said.voter, said.otherVoter])
    await call(rounds, 'seize', TASK, account)
}

/** Commits to an accusation, which a later block can open. */
async function commitTo({ chainId, accusations }: Stage, who: Signer, kind: number, defendant: string) {
  const types = ['uint256', 'address', 'address', 'uint8', 'uint64', 'uint32', 'address', 'bytes32']
  const values = [chainId, accusations.target, who.address, kind, TASK, ROUND, defendant, SALT]
  const digest = keccak256(AbiCoder.defaultAbiCoder().encode(types, values))
  return sent(call(accusations.connect(who) as BaseContract, 'commit', digest))
}

/** Puts a round on the double that closes now, and gives all that proves what was said in it. */
async function closeRound({ chainId, addresses, rounds, now }: Stage) {
  const place = { chainId, rounds: addresses.rounds, taskId: TASK, round: ROUND }
  const said = evidenceOf(place, { base: BASE, beacon: BEACON, seats: SEATS, results: RESULT, model: MODEL })
  const closedAt = await now()
  await call(rounds, 'setRound', TASK, ROUND, [said.chain, 128, BEACON, closedAt - 100, closedAt])
  await call(rounds, 'setPage', TASK, ROUND, 0, said.digest)
  for (const { validator, word } of said.words)
    await call(rounds, 'setSheet', TASK, validator, ROUND, 0, word)
  return said
}

type Facts = { accused: string }

/** The facts of a case, from its event. */
async function factsOf({ court }: Stage, caseId: number): Promise<Facts> {
  const events = await court.queryFilter(court.filters.CaseOpened(caseId))
  return (events[0]!.args.facts as unknown as Result).toObject(true) as Facts
}

/** The first panel of a case reports a value; nobody appeals. */
async function judge(stage: Stage, caseId: number, result: string): Promise<void> {
  const { jury, court, jurors } = stage
  const panelId = (await court.caseOf(caseId)).panelIds[0] as bigint
  // A beacon that is too old is asked for again.
  do {
    await stage.mine()
    await call(jury, 'draw', panelId)
  } while ((await jury.panelOf(panelId)).drawn === 0n)
  const { drawn } = (await jury.panelOf(panelId)) as { drawn: bigint }
  const seats = jurors.flatMap((juror, place) => ((drawn >> BigInt(place)) & 1n ? [{ juror, place }] : []))
  const coder = AbiCoder.defaultAbiCoder()
  const types = ['uint256', 'address', 'uint256', 'address', 'bytes32', 'bytes32', 'bytes32']
  for (const { juror, place } of seats) {
    const values = [stage.chainId, stage.addresses.jury, panelId, juror.address, result, ZeroHash, ZeroHash]
    const digest = keccak256(coder.encode(types, values))
    await call(jury.connect(juror) as BaseContract, 'commitVote', panelId, place, digest)
  }
  await stage.wait(SECONDS)
  for (const { juror, place } of seats)
    await call(jury.connect(juror) as BaseContract, 'revealVote', panelId, place, result, ZeroHash, ZeroHash)
  await stage.wait(2 * SECONDS)
}

async function firstSeat({ jury }: Stage, panelId: number): Promise<number> {
  const { drawn } = (await jury.panelOf(panelId)) as { drawn: bigint }
  return [...Array(JURORS).keys()].find((place) => (drawn >> BigInt(place)) & 1n)!
}

/** By name: some functions of an ethers contract are its own. */
function call(contract: BaseContract, name: string, ...args: unknown[]): Promise<Sent> {
  return contract.getFunction(name)(...args) as Promise<Sent>
}

async function sent(transaction: Promise<Sent>): Promise<number> {
  const receipt = await (await transaction).wait()
  if (receipt === null) throw new Error('The transaction has no receipt.')
  return Number(receipt.gasUsed)
}
