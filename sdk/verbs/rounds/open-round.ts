import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type OpenRoundParameters = {
  taskId: bigint
}

/** The call of {@link openRound}, unsigned. */
export function openRoundCall(deployment: Deployment, { taskId }: OpenRoundParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'openRound', args: [taskId] }),
    action: `open the next round of task ${taskId}`,
  }
}

/**
 * Opens the next round: freezes the roster and reserves the most that the round can cost. Anyone can.
 *
 * @example await openRound(client, { taskId: 1n })
 */
export function openRound(
  client: AssayClient,
  parameters: OpenRoundParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, openRoundCall(client.deployment, parameters), options)
}
