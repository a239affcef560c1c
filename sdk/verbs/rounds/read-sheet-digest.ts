import type { Address } from 'viem'
import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { readSlots } from '../../client/read-slots.ts'
import { sheetDigestOf, sheetDigestSlots } from '../../protocol/committee-views.ts'

/**
 * What a validator committed to in one of the last eight rounds: the low 224 bits of its sheet's digest.
 *
 * @param parameters `attempt` is 0, or 1 in the redraw
 * @returns undefined if it did not commit
 * @example const digest = await readSheetDigest(reader, { taskId: 1n, round: 3, attempt: 0, validator })
 */
export async function readSheetDigest(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint; round: number; attempt: 0 | 1; validator: Address },
): Promise<bigint | undefined> {
  const { taskId, round, attempt, validator } = parameters
  const { words } = await readSlots(reader, sheetDigestSlots(taskId, validator, round, attempt), parameters)
  return sheetDigestOf(words, round)
}
