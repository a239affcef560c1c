import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { unknownTask } from '../../client/errors.ts'
import { readSlots } from '../../client/read-slots.ts'
import { type PoolState, poolOf, poolSlots } from '../../protocol/pool-view.ts'
import { type RoundState, roundOf, roundSlots } from '../../protocol/round-view.ts'

/**
 * What a validator looks at every block, with one request: where the round stands, and which pools judge.
 *
 * @example const { round, pool } = await readRoundAndPool(reader, { taskId: 1n })
 * @throws AssayError `Rounds_UnknownTask`
 */
export async function readRoundAndPool(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<{ round: RoundState; pool: PoolState }> {
  const { taskId } = parameters
  // The slot that both need has one name.
  const slots = { ...roundSlots(taskId), ...poolSlots(taskId) }
  const { words, time } = await readSlots(reader, slots, parameters)
  const [round, pool] = [roundOf(words, time), poolOf(words)]
  if (round === undefined || pool === undefined) throw unknownTask(taskId)
  return { round, pool }
}
