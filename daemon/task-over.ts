import type { AtBlock } from '@assay/sdk/client/at-block.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'

/**
 * Why it is too late to enter a task, in words; undefined while a round is still to start. Whoever enters takes part
 * from the next round on, so after the start of the last one a newcomer would pay for nothing.
 */
export async function whyTaskIsOver(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<string | undefined> {
  const [{ closed, params }, { round }] = await Promise.all([
    readTask(reader, parameters),
    readRound(reader, parameters),
  ])
  if (closed) return 'its owner has closed it'
  return round >= params.maxRounds
    ? `the last of its rounds (${params.maxRounds}) has been opened`
    : undefined
}
