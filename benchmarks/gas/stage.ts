import { assayTokenAbi } from '@assay/sdk/generated/AssayToken.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { iRoundsLensAbi } from '@assay/sdk/generated/IRoundsLens.ts'
import { iStakeRegistryAbi } from '@assay/sdk/generated/IStakeRegistry.ts'
import { iTasksAbi } from '@assay/sdk/generated/ITasks.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { network } from 'hardhat'
import {
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  hexToBigInt,
  keccak256,
  numberToHex,
  parseAbi,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'

/** All contracts as they ship, on Hardhat's in-process EVM, with a task and its people. */
export type Stage = {
  seed: Hash
  chainId: number
  addresses: {
    token: Address
    registry: Address
    tasks: Address
    rounds: Address
    lens: Address
    reward: Address
    /** Any contract: the chain sends for it. */
    court: Address
  }
  committeeSize: number
  replayWindows: number
  seconds: typeof SECONDS
  contributors: PrivateKeyAccount[]
  validators: PrivateKeyAccount[]
  outsider: PrivateKeyAccount
  request: (method: string, params: unknown[]) => Promise<unknown>
}

export const TASK_ID = 1n
const ASSAY = 10n ** 18n
const SECONDS = { submit: 300, open: 60, commit: 60, reveal: 60, aggregate: 60, challenge: 500 }
const CONTRIBUTOR_STAKE = 100n * ASSAY
export const VALIDATOR_STAKE = 200n * ASSAY
const FEE = ASSAY
const GAS_LIMIT = 16_000_000
/** The chain's clock is ours, not this machine's: a block takes a second, however long it took to make. */
const STARTED_AT = '2026-01-01T00:00:00Z'
const mintAbi = parseAbi([
  'function mint(address to, uint256 amount)',
  'function approve(address spender, uint256 amount)',
])

/** The ABI of each contract by the name of its address. */
const abis = {
  token: assayTokenAbi,
  registry: iStakeRegistryAbi,
  tasks: iTasksAbi,
  rounds: iRoundsAbi,
  lens: iRoundsLensAbi,
  reward: mintAbi,
} as const
type Abis = typeof abis
type Target = keyof Abis
type WriteName<T extends Target> = ContractFunctionName<Abis[T], 'nonpayable'>
type ReadName<T extends Target> = ContractFunctionName<Abis[T], 'view'>

/** Deploys everything, and has `contributorCount` contributors and `validatorCount` validators join a funded task. */
export async function setStage(options: {
  seed: Hash
  contributorCount: number
  validatorCount: number
  committeeSize: number
}): Promise<Stage> {
  const { seed, contributorCount, validatorCount, committeeSize } = options
  const { ethers, provider } = await network.create({
    override: { allowUnlimitedContractSize: false, initialDate: STARTED_AT },
  })
  const people = (role: string, count: number) =>
    Array.from({ length: count }, (_, i) => privateKeyToAccount(deriveSeed(seed, role, BigInt(i))))
  const stage: Stage = {
    seed,
    chainId: Number((await ethers.provider.getNetwork()).chainId),
    addresses: await deploy(ethers),
    committeeSize,
    replayWindows: 6,
    seconds: SECONDS,
    contributors: people('contributor', contributorCount),
    validators: people('validator', validatorCount),
    outsider: privateKeyToAccount(deriveSeed(seed, 'outsider')),
    request: (method, params) => provider.request({ method, params }),
  }
  await unlockAll(stage)
  await createTask(stage, contributorCount)
  for (const contributor of stage.contributors) await enrol(stage, contributor)
  for (const [i, validator] of stage.validators.entries()) await join(stage, validator, i)
  return stage
}

/** Sends a transaction and returns its receipt's gas: the whole transaction, as a wallet pays it. */
export async function send<const T extends Target, N extends WriteName<T>>(
  stage: Stage,
  from: Address,
  target: T,
  functionName: N,
  args: ContractFunctionArgs<Abis[T], 'nonpayable', N>,
): Promise<number> {
  const data = encodeFunctionData({ abi: abis[target], functionName, args } as never)
  return await sendRaw(stage, from, stage.addresses[target], data)
}

/** Reads a view. */
export async function read<const T extends Target, N extends ReadName<T>>(
  stage: Stage,
  target: T,
  functionName: N,
  args: ContractFunctionArgs<Abis[T], 'view', N>,
) {
  const data = encodeFunctionData({ abi: abis[target], functionName, args } as never)
  const result = (await stage.request('eth_call', [{ to: stage.addresses[target], data }, 'latest'])) as Hex
  return decodeFunctionResult<Abis[T], N>({ abi: abis[target], functionName, data: result } as never)
}

/** Moves the clock to a time and mines a block there. */
export async function warpTo(stage: Stage, time: bigint | number): Promise<void> {
  await stage.request('evm_setNextBlockTimestamp', [numberToHex(BigInt(time))])
  await stage.request('evm_mine', [])
}

/** Unix seconds of the latest block. */
export async function now(stage: Stage): Promise<number> {
  const block = (await stage.request('eth_getBlockByNumber', ['latest', false])) as { timestamp: Hex }
  return Number(hexToBigInt(block.timestamp))
}

/** Gives an account ether, and lets the chain send for it without its signature; gas is the same. */
async function unlock(stage: Stage, account: Address): Promise<void> {
  await stage.request('hardhat_impersonateAccount', [account])
  await stage.request('hardhat_setBalance', [account, numberToHex(10n ** 24n)])
}

async function sendRaw(stage: Stage, from: Address, to: Address, data: Hex): Promise<number> {
  await stage.request('evm_setNextBlockTimestamp', [numberToHex((await now(stage)) + 1)])
  const hash = await stage.request('eth_sendTransaction', [{ from, to, data, gas: numberToHex(GAS_LIMIT) }])
  const receipt = (await stage.request('eth_getTransactionReceipt', [hash])) as { gasUsed: Hex; status: Hex }
  if (receipt.status !== '0x1') throw new Error(`Transaction ${String(hash)} reverted`)
  return Number(hexToBigInt(receipt.gasUsed))
}

type Ethers = Awaited<ReturnType<typeof network.create>>['ethers']

async function deploy(ethers: Ethers): Promise<Stage['addresses']> {
  const [deployer] = await ethers.getSigners()
  const made = async (name: string, args: unknown[]) =>
    (await (await ethers.deployContract(name, args)).getAddress()) as Address
  const token = await made('AssayToken', [deployer?.address])
  const registry = await made('StakeRegistry', [token, 120_000])
  const timing = {
    maxRoundSeconds: 2_000,
    maxChallengeSeconds: 2_000,
    verdictSeconds: 3_000,
    executionSeconds: 2_000,
    marginSeconds: 90_999,
    minPhaseSeconds: 1,
  }
  const tasks = await made('Tasks', [registry, timing])
  const beacon = await made('BlockHashBeacon', [1])
  const pieces: [Address, Hex][] = []
  for (const name of ['RoundsExtension', 'RoundsMembership', 'RoundsCases']) {
    const piece = await made(name, [])
    pieces.push([piece, keccak256((await ethers.provider.getCode(piece)) as Hex)])
  }
  const rounds = await made('Rounds', [tasks, registry, beacon, ...pieces.flat()])
  const lens = await made('RoundsLens', [rounds])
  const reward = await made('PlainToken', [])
  const court = await made('PlainToken', [])
  for (const [name, address, args] of [
    ['StakeRegistry', registry, [tasks, rounds, court]],
    ['Tasks', tasks, [rounds]],
  ] as const) {
    // By name: `connect` of an ethers contract is its own.
    await (await ethers.getContractAt(name, address)).getFunction('connect')(...args)
  }
  return { token, registry, tasks, rounds, lens, reward, court }
}

/** Unlocks everybody, and Rounds and the court, so that a part of what they do can be sent alone. */
async function unlockAll(stage: Stage): Promise<void> {
  for (const account of [stage.outsider, ...stage.contributors, ...stage.validators]) {
    await unlock(stage, account.address)
  }
  await unlock(stage, stage.addresses.rounds)
  await unlock(stage, stage.addresses.court)
}

async function createTask(stage: Stage, contributors: number): Promise<void> {
  const owner = stage.outsider.address
  const amount = 10n ** 23n
  await send(stage, owner, 'tasks', 'createTask', [
    {
      specHash: deriveSeed(stage.seed, 'spec'),
      initialModelHash: deriveSeed(stage.seed, 'init'),
      poolRoot: poolRootOf(stage),
      programRoot: deriveSeed(stage.seed, 'program'),
      rewardToken: stage.addresses.reward,
      priceCompute: 10n ** 12n,
      priceData: 10n ** 11n,
      priceValidation: 10n ** 12n,
      computeUnitsPerRound: 640,
      dataUnitsLimit: 1_000,
      stepsPerRound: 40,
      windowsPerRound: 10,
      replayWindows: stage.replayWindows,
      slots: contributors,
      committeeSize: stage.committeeSize,
      minContributors: 1,
      maxRounds: 40,
      submitSeconds: SECONDS.submit,
      openSeconds: SECONDS.open,
      commitSeconds: SECONDS.commit,
      revealSeconds: SECONDS.reveal,
      aggregateSeconds: SECONDS.aggregate,
      challengeSeconds: SECONDS.challenge,
      earlyBonusBps: 12_000,
      earlyBonusRounds: 5,
      enrolmentFee: FEE,
      contributorStake: CONTRIBUTOR_STAKE,
      minValidatorStake: VALIDATOR_STAKE,
    },
  ])
  await send(stage, owner, 'reward', 'mint', [owner, amount])
  await send(stage, owner, 'reward', 'approve', [stage.addresses.tasks, amount])
  await send(stage, owner, 'tasks', 'fund', [TASK_ID, amount])
}

/** Gives an account ASSAY, approved to the registry. */
export async function give(stage: Stage, account: Address, amount: bigint): Promise<void> {
  const [holder] = (await stage.request('eth_accounts', [])) as Address[]
  if (holder === undefined) throw new Error('The chain has no accounts')
  await send(stage, holder, 'token', 'transfer', [account, amount])
  await send(stage, account, 'token', 'approve', [stage.addresses.registry, amount])
}

/** Lets a contributor into the task. */
export async function enrol(stage: Stage, { address }: { address: Address }): Promise<void> {
  await give(stage, address, CONTRIBUTOR_STAKE + FEE)
  await send(stage, address, 'registry', 'stake', [CONTRIBUTOR_STAKE + FEE])
  await send(stage, address, 'tasks', 'enrol', [
    TASK_ID,
    deriveSeed(stage.seed, 'data', BigInt(address)),
    600,
  ])
}

async function join(stage: Stage, { address }: PrivateKeyAccount, i: number): Promise<void> {
  const stake = VALIDATOR_STAKE + (VALIDATOR_STAKE * BigInt(i % 4)) / 4n
  await give(stage, address, stake)
  await send(stage, address, 'registry', 'stake', [stake])
  const key = deriveSeed(stage.seed, 'encryption key', BigInt(i))
  await send(stage, address, 'tasks', 'joinValidators', [TASK_ID, stake, key])
  await send(stage, address, 'rounds', 'ready', [TASK_ID, poolRootOf(stage)])
}

function poolRootOf({ seed }: Pick<Stage, 'seed'>): Hex {
  return deriveSeed(seed, 'pool')
}
