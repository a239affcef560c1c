import type { Address } from 'viem'
import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { readSlots } from '../../client/read-slots.ts'
import { maySubmit, maySubmitSlots } from '../../protocol/people-views.ts'

/**
 * Whether a contributor may submit in the current round; false too when no round takes submissions.
 *
 * @example const may = await readMaySubmit(reader, { taskId: 1n, contributor })
 */
export async function readMaySubmit(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint; contributor: Address },
): Promise<boolean> {
  const { taskId, contributor } = parameters
  const { words, time } = await readSlots(reader, maySubmitSlots(taskId, contributor), parameters)
  return maySubmit(words, { taskId, contributor, time })
}
