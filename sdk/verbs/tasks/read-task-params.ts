import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import type { TaskParams } from '../../protocol/task-params.ts'

/**
 * The terms of a task, which never change.
 *
 * @example const { specHash } = await readTaskParams(reader, { taskId: 1n })
 * @throws a viem error that `decodeFailure` turns into `Tasks_UnknownTask`
 */
export async function readTaskParams(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<TaskParams> {
  return chain.readContract({
    address: deployment.contracts.tasks,
    abi: iTasksAbi,
    functionName: 'paramsOf',
    args: [parameters.taskId],
    ...atBlock(parameters),
  })
}
