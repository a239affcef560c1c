import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { readSlots } from '../../client/read-slots.ts'
import { type Bid, bidSlots, bidsOf } from '../../protocol/bid-views.ts'

/**
 * The bids for places in a task's next roster, by place: 64 of the roster, then 16 of candidates; free places are undefined.
 *
 * @example const candidates = (await readBids(reader, { taskId: 1n })).slice(64)
 */
export async function readBids(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<(Bid | undefined)[]> {
  const { words } = await readSlots(reader, bidSlots(parameters.taskId), parameters)
  return bidsOf(words)
}
