import {
  type Address,
  type Hex,
  keccak256,
  TransactionNotFoundError,
  type TransactionReceipt,
  WaitForTransactionReceiptTimeoutError,
} from 'viem'
import type { Hash } from '../protocol/random.ts'
import type { AssayClient, AssayReader } from './clients.ts'
import { AssayError, decodeFailure, decodeRevert, type Failure } from './errors.ts'

/** A transaction that isn't signed yet: what `--unsigned` prints. */
export type Call = {
  to: Address
  data: Hex
  /** What it does, in words. */
  action: string
}

/** How an action ended. `pending`: signed and sent, no receipt yet; ask for it with {@link waitFor}. */
export type Sent<T = undefined> =
  | { status: 'done'; hash: Hash; receipt: TransactionReceipt; value: T }
  | { status: 'failed'; hash?: Hash; failure: Failure }
  | { status: 'pending'; hash: Hash }

export type WaitOptions = {
  /** Milliseconds to wait for the receipt; 120,000 by default. */
  timeoutMs?: number
  /** Blocks to wait for, the transaction's own included; 1 by default. */
  confirmations?: number
}

export type SendOptions = WaitOptions & {
  /** Wei per gas, at most. */
  maxFeePerGas?: bigint
  gas?: bigint
  nonce?: number
  /** Simulates the call in the block that comes next: for one that is refused in the block of the transaction before it. */
  inNextBlock?: boolean
  /** Called with the signed transaction before it is sent, so that it can be stored. Local accounts only. */
  onSigned?: (transaction: { hash: Hash; raw: Hex; nonce: number }) => void | Promise<void>
}

/** EIP-7825: no transaction may ask for more. */
const MAX_GAS = 16_777_216n
const DEFAULT_TIMEOUT_MS = 120_000
/** How long viem waits before it is asked anew. */
const WAIT_MS = 4_000

/** Asks the node whether the call would go through now. @returns what refuses it, or nothing. */
export async function simulate(
  client: AssayClient,
  call: Call,
  { inNextBlock = false }: Pick<SendOptions, 'inNextBlock'> = {},
): Promise<Failure | undefined> {
  const at = inNextBlock ? ({ blockTag: 'pending' } as const) : {}
  try {
    await client.chain.call({ account: client.wallet.account, to: call.to, data: call.data, ...at })
    return undefined
  } catch (error) {
    return decodeFailure(error)
  }
}

/**
 * Simulates, signs, sends and waits for the receipt. Nothing is signed when the simulation is refused.
 *
 * @returns the outcome in `status`: a refusal or a silent node throws nothing
 */
export async function send(client: AssayClient, call: Call, options: SendOptions = {}): Promise<Sent> {
  const refusal = await simulate(client, call, options)
  if (refusal !== undefined) return { status: 'failed', failure: refusal }

  const { wallet } = client
  try {
    const request = await requestOf(client, call, options)
    if (wallet.account.type !== 'local')
      return await waitFor(client, await wallet.sendTransaction(request), options)
    return await rebroadcast(client, await sign(client, request, options), options)
  } catch (error) {
    return { status: 'failed', failure: decodeFailure(error) }
  }
}

/**
 * Sends a signed transaction, for the first time or once more: harmless when the node has it.
 *
 * @returns pending also when the node did not answer: it may have accepted the transaction
 */
export async function rebroadcast(reader: AssayReader, raw: Hex, options: WaitOptions = {}): Promise<Sent> {
  const hash = keccak256(raw)
  try {
    await reader.chain.sendRawTransaction({ serializedTransaction: raw })
  } catch (error) {
    const failure = decodeFailure(error)
    if (failure.kind === 'transient') return { status: 'pending', hash }
    const isThere = failure.name === 'AlreadyKnown' || (await isKnown(reader, hash))
    if (!isThere) return { status: 'failed', hash, failure }
  }
  return waitFor(reader, hash, options)
}

/** Waits for the receipt of a sent transaction. A reverted one is run again to learn why. */
export async function waitFor(reader: AssayReader, hash: Hash, options: WaitOptions = {}): Promise<Sent> {
  try {
    const receipt = await receiptOf(reader, hash, options)
    if (receipt.status === 'success') return { status: 'done', hash, receipt, value: undefined }
    return { status: 'failed', hash, failure: await reasonOfRevert(reader, hash, receipt) }
  } catch (error) {
    if (error instanceof WaitForTransactionReceiptTimeoutError) return { status: 'pending', hash }
    const failure = decodeFailure(error)
    return failure.kind === 'transient' ? { status: 'pending', hash } : { status: 'failed', hash, failure }
  }
}

