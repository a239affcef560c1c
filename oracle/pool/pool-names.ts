import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { PoolState } from '@assay/sdk/protocol/pool-view.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import type { PoolName } from './seal-pool.ts'

/** A task's pool, and from which round on it judges. */
export type TaskPool = PoolName & {
  firstRound: number
  /** Whether it is to replace the current one. */
  isAnnounced: boolean
}

/** The pools that a validator of the task needs: the current one, then one that the owner has announced. */
export function taskPools(specHash: Hash, { poolRoot, firstRound, announced }: PoolState): TaskPool[] {
  const current = { specHash, poolRoot, firstRound, isAnnounced: false }
  return announced === undefined ? [current] : [current, { specHash, ...announced, isAnnounced: true }]
}

/** Whether a task has the pool with this root, or will have it. */
export async function isPoolOfTask(reader: AssayReader, taskId: bigint, root: Hash): Promise<boolean> {
  const { poolRoot, announced } = await readPool(reader, { taskId })
  return root === poolRoot || root === announced?.poolRoot
}
