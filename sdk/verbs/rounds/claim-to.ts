import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type ClaimToParameters = {
  taskId: bigint
  to: Address
}

/** The call of {@link claimTo}, unsigned. */
export function claimToCall(deployment: Deployment, { taskId, to }: ClaimToParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'claimTo', args: [taskId, to] }),
    action: `claim earnings of task ${taskId} to ${to}`,
  }
}

/**
 * Pays all of the sender's matured earnings in a task to another account.
 *
 * @example await claimTo(client, { taskId: 1n, to })
 * @returns the paid reward wei: `value.amount`
 */
export function claimTo(
  client: AssayClient,
  parameters: ClaimToParameters,
  options?: SendOptions,
): Promise<Sent<{ amount: bigint }>> {
  return withValue(send(client, claimToCall(client.deployment, parameters), options), (receipt) => ({
    amount: eventIn(receipt, iRoundsAbi, 'Claimed').amount,
  }))
}
