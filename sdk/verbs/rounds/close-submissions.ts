import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type CloseSubmissionsParameters = {
  taskId: bigint
}

/** The call of {@link closeSubmissions}, unsigned. */
export function closeSubmissionsCall(deployment: Deployment, { taskId }: CloseSubmissionsParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'closeSubmissions', args: [taskId] }),
    action: `close the submissions of task ${taskId}`,
  }
}

/**
 * Ends the submit phase and fixes which future beacon value counts. Without a submission the round is void. Anyone can.
 *
 * @example await closeSubmissions(client, { taskId: 1n })
 */
export function closeSubmissions(
  client: AssayClient,
  parameters: CloseSubmissionsParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, closeSubmissionsCall(client.deployment, parameters), options)
}
