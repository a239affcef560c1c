import type { Bid } from '@assay/sdk/protocol/bid-views.ts'
import type { PoolState } from '@assay/sdk/protocol/pool-view.ts'

/** What stands around a validator's bid. */
export type BidContext = {
  taskId: bigint
  /** Number of the current or last round. */
  round: number
  pool: PoolState
  /** A larger bid that takes the place, if nothing changes. */
  outbidBy: Bid | undefined
}

/** Whether a validator's bid counts, from when on, and what it lacks. */
export function bidText(bid: Bid, { taskId, round, pool, outbidBy }: BidContext): string[] {
  const from = Math.max(bid.firstRound, round + 1)
  if (bid.standing === 'joined')
    return [
      `pending: not ready yet, assay oracle ${taskId} says so once it has the pool`,
      `counts from round ${from} on`,
    ]
  if (!bid.isReady && !bid.isReadyForAnnounced)
    return [
      `not ready for the pool ${pool.poolRoot}: it counts for nothing until assay oracle ${taskId} has it`,
    ]
  const first = bid.isReady ? from : Math.max(from, pool.announced?.firstRound ?? from)
  const weight = `weight ${bid.weight} from round ${first} on`
  if (bid.standing === 'candidate')
    return [
      `ready, candidate for one of 64 places, four an opening`,
      `${weight}, if that is more than others have`,
    ]
  const parts = [first > round + 1 ? `ready, ${weight}` : `ready, next round ${bid.weight}`]
  if (pool.announced !== undefined && !bid.isReadyForAnnounced)
    parts.push(`not ready for the pool ${pool.announced.poolRoot} of round ${pool.announced.firstRound}`)
  if (outbidBy !== undefined)
    parts.push(
      `a bid of weight ${outbidBy.weight} takes the place from round ${Math.max(outbidBy.firstRound, round + 1)} on unless you answer it: assay validator raise ${taskId}`,
    )
  return parts
}
