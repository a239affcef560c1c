import type { ChildProcess } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Deployment } from '@assay/sdk/client/deployment.ts'
import {
  type Abi,
  type Address,
  type Block,
  createTestClient,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  parseEther,
  publicActions,
  toHex,
  walletActions,
  zeroAddress,
} from 'viem'
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { startAnvil } from '../../../tools/anvil.ts'

const ROOT = join(import.meta.dirname, '../../..')
/** Anvil's well-known development words: its accounts are rich on every test chain and worthless elsewhere. */
const MNEMONIC = 'test test test test test test test test test test test junk'
const CHAIN_ID = 31_337
const GENESIS_TIMESTAMP = 1_767_225_600
const DAY = 86_400
/** Only for what hangs. */
const PATIENCE_MS = 300_000

export type TestAccount = ReturnType<typeof privateKeyToAccount> & { privateKey: Hex }

type Sender = Pick<TestAccount, 'address'>

/** A test's own chain: blocks come only from `mine`, and its time doesn't follow the machine's clock. */
export interface TestChain {
  rpcUrl: string
  chainId: number
  client: ReturnType<typeof connect>
  deployment: Deployment
  /** Funded with ether; account 0 deployed the contracts and holds all ASSAY. */
  accounts: TestAccount[]
  /** Mines what waits, `seconds` (1 by default) after the last block. */
  mine(seconds?: number): Promise<Block>
  /** Sends a call and mines it. @param account one of these, or one that the node impersonates. @throws Error when it reverts */
  send(account: Sender, call: { to: Address; data: Hex }): Promise<void>
  /** Sends calls and mines them in as few blocks as the nonces allow. @throws Error when one reverts */
  sendAll(calls: { account: Sender; call: { to: Address; data: Hex } }[]): Promise<void>
  snapshot(): Promise<Hex>
  /** Goes back to a snapshot, which is used up; transactions that wait are forgotten. */
  revert(snapshot: Hex): Promise<void>
  stop(): Promise<void>
}

/** Starts anvil on a free port and deploys the protocol. */
export async function startChain(options: { accounts?: number } = {}): Promise<TestChain> {
  const count = options.accounts ?? 12
  const fixed = ['--no-mining', '--order', 'fees', '--timestamp', String(GENESIS_TIMESTAMP)]
  const people = ['--chain-id', String(CHAIN_ID), '--accounts', String(count)]
  const { process: anvil, rpcUrl } = await startAnvil([...people, ...fixed])
  const client = connect(rpcUrl)
  // Otherwise the pending block has the time of this machine's clock.
  await client.setBlockTimestampInterval({ interval: 1 })
  const accounts = Array.from({ length: count }, (_, index) => testAccount(index))
  const deployment = await deploy(client, accounts[0]!.address).catch(async (error) => {
    await end(anvil)
    throw error
  })
  const mine = async (seconds = 1) => {
    const { timestamp } = await client.getBlock()
    await client.setNextBlockTimestamp({ timestamp: timestamp + BigInt(seconds) })
    await client.mine({ blocks: 1 })
    return client.getBlock()
  }
  const sendAll: TestChain['sendAll'] = async (calls) => {
    const hashes = await broadcast(client, calls)
    await mine()
    for (const [index, hash] of hashes.entries()) {
      const { status } = await client.getTransactionReceipt({ hash })
      if (status === 'success') continue
      const { account, call } = calls[index]!
      await client.call({ account: account.address, ...call })
      throw new Error(`the call ${call.data.slice(0, 10)} of ${account.address} reverted`)
    }
  }
  return {
    rpcUrl,
    chainId: CHAIN_ID,
    client,
    deployment,
    accounts,
    mine,
    sendAll,
    send: (account, call) => sendAll([{ account, call }]),
    snapshot: () => client.snapshot(),
    revert: async (snapshot) => {
      await client.revert({ id: snapshot })
      await client.request({ method: 'anvil_dropAllTransactions' } as never)
    },
    stop: () => end(anvil),
  }
}

function testAccount(addressIndex: number): TestAccount {
  const key = mnemonicToAccount(MNEMONIC, { addressIndex }).getHdKey().privateKey
  if (key === null) throw new Error(`the mnemonic has no private key ${addressIndex}`)
  const privateKey = toHex(key)
  return { ...privateKeyToAccount(privateKey), privateKey }
}

