import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { unknownTask } from '../../client/errors.ts'
import { readSlots } from '../../client/read-slots.ts'
import { type RoundState, roundOf, roundSlots } from '../../protocol/round-view.ts'

/**
 * Where a task's round stands.
 *
 * @example const { phase, commitEnd } = await readRound(reader, { taskId: 1n })
 * @throws AssayError `Rounds_UnknownTask`
 */
export async function readRound(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<RoundState> {
  const { taskId } = parameters
  const { words, time } = await readSlots(reader, roundSlots(taskId), parameters)
  const round = roundOf(words, time)
  if (round === undefined) throw unknownTask(taskId)
  return round
}
