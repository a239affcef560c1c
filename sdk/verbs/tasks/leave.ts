import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

export type LeaveParameters = {
  taskId: bigint
}

/** The call of {@link leave}, unsigned. */
export function leaveCall(deployment: Deployment, { taskId }: LeaveParameters): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({ abi: iTasksAbi, functionName: 'leaveTask', args: [taskId] }),
    action: `leave task ${taskId}`,
  }
}

/**
 * Ends an enrolment and frees its stake, once the last round the contributor took part in is final.
 *
 * @example await leave(client, { taskId: 1n })
 */
export function leave(
  client: AssayClient,
  parameters: LeaveParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, leaveCall(client.deployment, parameters), options)
}
