import type { Address } from 'viem'
import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { readSlots } from '../../client/read-slots.ts'
import { type ValidatorState, validatorOf, validatorSlots } from '../../protocol/people-views.ts'

/**
 * A validator's place, weight and duties in a task.
 *
 * @example const { rosterIndex, uptimeBps } = await readValidator(reader, { taskId: 1n, validator })
 */
export async function readValidator(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint; validator: Address },
): Promise<ValidatorState> {
  const { words } = await readSlots(
    reader,
    validatorSlots(parameters.taskId, parameters.validator),
    parameters,
  )
  return validatorOf(words)
}
