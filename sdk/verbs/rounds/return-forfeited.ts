import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventsIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type ReturnForfeitedParameters = {
  taskId: bigint
}

/** The call of {@link returnForfeited}, unsigned. */
export function returnForfeitedCall(deployment: Deployment, { taskId }: ReturnForfeitedParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'returnForfeited', args: [taskId] }),
    action: `return the forfeited pay of task ${taskId}`,
  }
}

/**
 * Moves pay that verdicts took to the escrow, as funds of the task. Anyone can, at any time; `forfeited` of `readTaskFunds` says
 * how much there is.
 *
 * @example await returnForfeited(client, { taskId: 1n })
 * @returns the returned reward wei: `value.amount`
 */
export function returnForfeited(
  client: AssayClient,
  parameters: ReturnForfeitedParameters,
  options?: SendOptions,
): Promise<Sent<{ amount: bigint }>> {
  const call = returnForfeitedCall(client.deployment, parameters)
  return withValue(send(client, call, options), (receipt) => ({
    amount: eventsIn(receipt, iRoundsAbi, 'ForfeitedReturned')[0]?.amount ?? 0n,
  }))
}
