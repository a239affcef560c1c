import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type FinalizeRoundParameters = {
  taskId: bigint
}

/** The call of {@link finalizeRound}, unsigned. */
export function finalizeRoundCall(deployment: Deployment, { taskId }: FinalizeRoundParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'finalizeRound', args: [taskId] }),
    action: `finalize the round of task ${taskId}`,
  }
}

/**
 * Ends the round: accepts the next model, pays validators, slashes missed duties, releases what is not owed. Anyone can.
 *
 * @example await finalizeRound(client, { taskId: 1n })
 */
export function finalizeRound(
  client: AssayClient,
  parameters: FinalizeRoundParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, finalizeRoundCall(client.deployment, parameters), options)
}
