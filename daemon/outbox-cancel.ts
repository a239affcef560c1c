import type { Block } from './clock.ts'
import { type DutyRow, isCancellation, setDutyState } from './duty-log.ts'
import { freshFees, raisedFees } from './fees.ts'
import {
  broadcastNewest,
  feesOf,
  newestTransaction,
  type OutboxContext,
  policyOf,
  sign,
} from './outbox-send.ts'

/** Why an attempt ended that was cancelled. */
export const CANCELLED = 'cancelled: its phase was over before it got into a block'
/** What a transfer of nothing costs. */
const TRANSFER_GAS = 21_000n

/** Whether a duty's phase is over at a block: no later block can take its transaction. */
export function isOver({ ends_at }: Pick<DutyRow, 'ends_at'>, timestamp: bigint): boolean {
  return ends_at !== null && timestamp >= BigInt(ends_at)
}

/**
 * Replaces a transaction that came too late by one with the same nonce that does nothing. It is cheaper than letting it
 * fail, and the transactions after it need its nonce to be used.
 */
export async function cancel(context: OutboxContext, row: DutyRow, block: Block): Promise<void> {
  const newest = newestTransaction(context, row)
  const isTaken = row.state === 'sent'
  const isDue = block.number - BigInt(newest.signed_block) >= BigInt(context.resendAfterBlocks ?? 10)
  // Its block may be gone after a reorganisation: it must not stay on record as mined.
  if (!isTaken) setDutyState(context.db, row.id, 'signed')

  if (isCancellation(newest) && !isDue) {
    if (!isTaken) await broadcastNewest(context, row)
    return
  }
  // What no node has taken needs no higher fee than a first transaction.
  const fees = isTaken
    ? raisedFees(feesOf(newest), policyOf(context), block.baseFeePerGas)
    : freshFees(policyOf(context), block.baseFeePerGas)
  if (fees === undefined) return
  const offer = { nonce: newest.nonce, gas: TRANSFER_GAS, ...fees, signedBlock: block.number }
  await sign(context, row, offer, { to: context.account.address, data: '0x' })
  if (!isCancellation(newest))
    context.log.warn({ duty: row.duty, round: row.round }, 'its phase is over: the transaction is cancelled')
  await broadcastNewest(context, row)
}
