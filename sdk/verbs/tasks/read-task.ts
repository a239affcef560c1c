import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import type { TaskParams } from '../../protocol/task-params.ts'
import { readTaskParams } from './read-task-params.ts'

export type TaskState = {
  taskId: bigint
  owner: Address
  closed: boolean
  params: TaskParams
  /** Reward wei that opening a round reserves. */
  largestRoundCost: bigint
}

/**
 * A task, as it was published.
 *
 * @example const { params } = await readTask(reader, { taskId: 1n })
 * @throws a viem error that `decodeFailure` turns into `Tasks_UnknownTask`
 */
export async function readTask(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<TaskState> {
  const { deployment, chain } = reader
  const { taskId } = parameters
  const contract = {
    address: deployment.contracts.tasks,
    abi: iTasksAbi,
    args: [taskId],
    ...atBlock(parameters),
  } as const
  const [owner, closed, params, largestRoundCost] = await Promise.all([
    chain.readContract({ ...contract, functionName: 'ownerOf' }),
    chain.readContract({ ...contract, functionName: 'isClosed' }),
    readTaskParams(reader, parameters),
    chain.readContract({ ...contract, functionName: 'largestRoundCost' }),
  ])
  return { taskId, owner, closed, params, largestRoundCost }
}
