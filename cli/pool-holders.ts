import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { Bid } from '@assay/sdk/protocol/bid-views.ts'
import type { PoolState } from '@assay/sdk/protocol/pool-view.ts'
import { readBids } from '@assay/sdk/verbs/rounds/read-bids.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'

/** How many validators have said that they can judge by a task's pool, and by one that is to replace it. */
export type PoolHolders = { ready: number; announced?: { firstRound: number; ready: number } }

/** Counts who holds a task's pools. An oracle says so once it has the pool and has tried it. */
export async function readPoolHolders(reader: AssayReader, taskId: bigint): Promise<PoolHolders> {
  const [pool, bids] = await Promise.all([readPool(reader, { taskId }), readBids(reader, { taskId })])
  return poolHolders(pool, bids)
}

/** Those of some bids that are ready. */
export function poolHolders(
  { announced }: Pick<PoolState, 'announced'>,
  bids: readonly (Pick<Bid, 'isReady' | 'isReadyForAnnounced'> | undefined)[],
): PoolHolders {
  const ready = bids.filter((bid) => bid?.isReady).length
  if (announced === undefined) return { ready }
  const readyForAnnounced = bids.filter((bid) => bid?.isReadyForAnnounced).length
  return { ready, announced: { firstRound: announced.firstRound, ready: readyForAnnounced } }
}

/** What has to be done so that somebody can judge; undefined while somebody can. */
export function poolWarning({ ready, announced }: PoolHolders, taskId: bigint): string | undefined {
  const seal = `its owner runs \`assay task seal ${taskId} --watch\``
  if (ready === 0) return `no validator holds the pool of task ${taskId}; ${seal}`
  if (announced?.ready !== 0) return undefined
  return `no validator holds the pool that replaces task ${taskId}'s from round ${announced.firstRound} on; ${seal}`
}
