import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

export type LeaveValidatorsParameters = {
  taskId: bigint
}

/** The call of {@link leaveValidators}, unsigned. */
export function leaveValidatorsCall(deployment: Deployment, { taskId }: LeaveValidatorsParameters): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({ abi: iTasksAbi, functionName: 'leaveValidators', args: [taskId] }),
    action: `leave the validators of task ${taskId}`,
  }
}

/**
 * Leaves the draw from the next round on; duties of the open round stay. Release the stake afterwards: a validator that nothing can draw
 * any more is released at once.
 *
 * @example await leaveValidators(client, { taskId: 1n })
 */
export function leaveValidators(
  client: AssayClient,
  parameters: LeaveValidatorsParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, leaveValidatorsCall(client.deployment, parameters), options)
}
