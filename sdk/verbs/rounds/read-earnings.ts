import type { Address } from 'viem'
import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { unknownTask } from '../../client/errors.ts'
import { readSlots } from '../../client/read-slots.ts'
import { type EarningsState, earningsOf, earningsSlots } from '../../protocol/money-views.ts'

/**
 * What an account has earned in a task and not claimed.
 *
 * @example const { matured } = await readEarnings(reader, { taskId: 1n, account })
 * @throws AssayError `Rounds_UnknownTask`
 */
export async function readEarnings(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint; account: Address },
): Promise<EarningsState> {
  const { taskId, account } = parameters
  const { words, time } = await readSlots(reader, earningsSlots(taskId, account), parameters)
  const earnings = earningsOf(words, time)
  if (earnings === undefined) throw unknownTask(taskId)
  return earnings
}
