import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsLensAbi } from '../../generated/IRoundsLens.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

/** A task's escrow, in reward wei. */
export type TaskFunds = {
  /** For rounds to come. */
  available: bigint
  /** For the open round, for pay that waits for an audit, and for credited pay that hasn't left the escrow yet. */
  reserved: bigint
  /** Ever paid in. */
  funded: bigint
  /** Ever given back to the owner. */
  refunded: bigint
  /** Ever credited to accounts, claimed or not. */
  credited: bigint
  /** Earned without an audit, waiting for the next passed one. */
  held: bigint
  /** Credited, out of the escrow and not claimed. */
  purse: bigint
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
  const { tasks, roundsLens } = deployment.contracts
  const [funds, [credited, held], purse] = await Promise.all([
    chain.readContract({ address: tasks, abi: iTasksAbi, functionName: 'fundsOf', args, ...block }),
    chain.readContract({
      address: roundsLens,
      abi: iRoundsLensAbi,
      functionName: 'totalsOf',
      args,
      ...block,
    }),
    chain.readContract({ address: roundsLens, abi: iRoundsLensAbi, functionName: 'purseOf', args, ...block }),
  ])
  return { ...funds, credited, held, purse }
}
