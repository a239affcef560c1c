import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

export type LeaveParameters = {
  taskId: bigint
  /** The least reward wei of held pay that has to be released; 0n accepts to lose all of it. See `readReleasable`. */
  minReleased: bigint
}

/** The call of {@link leave}, unsigned. */
export function leaveCall(deployment: Deployment, { taskId, minReleased }: LeaveParameters): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({ abi: iTasksAbi, functionName: 'leaveTask', args: [taskId, minReleased] }),
    action: `leave task ${taskId}`,
  }
}

/**
 * Ends an enrolment and frees its stake, once the last round the contributor took part in is final. Held pay is released or cancelled;
 * if less than `minReleased` would be released, because a round opened in between, the call is refused.
 *
 * @example
 *   const { released } = await readReleasable(client, { taskId: 1n, contributor })
 *   await leave(client, { taskId: 1n, minReleased: released })
 */
export function leave(
  client: AssayClient,
  parameters: LeaveParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, leaveCall(client.deployment, parameters), options)
}
