import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type SealParameters = {
  taskId: bigint
}

/** The call of {@link seal}, unsigned. */
export function sealCall(deployment: Deployment, { taskId }: SealParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'seal', args: [taskId] }),
    action: `seal the round of task ${taskId}`,
  }
}

/**
 * Fixes the round's beacon, from which all draws follow. An expired beacon voids the round. Anyone can.
 *
 * @example await seal(client, { taskId: 1n })
 */
export function seal(client: AssayClient, parameters: SealParameters, options?: SendOptions): Promise<Sent> {
  return send(client, sealCall(client.deployment, parameters), options)
}
