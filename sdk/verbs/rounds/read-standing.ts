import type { Address } from 'viem'
import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { unknownTask } from '../../client/errors.ts'
import { readSlots } from '../../client/read-slots.ts'
import { type EarningsState, earningsOf, earningsSlots } from '../../protocol/money-views.ts'
import { type ParticipantRecord, participantOf, participantSlots } from '../../protocol/people-views.ts'
import { type RoundState, roundOf, roundSlots } from '../../protocol/round-view.ts'

/** Where a task's round stands, and a contributor in the task: all of one block. */
export type Standing = { round: RoundState; me: ParticipantRecord; earnings: EarningsState }

/**
 * What a contributor looks at every block, with one request.
 *
 * @example const { round, me, earnings } = await readStanding(reader, { taskId: 1n, contributor })
 * @throws AssayError `Rounds_UnknownTask`
 */
export async function readStanding(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint; contributor: Address },
): Promise<Standing> {
  const { taskId, contributor } = parameters
  // Slots that two of them need have one name.
  const slots = {
    ...roundSlots(taskId),
    ...participantSlots(taskId, contributor),
    ...earningsSlots(taskId, contributor),
  }
  const { words, time } = await readSlots(reader, slots, parameters)
  const [round, earnings] = [roundOf(words, time), earningsOf(words, time)]
  if (round === undefined || earnings === undefined) throw unknownTask(taskId)
  return { round, me: participantOf(words), earnings }
}
