import type { DatabaseSync } from 'node:sqlite'
import type { PrivateKeyAccount } from 'viem/accounts'
import { keccak256 } from 'viem/utils'
import type { AssayReader } from '../clients.ts'
import { decodeFailure } from '../errors.ts'
import type { Hash } from '../random.ts'
import type { Call } from '../send.ts'
import type { Block } from './clock.ts'
import { crashPoint } from './crash-point.ts'
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
import type { Logger } from './logging.ts'

const GAS_STEP = 100_000n
const GAS_MARGIN = 30_000n
/** EIP-7825: no transaction may ask for more. */
const MAX_GAS = 16_777_216n
const DEFAULT_PRIORITY_FEE_WEI = 1_000_000_000n
/** A transaction seen in a block may leave it again; older ones are not looked at after a reorganisation. */
const REORG_DEPTH = 128n
/** Blocks for which a passed nonce without a receipt is put down to a lagging node. */
const REPLACED_AFTER_BLOCKS = 5n

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
  priorityFeeWei?: bigint | undefined
  /** Ceiling of the fee per gas; twice the base fee plus the priority fee by default. */
  maxFeeWei?: bigint | undefined
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
  /** Looks for receipts, sends again what got lost. Once a block, before new duties. */
  update(block: Block): Promise<void>
  /** After a start: sends every stored transaction that is not known to be in a block. */
  recover(): Promise<void>
  stateOf(name: DutyName): DutyState | 'none'
  pendingCount(): number
}

type Context = OutboxOptions & {
  head: Block | undefined
  /** By duty: the block at which its nonce was found to be used without a receipt of its own. */
  passedAt: Map<number, bigint>
}

export function openOutbox(options: OutboxOptions): Outbox {
  const { db } = options
  const context: Context = {
    ...options,
    head: undefined,
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
  const priorityFeeWei = context.priorityFeeWei ?? DEFAULT_PRIORITY_FEE_WEI
  const maxFeeWei = context.maxFeeWei ?? 2n * (head.baseFeePerGas ?? 0n) + priorityFeeWei
  await sign(context, row, {
    nonce: Math.max(chainNonce, lastNonce(db) + 1),
    gas,
    maxFeeWei,
    priorityFeeWei: priorityFeeWei < maxFeeWei ? priorityFeeWei : maxFeeWei,
    signedBlock: head.number,
  })
}

type Terms = { nonce: number; gas: bigint; maxFeeWei: bigint; priorityFeeWei: bigint; signedBlock: bigint }

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
      context.log.warn(
        { duty: row.duty, round: row.round, hash, reason: failure.message },
        'the node refuses a transaction',
      )
      return { status: 'refused', reason: failure.message, errorName: failure.name }
    }
  }
  crashPoint('after-sending', row.duty)
  setDutyState(context.db, row.id, 'sent')
  context.log.info({ duty: row.duty, round: row.round, attempt: row.attempt, hash }, 'sent')
  return { status: 'sent', hash }
}

async function update(context: Context, block: Block): Promise<void> {
  context.head = block
  const { db, reader, account } = context
  const rows = pendingDuties(db)
  if (block.reorganised) rows.push(...dutiesMinedSince(db, block.number - REORG_DEPTH))
  if (rows.length === 0) return

  const nextNonce = await reader.chain.getTransactionCount({ address: account.address, blockTag: 'latest' })
  for (const row of rows) {
    if (newestTransaction(context, row).nonce < nextNonce) await lookForReceipt(context, row, block)
    else await sendAgain(context, row, block)
  }
}

async function lookForReceipt(context: Context, row: DutyRow, block: Block): Promise<void> {
  for (const { hash } of transactionsOf(context.db, row.id)) {
    const receipt = await context.reader.chain.request({
      method: 'eth_getTransactionReceipt',
      params: [hash],
    })
    if (receipt === null) continue

    crashPoint('after-receipt', row.duty)
    const blockNumber = BigInt(receipt.blockNumber)
    const reverted = BigInt(receipt.status) === 0n
    const reason = `reverted in block ${blockNumber} (transaction ${hash})`
    setDutyState(
      context.db,
      row.id,
      reverted ? 'reverted' : 'mined',
      reverted ? { reason, blockNumber } : { blockNumber },
    )
    context.passedAt.delete(row.id)
    const facts = { duty: row.duty, round: row.round, hash, block: Number(blockNumber) }
    if (reverted) context.log.warn(facts, 'reverted')
    else context.log.info(facts, 'mined')
    return
  }
  giveUpReplaced(context, row, block)
}

/** Another transaction of this account took the nonce: after some blocks of doubt the attempt counts as reverted. */
function giveUpReplaced(context: Context, row: DutyRow, block: Block): void {
  const since = context.passedAt.get(row.id) ?? block.number
  context.passedAt.set(row.id, since)
  if (block.number - since < REPLACED_AFTER_BLOCKS) return

  context.passedAt.delete(row.id)
  const reason = 'its nonce was used by another transaction of this account: is the key used elsewhere too?'
  setDutyState(context.db, row.id, 'reverted', { reason, blockNumber: block.number })
  context.log.error({ duty: row.duty, round: row.round }, reason)
}

/** Not in a block: hands it over again when the node may have lost it, with a higher fee when it has waited for long. */
async function sendAgain(context: Context, row: DutyRow, block: Block): Promise<void> {
  const newest = newestTransaction(context, row)
  const lost = row.state !== 'sent'
  const waited = block.number - BigInt(newest.signed_block)
  const due = waited >= BigInt(context.resendAfterBlocks ?? 10)
  if (due) await raiseFee(context, row, newest, block)
  if (due || lost) await broadcastNewest(context, row)
}

async function raiseFee(context: Context, row: DutyRow, newest: TransactionRow, block: Block): Promise<void> {
  const raised = (fee: string) => (BigInt(fee) * 5n) / 4n + 1n
  const maxFeeWei = raised(newest.max_fee_wei)
  if (context.maxFeeWei !== undefined && maxFeeWei > context.maxFeeWei) return

  await sign(context, row, {
    nonce: newest.nonce,
    gas: BigInt(newest.gas),
    maxFeeWei,
    priorityFeeWei: raised(newest.priority_fee_wei),
    signedBlock: block.number,
  })
}
