import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { readSlots } from '../../client/read-slots.ts'
import { type RosterState, rosterOf, rosterSlots } from '../../protocol/committee-views.ts'

/**
 * The frozen roster of a task; free places are undefined.
 *
 * @example const { weights } = await readRoster(reader, { taskId: 1n })
 */
export async function readRoster(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<RosterState> {
  const { words } = await readSlots(reader, rosterSlots(parameters.taskId), parameters)
  return rosterOf(words)
}