function connect(rpcUrl: string) {
  const transport = http(rpcUrl, { retryCount: 0, timeout: PATIENCE_MS })
  return createTestClient({ mode: 'anvil', transport, pollingInterval: 10, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
}

/** What a case costs and how long its steps take on a test's chain. */
export const COURT_TERMS = {
  guardian: zeroAddress,
  minBond: parseEther('20'),
  answerRefund: parseEther('10'),
  openingSeconds: 600,
  appealSeconds: 60,
  guardianSeconds: 300,
  suspensionSeconds: 60,
}
const JURY_TERMS = {
  minStake: parseEther('1000'),
  placeDelaySeconds: 5,
  bindingSeconds: DAY,
  drawSeconds: 60,
  commitSeconds: 60,
  revealSeconds: 60,
  firstSeats: 3,
  secondSeats: 0,
}
const TIMING = {
  maxRoundSeconds: 7 * DAY,
  maxChallengeSeconds: 7 * DAY,
  verdictSeconds: 3 * DAY,
  executionSeconds: DAY,
  marginSeconds: DAY,
  minPhaseSeconds: 1,
}

/** The contracts by the nonce of their creation. */
const CREATED = [
  'assayToken',
  'stakeRegistry',
  'beacon',
  'tasks',
  'roundsExtension',
  'roundsMembership',
  'roundsCases',
  'rounds',
  'roundsLens',
  'juryFactory',
  'canaries',
  'accusations',
  'court',
] as const

/** Deploys and connects the contracts, as `ignition/modules/Assay.ts` does. */
async function deploy(client: TestChain['client'], deployer: Address): Promise<Deployment> {
  // Canaries, Accusations and Court need connected tasks: that call takes the nonce before theirs.
  const connectsTasks = CREATED.indexOf('canaries')
  const nonceOf = (at: number) => BigInt(at < connectsTasks ? at : at + 1)
  const created = CREATED.map((name, at) => [
    name,
    getContractAddress({ from: deployer, nonce: nonceOf(at) }),
  ])
  const of = Object.fromEntries(created) as Record<(typeof CREATED)[number], Address>
  const pieces = [
    [of.roundsExtension, keccak256(artifact('RoundsExtension').deployedBytecode)],
    [of.roundsMembership, keccak256(artifact('RoundsMembership').deployedBytecode)],
    [of.roundsCases, keccak256(artifact('RoundsCases').deployedBytecode)],
  ].flat()
  let nonce = 0
  const make = (name: string, args: readonly unknown[]) =>
    create(client, { deployer, name, args, nonce: nonce++ })
  const connectTo = async (name: string, to: Address, args: readonly unknown[]) => {
    const data = encodeFunctionData({ abi: artifact(name).abi, functionName: 'connect', args })
    await client.sendUnsignedTransaction({ from: deployer, to, data, gas: 1_000_000n, nonce: nonce++ })
  }
  await make('AssayToken', [deployer])
  await make('StakeRegistry', [of.assayToken, BigInt(30 * DAY)])
  await make('BlockHashBeacon', [1n])
  await make('Tasks', [of.stakeRegistry, TIMING])
  await make('RoundsExtension', [])
  await make('RoundsMembership', [])
  await make('RoundsCases', [])
  await make('Rounds', [of.tasks, of.stakeRegistry, of.beacon, ...pieces])
  await make('RoundsLens', [of.rounds])
  await make('JuryFactory', [])
  await connectTo('Tasks', of.tasks, [of.rounds])
  await make('Canaries', [of.tasks])
  await make('Accusations', [of.tasks, of.canaries])
  await make('Court', [of.tasks, of.beacon, of.accusations, of.juryFactory, COURT_TERMS, JURY_TERMS])
  await connectTo('StakeRegistry', of.stakeRegistry, [of.tasks, of.rounds, of.court])
  await connectTo('Accusations', of.accusations, [of.court])
  await client.mine({ blocks: 1 })
  const { juryFactory, ...contracts } = of
  const jury = getContractAddress({ from: juryFactory, nonce: 1n })
  const windowAccusations = getContractAddress({ from: of.accusations, nonce: 1n })
  return {
    network: 'test',
    chainId: CHAIN_ID,
    startBlock: 0,
    commit: 'test',
    contracts: { ...contracts, jury, windowAccusations },
  }
}

async function create(
  client: TestChain['client'],
  {
    deployer,
    name,
    args,
    nonce,
  }: { deployer: Address; name: string; args: readonly unknown[]; nonce: number },
): Promise<void> {
  const { abi, bytecode } = artifact(name)
  const hash = await client.sendUnsignedTransaction({
    from: deployer,
    data: encodeDeployData({ abi, bytecode, args }),
    gas: 16_000_000n,
    nonce,
  })
  await client.mine({ blocks: 1 })
  const { status } = await client.getTransactionReceipt({ hash })
  if (status !== 'success')
    throw new Error(`${name} could not be deployed with ${JSON.stringify(args, String)}`)
}

function artifact(name: string): { abi: Abi; bytecode: Hex; deployedBytecode: Hex } {
  const [file] = globSync(`artifacts/contracts/**/${name}.sol/${name}.json`, { cwd: ROOT })
  if (file === undefined) throw new Error(`${name} is not compiled: run npm run compile.`)
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
}

async function broadcast(
  client: TestChain['client'],
  calls: Parameters<TestChain['sendAll']>[0],
): Promise<Hex[]> {
  const hashes: Hex[] = []
  for (const { account, call } of calls) {
    const from = account.address
    const nonce = await client.getTransactionCount({ address: from, blockTag: 'pending' })
    hashes.push(await client.sendUnsignedTransaction({ from, ...call, gas: 3_000_000n, nonce }))
  }
  return hashes
}

async function end(anvil: ChildProcess): Promise<void> {
  if (anvil.exitCode !== null || anvil.signalCode !== null) return
  const ended = new Promise((resolve) => anvil.once('exit', resolve))
  anvil.kill('SIGKILL')
  await ended
}
