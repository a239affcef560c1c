import type { DatabaseSync } from 'node:sqlite'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { decodeFailure, type Failure } from '@assay/sdk/client/errors.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { crashPoint } from '@assay/store/crash-point.ts'
import type { PrivateKeyAccount } from 'viem/accounts'
import { keccak256 } from 'viem/utils'
import type { Block } from './clock.ts'
import {
  type DutyName,
  type DutyRow,
  type DutyState,
  dutiesMinedSince,
  lastNonce,
  latestAttempt,
  pendingDuties,
  recordDuty,
  recordSigned,
  setDutyState,
  type TransactionRow,
  transactionsOf,
} from './duty-log.ts'
import { type FeePolicy, type Fees, freshFees, isStale, raisedFees } from './fees.ts'
import type { Logger } from './logging.ts'

const GAS_STEP = 100_000n
const GAS_MARGIN = 30_000n
/** EIP-7825: no transaction may ask for more. */
const MAX_GAS = 16_777_216n
const DEFAULT_PRIORITY_FEE_WEI = 1_000_000_000n
/** A transaction seen in a block may leave it again; older ones are looked at no more, not after a reorganisation nor a start. */
const REORG_DEPTH = 128n
/** Blocks for which a passed nonce without a receipt is put down to a lagging node. */
const REPLACED_AFTER_BLOCKS = 5n
const NONCE_TAKEN =
  'its nonce was used by another transaction of this account: is the key used elsewhere too?'

export type PostRequest = DutyName & {
  call: Pick<Call, 'to' | 'data'>
  /** Attempts in all, when the chain reverts one; 3 by default. */
  maxAttempts?: number
}

export type PostResult =
  | { status: 'sent' | 'pending' | 'mined'; hash: Hash }
  | { status: 'refused'; reason: string; errorName?: string }
  | { status: 'exhausted'; reason: string }

export type OutboxOptions = {
  db: DatabaseSync
  reader: AssayReader
  account: PrivateKeyAccount
  log: Logger
  /** Tip per gas of a first signature; 1 gwei by default. Rises up to ten times that plus the base fee. */
  priorityFeeWei?: bigint | undefined
  /**
   * No transaction offers more per gas, tip included; while the base fee is higher, none gets into a block. None by default: then
   * only the ceiling holds that always does, ten times the base fee and first tip of the block at which it is signed.
   */
  maxFeeWei?: bigint | undefined
  /** Blocks that a transaction waits before its fee is raised; 10 by default. */
  resendAfterBlocks?: number | undefined
}

/** Sends each duty's transaction once, whatever happens to this process, the node or the chain in between. */
export type Outbox = {
  /**
   * Posts a duty's call unless that was done before. Waits for no receipt. Throws only when the node can't be reached.
   *
   * 1. Ask the node whether the call would go through; a refusal leaves no trace, so the duty can be asked for again.
   * 2. Write the duty with its calldata. From here on this attempt never signs other calldata.
   * 3. Sign, keep the raw transaction, and only then send it.
   */
  post(request: PostRequest): Promise<PostResult>
  /**
   * Looks for receipts, sends again what got lost, raises the fee of what a node took and no block did. Once a block, before new
   * duties. The first time, and after a reorganisation, also for what was in a block already.
   */
  update(block: Block): Promise<void>
  /** After a start: sends every stored transaction that is not known to be in a block. */
  recover(): Promise<void>
  stateOf(name: DutyName): DutyState | 'none'
  pendingCount(): number
}

type Context = OutboxOptions & {
  head: Block | undefined
  /** What the chain has was compared with what the database remembers of a former life. */
  mayTrustMined: boolean
  /** The base fee is above `maxFeeWei`, and the log says so. */
  isPricedOut: boolean
  /** By duty: why a node did not take its newest transaction. */
  refusals: Map<number, Failure>
  /** By duty: the block at which its nonce was found to be used without a receipt of its own. */
  passedAt: Map<number, bigint>
}

