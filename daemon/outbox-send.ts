import type { DatabaseSync } from 'node:sqlite'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { decodeFailure, type Failure } from '@assay/sdk/client/errors.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { crashPoint } from '@assay/store/crash-point.ts'
import type { Address, Hex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { keccak256 } from 'viem/utils'
import type { Block } from './clock.ts'
import {
  type DutyRow,
  lastNonce,
  recordSigned,
  setDutyState,
  type TransactionRow,
  transactionsOf,
} from './duty-log.ts'
import { type FeePolicy, type Fees, freshFees, isStale, raisedFees } from './fees.ts'
import type { Logger } from './logging.ts'
import { marked } from './mark.ts'

const DEFAULT_PRIORITY_FEE_WEI = 1_000_000_000n

export type OutboxOptions = {
  db: DatabaseSync
  reader: AssayReader
  account: PrivateKeyAccount
  log: Logger
  /** Tip per gas of a duty's first transaction; 1 gwei by default. At most it rises to ten times that plus base fee. */
  priorityFeeWei?: bigint | undefined
  /**
   * The most to offer per gas, tip included. While the base fee is higher, no transaction gets into a block. Without it
   * only the general ceiling holds: ten times the base fee plus first tip at the block of signing.
   */
  maxFeeWei?: bigint | undefined
  /** Blocks that a transaction waits before its fee is raised; 10 by default. */
  resendAfterBlocks?: number | undefined
}

/** What all parts of an outbox work with. */
export type OutboxContext = OutboxOptions & {
  head: Block | undefined
  /** The block at which this daemon started. */
  startedBlock: bigint | undefined
  /** Whether duties that the database has as mined were checked on the chain since the start. */
  mayTrustMined: boolean
  /** The base fee is above `maxFeeWei`, and the log says so. */
  isPricedOut: boolean
  /** By duty: why the node refused its newest transaction. */
  refusals: Map<number, Failure>
  /** By duty: the block at which its nonce was first seen used although none of its transactions has a receipt. */
  passedAt: Map<number, bigint>
}

/** How a node answered a transaction. */
export type SendResult =
  | { status: 'sent'; hash: Hash }
  | { status: 'refused'; reason: string; errorName?: string; fix?: string }

export function newestTransaction(context: OutboxContext, row: DutyRow): TransactionRow {
  const [newest] = transactionsOf(context.db, row.id)
  if (newest === undefined)
    throw new Error(`the duty ${row.duty} of round ${row.round} is ${row.state} but has no transaction`)
  return newest
}

export async function signFirst(context: OutboxContext, row: DutyRow, gas: bigint): Promise<void> {
  const { reader, account, db } = context
  const head = context.head ?? (await reader.chain.getBlock({ blockTag: 'latest' }))
  const chainNonce = await reader.chain.getTransactionCount({ address: account.address, blockTag: 'pending' })
  await sign(context, row, {
    nonce: Math.max(chainNonce, lastNonce(db) + 1),
    gas,
    ...freshFees(policyOf(context), head.baseFeePerGas ?? 0n),
    signedBlock: head.number,
  })
}

export async function raiseFee(
  context: OutboxContext,
  row: DutyRow,
  newest: TransactionRow,
  block: Block,
): Promise<void> {
  const fees = raisedFees(feesOf(newest), policyOf(context), block.baseFeePerGas)
  if (fees !== undefined) await signAgain(context, row, newest, block, fees)
}

export async function renewFee(
  context: OutboxContext,
  row: DutyRow,
  newest: TransactionRow,
  block: Block,
): Promise<void> {
  const policy = policyOf(context)
  if (isStale(feesOf(newest), policy, block.baseFeePerGas))
    await signAgain(context, row, newest, block, freshFees(policy, block.baseFeePerGas))
}

/** Same nonce, other fees: only one of a duty's transactions can get into a block. */
async function signAgain(
  context: OutboxContext,
  row: DutyRow,
  { nonce, gas }: TransactionRow,
  block: Block,
  fees: Fees,
): Promise<void> {
  await sign(context, row, { nonce, gas: BigInt(gas), ...fees, signedBlock: block.number })
  const offered = { maxFeeWei: `${fees.maxFeeWei}`, priorityFeeWei: `${fees.priorityFeeWei}` }
  context.log.info({ duty: row.duty, round: row.round, ...offered }, 'signed again with other fees')
}

/** Signs and records a duty's next transaction. @param instead what it does instead of the duty's call, to cancel it */
export async function sign(
  context: OutboxContext,
  row: DutyRow,
  offer: Offer,
  instead?: { to: Address; data: Hex },
): Promise<void> {
  const blocks = { startedBlock: context.startedBlock ?? offer.signedBlock, signedBlock: offer.signedBlock }
  const { to, data } = instead ?? { to: row.target, data: marked(row.calldata, blocks) }
  const raw = await context.account.signTransaction({
    type: 'eip1559',
    chainId: context.reader.deployment.chainId,
    to,
    data,
    nonce: offer.nonce,
    gas: offer.gas,
    maxFeePerGas: offer.maxFeeWei,
    maxPriorityFeePerGas: offer.priorityFeeWei,
  })
  recordSigned(context.db, {
    hash: keccak256(raw),
    duty_id: row.id,
    nonce: offer.nonce,
    raw,
    gas: offer.gas.toString(),
    max_fee_wei: offer.maxFeeWei.toString(),
    priority_fee_wei: offer.priorityFeeWei.toString(),
    signed_block: Number(offer.signedBlock),
    cancels: instead === undefined ? 0 : 1,
  })
}

type Offer = Fees & { nonce: number; gas: bigint; signedBlock: bigint }

export function policyOf({ priorityFeeWei, maxFeeWei }: OutboxContext): FeePolicy {
  return { priorityFeeWei: priorityFeeWei ?? DEFAULT_PRIORITY_FEE_WEI, maxFeeWei }
}

export function feesOf({ max_fee_wei, priority_fee_wei }: TransactionRow): Fees {
  return { maxFeeWei: BigInt(max_fee_wei), priorityFeeWei: BigInt(priority_fee_wei) }
}

/** Sends a duty's newest transaction to the node. If the node knows or has mined it already, it counts as sent. */
export async function broadcastNewest(context: OutboxContext, row: DutyRow): Promise<SendResult> {
  const { hash, raw } = newestTransaction(context, row)
  try {
    await context.reader.chain.request({ method: 'eth_sendRawTransaction', params: [raw] })
  } catch (error) {
    const failure = decodeFailure(error)
    if (failure.kind === 'transient') throw error
    if (failure.name !== 'AlreadyKnown' && failure.name !== 'NonceTooLow') {
      noteRefusal(context, row, hash, failure)
      const { message: reason, name: errorName, fix } = failure
      return { status: 'refused', reason, errorName, fix }
    }
  }
  crashPoint('after-sending', row.duty)
  setDutyState(context.db, row.id, 'sent')
  context.refusals.delete(row.id)
  const level = row.state === 'sent' ? 'debug' : 'info'
  context.log[level]({ duty: row.duty, round: row.round, attempt: row.attempt, hash }, 'sent')
  return { status: 'sent', hash }
}

/** Logs a refusal. The transaction is sent again at every block, so only a new reason is a warning. */
function noteRefusal(context: OutboxContext, row: DutyRow, hash: Hash, failure: Failure): void {
  const level = context.refusals.get(row.id)?.name === failure.name ? 'debug' : 'warn'
  context.refusals.set(row.id, failure)
  const { message: reason, fix } = failure
  context.log[level](
    { duty: row.duty, round: row.round, hash, reason, fix },
    'the node refuses a transaction',
  )
}
