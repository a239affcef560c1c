import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventsIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type CollectParameters = {
  taskId: bigint
}

/** The call of {@link collect}, unsigned. */
export function collectCall(deployment: Deployment, { taskId }: CollectParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'collect', args: [taskId] }),
    action: `collect the credited pay of task ${taskId}`,
  }
}

/**
 * Moves credited pay from the escrow to the purse. The end of a round does so; this call doesn't wait for it, and tries again after the
 * reward token refused. Anyone can, at any time.
 *
 * @example await collect(client, { taskId: 1n })
 * @returns the collected reward wei: `value.amount`, 0 when there was nothing to collect
 */
export function collect(
  client: AssayClient,
  parameters: CollectParameters,
  options?: SendOptions,
): Promise<Sent<{ amount: bigint }>> {
  const call = collectCall(client.deployment, parameters)
  return withValue(send(client, call, options), (receipt) => ({
    amount: eventsIn(receipt, iRoundsAbi, 'Collected')[0]?.amount ?? 0n,
  }))
}
