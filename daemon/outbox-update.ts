import type { Hash } from '@assay/sdk/protocol/random.ts'
import { crashPoint } from '@assay/store/crash-point.ts'
import type { Block } from './clock.ts'
import { type DutyRow, dutiesMinedSince, pendingDuties, setDutyState, transactionsOf } from './duty-log.ts'
import { broadcastNewest, newestTransaction, type OutboxContext, raiseFee, renewFee } from './outbox-send.ts'

/** A transaction seen in a block may leave it again; older ones are looked at no more, not after a reorganisation nor a start. */
const REORG_DEPTH = 128n
/** Blocks for which a passed nonce without a receipt is put down to a lagging node. */
const REPLACED_AFTER_BLOCKS = 5n
const NONCE_TAKEN =
  'its nonce was used by another transaction of this account: is the key used elsewhere too?'

export async function updateOutbox(context: OutboxContext, block: Block): Promise<void> {
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

function settle(context: OutboxContext, row: DutyRow, { hash, blockNumber, state }: Outcome): void {
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

function forget(context: OutboxContext, row: DutyRow): void {
  context.passedAt.delete(row.id)
  context.refusals.delete(row.id)
}

/** Another transaction of this account took the nonce: after some blocks of doubt the attempt counts as reverted. */
function giveUpReplaced(context: OutboxContext, row: DutyRow, block: Block): void {
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
async function sendAgain(context: OutboxContext, row: DutyRow, block: Block): Promise<void> {
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
