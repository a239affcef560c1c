import type { Hash } from '@assay/sdk/protocol/random.ts'
import { crashPoint } from '@assay/store/crash-point.ts'
import { REORG_DEPTH } from './chain-identity.ts'
import type { Block } from './clock.ts'
import {
  type DutyRow,
  dutiesMinedSince,
  isCancellation,
  NONCE_TAKEN,
  pendingDuties,
  setDutyState,
  transactionsOf,
} from './duty-log.ts'
import { CANCELLED, cancel, isOver } from './outbox-cancel.ts'
import { broadcastNewest, newestTransaction, type OutboxContext, raiseFee, renewFee } from './outbox-send.ts'

/** Blocks for which the node may lag, if a nonce is used but none of its transactions has a receipt. */
const REPLACED_AFTER_BLOCKS = 5n

/** The outbox's `update`. */
export async function updateOutbox(context: OutboxContext, block: Block): Promise<void> {
  context.head = block
  context.startedBlock ??= block.number
  const { db, reader, account } = context
  const rows = pendingDuties(db)
  // A clock that has just started can't see a reorganisation that happened before.
  if (block.reorganised || !context.mayTrustMined)
    rows.push(...dutiesMinedSince(db, block.number - REORG_DEPTH))
  if (rows.length > 0) {
    watchBaseFee(context, block)
    const nextNonce = await reader.chain.getTransactionCount({ address: account.address, blockTag: 'latest' })
    for (const row of rows) {
      if (newestTransaction(context, row).nonce < nextNonce) await lookForReceipt(context, row, block)
      else if (isOver(row, block.timestamp)) await cancel(context, row, block)
      else await sendAgain(context, row, block)
    }
  }
  context.mayTrustMined = true
}

function watchBaseFee(context: OutboxContext, { baseFeePerGas }: Block): void {
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

async function lookForReceipt(context: OutboxContext, row: DutyRow, block: Block): Promise<void> {
  for (const transaction of transactionsOf(context.db, row.id)) {
    const { hash } = transaction
    const receipt = await context.reader.chain.request({
      method: 'eth_getTransactionReceipt',
      params: [hash],
    })
    if (receipt === null) continue

    recordOutcome(context, row, {
      hash,
      blockNumber: BigInt(receipt.blockNumber),
      state: BigInt(receipt.status) === 0n || isCancellation(transaction) ? 'reverted' : 'mined',
      isCancelled: isCancellation(transaction),
    })
    return
  }
  if (row.reason === NONCE_TAKEN) return
  // Its block is gone. It becomes pending again, so that every block checks it, even if a lagging node hides that now.
  if (isInBlock(row)) setDutyState(context.db, row.id, 'signed')
  giveUpReplaced(context, row, block)
}

type Outcome = { hash: Hash; blockNumber: bigint; state: 'mined' | 'reverted'; isCancelled: boolean }

function recordOutcome(context: OutboxContext, row: DutyRow, outcome: Outcome): void {
  const { hash, blockNumber, state, isCancelled } = outcome
  forget(context, row)
  if (row.state === state && row.block_number === Number(blockNumber)) return

  crashPoint('after-receipt', row.duty)
  const reason = isCancelled ? CANCELLED : `reverted in block ${blockNumber} (transaction ${hash})`
  setDutyState(context.db, row.id, state, state === 'reverted' ? { reason, blockNumber } : { blockNumber })
  const facts = { duty: row.duty, round: row.round, hash, block: Number(blockNumber) }
  context.log[state === 'reverted' ? 'warn' : 'info'](facts, isCancelled ? CANCELLED : state)
}

function isInBlock({ state }: DutyRow): boolean {
  return state === 'mined' || state === 'reverted'
}

function forget(context: OutboxContext, row: DutyRow): void {
  context.passedAt.delete(row.id)
  context.refusals.delete(row.id)
}

/** Counts an attempt as reverted once it is clear that another transaction of this account used its nonce. */
function giveUpReplaced(context: OutboxContext, row: DutyRow, block: Block): void {
  const since = context.passedAt.get(row.id) ?? block.number
  context.passedAt.set(row.id, since)
  if (block.number - since < REPLACED_AFTER_BLOCKS) return

  forget(context, row)
  setDutyState(context.db, row.id, 'reverted', { reason: NONCE_TAKEN, blockNumber: block.number })
  context.log.error({ duty: row.duty, round: row.round }, NONCE_TAKEN)
}

/**
 * Sends a transaction again that isn't in a block, or is no longer. The fee rises if the node accepted the transaction
 * and no block included it for long, or if the node refused it for its fee. After any other refusal the fee only
 * follows the base fee.
 */
async function sendAgain(context: OutboxContext, row: DutyRow, block: Block): Promise<void> {
  const newest = newestTransaction(context, row)
  const refusal = context.refusals.get(row.id)
  const isTaken = row.state === 'sent'
  const isTooCheap = refusal?.name === 'FeeTooLow'
  const isDue = block.number - BigInt(newest.signed_block) >= BigInt(context.resendAfterBlocks ?? 10)
  // This comes before sending: if the node refuses it now, it must not stay on record as mined.
  if (isInBlock(row)) setDutyState(context.db, row.id, 'signed')

  if (isDue && (isTaken || isTooCheap)) await raiseFee(context, row, newest, block)
  else if (refusal !== undefined && !isTooCheap) await renewFee(context, row, newest, block)
  if (isDue || !isTaken) await broadcastNewest(context, row)
}
