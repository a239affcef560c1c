import { type AtBlock, atBlock } from '../at-block.ts'
import type { AssayReader } from '../clients.ts'
import { iRoundsAbi } from '../generated/IRounds.ts'
import { iTasksAbi } from '../generated/ITasks.ts'

/** A task's escrow, in reward wei. */
export type TaskFunds = {
  /** Neither reserved nor owed. */
  available: bigint
  /** Held for the open round and for earnings not yet claimed. */
  reserved: bigint
  /** Ever paid in. */
  funded: bigint
  /** Ever given back to the owner. */
  refunded: bigint
  /** Ever credited to accounts, claimed or not. */
  credited: bigint
  /** Earned without an audit, waiting for the next passed one. */
  held: bigint
}

/**
 * What a task has, owes and has paid.
 *
 * @example const { available } = await readTaskFunds(reader, { taskId: 1n })
 */
export async function readTaskFunds(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<TaskFunds> {
  const args = [parameters.taskId] as const
  const block = atBlock(parameters)
  const { tasks, rounds } = deployment.contracts
  const [funds, [credited, held]] = await Promise.all([
    chain.readContract({ address: tasks, abi: iTasksAbi, functionName: 'fundsOf', args, ...block }),
    chain.readContract({ address: rounds, abi: iRoundsAbi, functionName: 'totalsOf', args, ...block }),
  ])
  return { ...funds, credited, held }
}
