import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { readSlots } from '../../client/read-slots.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import { debtsOf, debtsSlots, type TaskDebts } from '../../protocol/money-views.ts'

/** A task's escrow, in reward wei. */
export type TaskFunds = TaskDebts & {
  /** For rounds to come. */
  available: bigint
  /** For the open round, for pay that waits for an audit, and for credited pay that hasn't left the escrow yet. */
  reserved: bigint
  /** Ever paid in. */
  funded: bigint
  /** Ever given back to the owner. */
  refunded: bigint
}

/**
 * What a task has, owes and has paid.
 *
 * @example const { available } = await readTaskFunds(reader, { taskId: 1n })
 */
export async function readTaskFunds(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<TaskFunds> {
  const { taskId } = parameters
  const [funds, { words }] = await Promise.all([
    reader.chain.readContract({
      address: reader.deployment.contracts.tasks,
      abi: iTasksAbi,
      functionName: 'fundsOf',
      args: [taskId],
      ...atBlock(parameters),
    }),
    readSlots(reader, debtsSlots(taskId), parameters),
  ])
  return { ...funds, ...debtsOf(words) }
}
