import type { Address } from 'viem'
import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { readSlots } from '../../client/read-slots.ts'
import { type ParticipantRecord, participantOf, participantSlots } from '../../protocol/people-views.ts'
import type { Hash } from '../../protocol/random.ts'
import { readDataRoot } from '../tasks/read-data-root.ts'

/** What a task remembers of a contributor, and the root of its data. */
export type ParticipantState = ParticipantRecord & { dataRoot: Hash }

/**
 * A contributor's standing in a task; `enrolled` tells whether it has one.
 *
 * @example const { reputationBps, provenWindows } = await readParticipant(reader, { taskId: 1n, contributor })
 */
export async function readParticipant(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint; contributor: Address },
): Promise<ParticipantState> {
  const { taskId, contributor } = parameters
  const [{ words }, dataRoot] = await Promise.all([
    readSlots(reader, participantSlots(taskId, contributor), parameters),
    readDataRoot(reader, parameters),
  ])
  return { ...participantOf(words), dataRoot }
}