/**
 * An outbox over a daemon's database. Asks and sends nothing yet: call `recover` once, then `update` at every block.
 *
 * @param options.db of `openDaemonDatabase`; whatever it holds of a former life is gone on with
 * @param options.account signs; no other program may use its key, as two would take each other's nonces
 */
export function openOutbox(options: OutboxOptions): Outbox {
  const { db } = options
  const context: Context = {
    ...options,
    head: undefined,
    mayTrustMined: false,
    isPricedOut: false,
    refusals: new Map(),
    passedAt: new Map(),
  }
  return {
    post: (request) => post(context, request),
    update: (block) => update(context, block),
    recover: async () => {
      for (const row of pendingDuties(db)) await broadcastNewest(context, row)
    },
    stateOf: (name) => latestAttempt(db, name)?.state ?? 'none',
    pendingCount: () => pendingDuties(db).length,
  }
}

async function post(context: Context, request: PostRequest): Promise<PostResult> {
  const { db } = context
  const last = latestAttempt(db, request)
  if (last !== undefined && last.state !== 'recorded' && last.state !== 'reverted')
    return progressOf(context, last)
  if (last?.state === 'reverted' && last.attempt >= (request.maxAttempts ?? 3))
    return { status: 'exhausted', reason: last.reason ?? 'reverted' }

  const call = last?.state === 'recorded' ? { to: last.target, data: last.calldata } : request.call
  const estimate = await estimateGas(context, call)
  if (typeof estimate !== 'bigint') return estimate

  if (last?.state !== 'recorded') {
    crashPoint('before-row', request.duty)
    recordDuty(db, request, (last?.attempt ?? 0) + 1, call)
  }
  crashPoint('after-row', request.duty)
  const row = latestAttempt(db, request)
  if (row === undefined)
    throw new Error(`the duty ${request.duty} of round ${request.round} was not recorded`)

  await signFirst(context, row, estimate)
  crashPoint('after-signing', row.duty)
  return broadcastNewest(context, row)
}

function progressOf(context: Context, row: DutyRow): PostResult {
  const newest = newestTransaction(context, row)
  return { status: row.state === 'mined' ? 'mined' : 'pending', hash: newest.hash }
}

function newestTransaction(context: Context, row: DutyRow): TransactionRow {
  const [newest] = transactionsOf(context.db, row.id)
  if (newest === undefined)
    throw new Error(`the duty ${row.duty} of round ${row.round} is ${row.state} but has no transaction`)
  return newest
}

async function estimateGas(context: Context, call: Pick<Call, 'to' | 'data'>): Promise<bigint | PostResult> {
  try {
    const used = await context.reader.chain.request({
      method: 'eth_estimateGas',
      params: [{ from: context.account.address, ...call }, 'latest'],
    })
    const padded = (BigInt(used) * 5n) / 4n + GAS_MARGIN
    const rounded = ((padded + GAS_STEP - 1n) / GAS_STEP) * GAS_STEP
    return rounded < MAX_GAS ? rounded : MAX_GAS
  } catch (error) {
    const failure = decodeFailure(error)
    if (failure.kind === 'transient') throw error
    return { status: 'refused', reason: failure.message, errorName: failure.name }
  }
}