/**
 * The receipt, once there is one. viem misses a block that comes while it looks at the block before, and on a chain that mines
 * only when it gets a transaction no other block follows: so it is asked anew from time to time.
 */
async function receiptOf(
  { chain }: AssayReader,
  hash: Hash,
  { confirmations = 1, timeoutMs = DEFAULT_TIMEOUT_MS }: WaitOptions,
): Promise<TransactionReceipt> {
  for (let leftMs = timeoutMs; ; leftMs -= WAIT_MS) {
    try {
      const timeout = Math.min(leftMs, WAIT_MS)
      return await chain.waitForTransactionReceipt({ hash, confirmations, timeout })
    } catch (error) {
      const isOver = leftMs <= WAIT_MS
      if (isOver || !(error instanceof WaitForTransactionReceiptTimeoutError)) throw error
    }
  }
}

/** Adds a value read from the receipt of a done transaction. */
export async function withValue<T>(
  sending: Promise<Sent>,
  read: (receipt: TransactionReceipt) => T,
): Promise<Sent<T>> {
  const sent = await sending
  return sent.status === 'done' ? { ...sent, value: read(sent.receipt) } : sent
}

/**
 * What was sent, when it is done.
 *
 * @throws AssayError with the reason when it failed, or `Pending` with the hash
 */
export function expectDone<T>(sent: Sent<T>): Extract<Sent<T>, { status: 'done' }> {
  if (sent.status === 'done') return sent
  if (sent.status === 'failed') throw new AssayError(sent.failure)
  throw new AssayError({
    name: 'Pending',
    values: { hash: sent.hash },
    message: `The transaction ${sent.hash} is sent but not in a block yet.`,
    fix: 'Wait for its receipt; do not send it a second time.',
    kind: 'transient',
  })
}

type Request = { to: Address; data: Hex; gas: bigint; maxFeePerGas?: bigint; nonce?: number }

async function requestOf(client: AssayClient, { to, data }: Call, options: SendOptions): Promise<Request> {
  const gas = options.gas ?? (await gasFor(client, { to, data }, options))
  const fees = options.maxFeePerGas === undefined ? {} : await feesBelow(client, options.maxFeePerGas)
  return { to, data, gas, ...fees, ...(options.nonce === undefined ? {} : { nonce: options.nonce }) }
}

/** Signs with a local account, whose transaction has a hash before anybody sees it. */
async function sign({ wallet }: AssayClient, request: Request, options: SendOptions): Promise<Hex> {
  const prepared = await wallet.prepareTransactionRequest({ ...request, type: 'eip1559' })
  const raw = await wallet.signTransaction(prepared)
  await options.onSigned?.({ hash: keccak256(raw), raw, nonce: prepared.nonce })
  return raw
}

/** Whether the node has the transaction, which may be the one that used its nonce. In doubt it has. */
async function isKnown(reader: AssayReader, hash: Hash): Promise<boolean> {
  try {
    await reader.chain.getTransaction({ hash })
    return true
  } catch (error) {
    return !(error instanceof TransactionNotFoundError)
  }
}

/** The tip is part of the fee: it must not exceed the ceiling either. */
async function feesBelow({ chain }: AssayClient, maxFeePerGas: bigint) {
  const tip = await chain.estimateMaxPriorityFeePerGas()
  return { maxFeePerGas, maxPriorityFeePerGas: tip < maxFeePerGas ? tip : maxFeePerGas }
}

/** A quarter above the estimate: what a call costs depends on which calls come before it. */
async function gasFor(
  client: AssayClient,
  call: Pick<Call, 'to' | 'data'>,
  { inNextBlock = false }: Pick<SendOptions, 'inNextBlock'>,
): Promise<bigint> {
  const estimate = await client.chain.estimateGas({
    account: client.wallet.account,
    to: call.to,
    data: call.data,
    ...(inNextBlock && { blockTag: 'pending' }),
  })
  const padded = (estimate * 5n) / 4n + 20_000n
  return padded < MAX_GAS ? padded : MAX_GAS
}

async function reasonOfRevert(
  reader: AssayReader,
  hash: Hash,
  receipt: TransactionReceipt,
): Promise<Failure> {
  const { from, to, input, gas } = await reader.chain.getTransaction({ hash })
  try {
    await reader.chain.call({ account: from, to, data: input, gas, blockNumber: receipt.blockNumber })
  } catch (error) {
    return decodeFailure(error)
  }
  const late = decodeRevert('0x')
  return {
    ...late,
    message: `The transaction ${hash} was reverted in block ${receipt.blockNumber}, though the same call works after it.`,
    fix: 'Somebody changed the state just before; look at the state and send again if it is still needed.',
  }
}
