import {
  type Account,
  type Address,
  type Chain,
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem'
import type { Deployment } from './deployment.ts'
import { AssayError, decodeFailure } from './errors.ts'
import { fetchAnswer } from './fetch-answer.ts'
import type { LogKeeper } from './logs.ts'

/** What reading needs: a deployment and a node of its chain. */
export type AssayReader = {
  deployment: Deployment
  chain: PublicClient
  /** Remembers logs that were read before; without it they are read from the deployment's first block each time. */
  logs?: LogKeeper
}

/** What writing needs on top: an account that can sign. */
export type AssayClient = AssayReader & { wallet: WalletClient<Transport, Chain, Account> }

/** A node by URL, or by any of viem's transports. */
export type NodeAccess = {
  deployment: Deployment
  /** Milliseconds between two polls for a receipt or block; by default 100 on local chains and 4,000 elsewhere. */
  pollingIntervalMs?: number
} & ({ rpcUrl: string } | { transport: Transport })

const LOCAL_CHAIN_IDS = new Set([31337, 1337])
const LOCAL_POLLING_MS = 100
const POLLING_MS = 4_000
const REQUEST_TIMEOUT_MS = 10_000

/** Whether a chain runs on this machine, as far as its id tells. */
export function isLocalChain(chainId: number): boolean {
  return LOCAL_CHAIN_IDS.has(chainId)
}

/**
 * Opens a node for reading.
 *
 * @example const reader = await connectReader({ deployment, rpcUrl: 'http://127.0.0.1:8545' })
 * @throws AssayError `WrongChain` when the node is on another chain, `NoContract` when an address of the deployment has no
 * code, or a transient one when the node doesn't answer
 */
export async function connectReader(access: NodeAccess): Promise<AssayReader> {
  const reader = { deployment: access.deployment, chain: publicClient(access) }
  try {
    await checkChain(reader)
    await checkContracts(reader)
  } catch (error) {
    throw error instanceof AssayError ? error : new AssayError(decodeFailure(error), { cause: error })
  }
  return reader
}

/**
 * Opens a node for reading and writing.
 *
 * @param access `account` is a local account, or the address of one that the node or the injected wallet holds
 * @example const client = await connect({ deployment, rpcUrl, account: privateKeyToAccount(key) })
 * @throws AssayError like {@link connectReader}
 */
export async function connect(access: NodeAccess & { account: Account | Address }): Promise<AssayClient> {
  const reader = await connectReader(access)
  const wallet = createWalletClient({
    account: access.account,
    chain: chainOf(access.deployment),
    transport: transportOf(access),
    pollingInterval: pollingIntervalMs(access),
  })
  return { ...reader, wallet }
}

function publicClient(access: NodeAccess): PublicClient {
  return createPublicClient({
    chain: chainOf(access.deployment),
    transport: transportOf(access),
    pollingInterval: pollingIntervalMs(access),
    // Duties go by the newest block; a cached block number would be an old one.
    cacheTime: 0,
  })
}

function transportOf(access: NodeAccess): Transport {
  if ('transport' in access) return access.transport
  return http(access.rpcUrl, { timeout: REQUEST_TIMEOUT_MS, fetchFn: fetchAnswer })
}

function pollingIntervalMs({ deployment, pollingIntervalMs }: NodeAccess): number {
  return pollingIntervalMs ?? (isLocalChain(deployment.chainId) ? LOCAL_POLLING_MS : POLLING_MS)
}

function chainOf({ chainId, network }: Deployment): Chain {
  return defineChain({
    id: chainId,
    name: network,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  })
}

async function checkChain({ deployment, chain }: AssayReader): Promise<void> {
  const actual = await chain.getChainId()
  if (actual === deployment.chainId) return
  throw new AssayError({
    name: 'WrongChain',
    values: { actual, expected: deployment.chainId },
    message: `The node is on chain ${actual}, the deployment "${deployment.network}" on chain ${deployment.chainId}.`,
    fix: 'Name the RPC URL of the right chain, or the deployment of this one.',
    kind: 'refused',
  })
}

async function checkContracts({ deployment, chain }: AssayReader): Promise<void> {
  const contracts = Object.entries(deployment.contracts)
  const codes = await Promise.all(contracts.map(([, address]) => chain.getCode({ address })))
  const missing = contracts.filter((_, i) => codes[i] === undefined)
  if (missing.length === 0) return
  const [name, address] = missing[0]!
  throw new AssayError({
    name: 'NoContract',
    values: { contract: name, address },
    message: `There is no contract at ${address}, where the deployment "${deployment.network}" has ${name}.`,
    fix: 'Deploy again when this local chain was restarted; else name the file of the right deployment.',
    kind: 'refused',
  })
}
