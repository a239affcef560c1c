import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { unknownTask } from '../../client/errors.ts'
import { readSlots } from '../../client/read-slots.ts'
import { type PoolState, poolOf, poolSlots } from '../../protocol/pool-view.ts'

/**
 * The held-out pool that validators of a task judge with, and the announced one.
 *
 * @example const { poolRoot, announced } = await readPool(reader, { taskId: 1n })
 * @throws AssayError `Rounds_UnknownTask`
 */
export async function readPool(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<PoolState> {
  const { taskId } = parameters
  const { words } = await readSlots(reader, poolSlots(taskId), parameters)
  const pool = poolOf(words)
  if (pool === undefined) throw unknownTask(taskId)
  return pool
}
