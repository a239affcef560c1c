import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

export type CloseTaskParameters = {
  taskId: bigint
}

/** The call of {@link closeTask}, unsigned. */
export function closeTaskCall(deployment: Deployment, { taskId }: CloseTaskParameters): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({ abi: iTasksAbi, functionName: 'close', args: [taskId] }),
    action: `close task ${taskId}`,
  }
}

/**
 * Closes a task for good: no further round opens, and what is not reserved goes back to its owner at once.
 *
 * @example await closeTask(client, { taskId: 1n })
 */
export function closeTask(
  client: AssayClient,
  parameters: CloseTaskParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, closeTaskCall(client.deployment, parameters), options)
}