async function signFirst(context: Context, row: DutyRow, gas: bigint): Promise<void> {
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

function policyOf({ priorityFeeWei, maxFeeWei }: Context): FeePolicy {
  return { priorityFeeWei: priorityFeeWei ?? DEFAULT_PRIORITY_FEE_WEI, maxFeeWei }
}

type Terms = Fees & { nonce: number; gas: bigint; signedBlock: bigint }

async function sign(context: Context, row: DutyRow, terms: Terms): Promise<void> {
  const raw = await context.account.signTransaction({
    type: 'eip1559',
    chainId: context.reader.deployment.chainId,
    to: row.target,
    data: row.calldata,
    nonce: terms.nonce,
    gas: terms.gas,
    maxFeePerGas: terms.maxFeeWei,
    maxPriorityFeePerGas: terms.priorityFeeWei,
  })
  recordSigned(context.db, {
    hash: keccak256(raw),
    duty_id: row.id,
    nonce: terms.nonce,
    raw,
    gas: terms.gas.toString(),
    max_fee_wei: terms.maxFeeWei.toString(),
    priority_fee_wei: terms.priorityFeeWei.toString(),
    signed_block: Number(terms.signedBlock),
  })
}

/** Hands the newest signed transaction to the node. That it knows it already, or has mined it, is as good as taken. */
async function broadcastNewest(context: Context, row: DutyRow): Promise<PostResult> {
  const { hash, raw } = newestTransaction(context, row)
  try {
    await context.reader.chain.request({ method: 'eth_sendRawTransaction', params: [raw] })
  } catch (error) {
    const failure = decodeFailure(error)
    if (failure.kind === 'transient') throw error
    if (failure.name !== 'AlreadyKnown' && failure.name !== 'NonceTooLow') {
      noteRefusal(context, row, hash, failure)
      return { status: 'refused', reason: failure.message, errorName: failure.name }
    }
  }
  crashPoint('after-sending', row.duty)
  setDutyState(context.db, row.id, 'sent')
  context.refusals.delete(row.id)
  const level = row.state === 'sent' ? 'debug' : 'info'
  context.log[level]({ duty: row.duty, round: row.round, attempt: row.attempt, hash }, 'sent')
  return { status: 'sent', hash }
}

/** It is tried again at every block; said aloud only when the reason is a new one. */
function noteRefusal(context: Context, row: DutyRow, hash: Hash, failure: Failure): void {
  const level = context.refusals.get(row.id)?.name === failure.name ? 'debug' : 'warn'
  context.refusals.set(row.id, failure)
  const { message: reason, fix } = failure
  context.log[level](
    { duty: row.duty, round: row.round, hash, reason, fix },
    'the node refuses a transaction',
  )
}

async function update(context: Context, block: Block): Promise<void> {
  context.head = block
  const { db, reader, account } = context
  const rows = pendingDuties(db)
  // A block that was dropped while no daemon ran is no reorganisation to a clock that has just started.
  if (block.reorganised || !context.mayTrustMined)
    rows.push(...dutiesMinedSince(db, block.number - REORG_DEPTH))
  if (rows.length > 0) {
    watchBaseFee(context, block)
    const nextNonce = await reader.chain.getTransactionCount({ address: account.address, blockTag: 'latest' })
    for (const row of rows) {
      if (newestTransaction(context, row).nonce < nextNonce) await lookForReceipt(context, row, block)
      else await sendAgain(context, row, block)
    }
  }
  context.mayTrustMined = true
}

function watchBaseFee(context: Context, { baseFeePerGas }: Block): void {
  const { maxFeeWei, log } = context
  const isPricedOut = maxFeeWei !== undefined && maxFeeWei < baseFeePerGas
  const facts = { baseFeeWei: `${baseFeePerGas}`, maxFeeWei: `${maxFeeWei}` }
  if (isPricedOut && !context.isPricedOut)
    log.warn(
      facts,
      'the base fee is above the maximum fee: nothing gets into a block until it falls, or the maximum is raised',
    )
  if (!isPricedOut && context.isPricedOut) log.info(facts, 'the base fee is below the maximum fee again')
  context.isPricedOut = isPricedOut
}

async function lookForReceipt(context: Context, row: DutyRow, block: Block): Promise<void> {
  for (const { hash } of transactionsOf(context.db, row.id)) {
    const receipt = await context.reader.chain.request({
      method: 'eth_getTransactionReceipt',
      params: [hash],
    })
    if (receipt === null) continue

    settle(context, row, {
      hash,
      blockNumber: BigInt(receipt.blockNumber),
      state: BigInt(receipt.status) === 0n ? 'reverted' : 'mined',
    })
    return
  }
  if (row.reason === NONCE_TAKEN) return
  // Its block is gone. From here on it is looked at in every block, whatever a lagging node says of the nonce in this one.
  if (isSettled(row)) setDutyState(context.db, row.id, 'signed')
  giveUpReplaced(context, row, block)
}

type Outcome = { hash: Hash; blockNumber: bigint; state: 'mined' | 'reverted' }

function settle(context: Context, row: DutyRow, { hash, blockNumber, state }: Outcome): void {
  forget(context, row)
  if (row.state === state && row.block_number === Number(blockNumber)) return

  crashPoint('after-receipt', row.duty)
  const reason = `reverted in block ${blockNumber} (transaction ${hash})`
  setDutyState(context.db, row.id, state, state === 'reverted' ? { reason, blockNumber } : { blockNumber })
  const facts = { duty: row.duty, round: row.round, hash, block: Number(blockNumber) }
  context.log[state === 'reverted' ? 'warn' : 'info'](facts, state)
}

function isSettled({ state }: DutyRow): boolean {
  return state === 'mined' || state === 'reverted'
}

function forget(context: Context, row: DutyRow): void {
  context.passedAt.delete(row.id)
  context.refusals.delete(row.id)
}

/** Another transaction of this account took the nonce: after some blocks of doubt the attempt counts as reverted. */
function giveUpReplaced(context: Context, row: DutyRow, block: Block): void {
  const since = context.passedAt.get(row.id) ?? block.number
  context.passedAt.set(row.id, since)
  if (block.number - since < REPLACED_AFTER_BLOCKS) return

  forget(context, row)
  setDutyState(context.db, row.id, 'reverted', { reason: NONCE_TAKEN, blockNumber: block.number })
  context.log.error({ duty: row.duty, round: row.round }, NONCE_TAKEN)
}

/**
 * Not in a block, or no more: hands it over again when the node may have lost it. What a node took gains a higher fee when it has
 * waited for long; what it refused gains nothing by that, unless the fee is the reason. It only follows the base fee.
 */
async function sendAgain(context: Context, row: DutyRow, block: Block): Promise<void> {
  const newest = newestTransaction(context, row)
  const refusal = context.refusals.get(row.id)
  const isTaken = row.state === 'sent'
  const isTooCheap = refusal?.name === 'FeeTooLow'
  const isDue = block.number - BigInt(newest.signed_block) >= BigInt(context.resendAfterBlocks ?? 10)
  // Before it is sent: a node that refuses it now must not leave it behind as mined.
  if (isSettled(row)) setDutyState(context.db, row.id, 'signed')

  if (isDue && (isTaken || isTooCheap)) await raiseFee(context, row, newest, block)
  else if (refusal !== undefined && !isTooCheap) await renewFee(context, row, newest, block)
  if (isDue || !isTaken) await broadcastNewest(context, row)
}

async function raiseFee(context: Context, row: DutyRow, newest: TransactionRow, block: Block): Promise<void> {
  const fees = raisedFees(feesOf(newest), policyOf(context), block.baseFeePerGas)
  if (fees !== undefined) await signAgain(context, row, newest, block, fees)
}

async function renewFee(context: Context, row: DutyRow, newest: TransactionRow, block: Block): Promise<void> {
  const policy = policyOf(context)
  if (isStale(feesOf(newest), policy, block.baseFeePerGas))
    await signAgain(context, row, newest, block, freshFees(policy, block.baseFeePerGas))
}

function feesOf({ max_fee_wei, priority_fee_wei }: TransactionRow): Fees {
  return { maxFeeWei: BigInt(max_fee_wei), priorityFeeWei: BigInt(priority_fee_wei) }
}

/** Other fees, same nonce: whichever of a duty's transactions gets into a block shuts all others out. */
async function signAgain(
  context: Context,
  row: DutyRow,
  { nonce, gas }: TransactionRow,
  block: Block,
  fees: Fees,
): Promise<void> {
  await sign(context, row, { nonce, gas: BigInt(gas), ...fees, signedBlock: block.number })
  const offered = { maxFeeWei: `${fees.maxFeeWei}`, priorityFeeWei: `${fees.priorityFeeWei}` }
  context.log.info({ duty: row.duty, round: row.round, ...offered }, 'signed again with other fees')
}
