import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'

/** Roots of the pools that a task's validators need: the current one, and one that is announced. */
export async function poolRootsOf(reader: AssayReader, taskId: bigint): Promise<Hash[]> {
  const { poolRoot, announced } = await readPool(reader, { taskId })
  return announced === undefined ? [poolRoot] : [poolRoot, announced.poolRoot]
}
