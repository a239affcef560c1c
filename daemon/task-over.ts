import { type AtBlock, atBlock } from '@assay/sdk/client/at-block.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { iTasksAbi } from '@assay/sdk/generated/ITasks.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'

/**
 * Why it is too late to enter a task, in words; undefined while a round is still to start. Whoever enters takes part
 * from the next round on, so after the start of the last one a newcomer would pay for nothing.
 *
 * @param parameters.params terms of the task, if they are known; they never change
 * @param parameters.round number of the newest round, if it is known
 */
export async function whyTaskIsOver(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint; params?: TaskParams; round?: number },
): Promise<string | undefined> {
  const [closed, maxRounds, round] = await Promise.all([
    readClosed(reader, parameters),
    parameters.params?.maxRounds ?? readTaskParams(reader, parameters).then(({ maxRounds }) => maxRounds),
    parameters.round ?? readRound(reader, parameters).then((state) => state.round),
  ])
  if (closed) return 'its owner has closed it'
  return round >= maxRounds ? `the last of its rounds (${maxRounds}) has been opened` : undefined
}

function readClosed({ deployment, chain }: AssayReader, at: AtBlock & { taskId: bigint }): Promise<boolean> {
  return chain.readContract({
    address: deployment.contracts.tasks,
    abi: iTasksAbi,
    functionName: 'isClosed',
    args: [at.taskId],
    ...atBlock(at),
  })
}
