import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iStakeRegistryAbi } from '../../generated/IStakeRegistry.ts'

export type RequestUnstakeParameters = {
  /** ASSAY wei of free stake. */
  amount: bigint
}

/** The call of {@link requestUnstake}, unsigned. */
export function requestUnstakeCall(deployment: Deployment, { amount }: RequestUnstakeParameters): Call {
  return {
    to: deployment.contracts.stakeRegistry,
    data: encodeFunctionData({ abi: iStakeRegistryAbi, functionName: 'requestUnstake', args: [amount] }),
    action: `request to unstake ${amount} wei`,
  }
}

/**
 * Requests to unstake. The stake stays slashable until it is withdrawn, after the unbonding time. One request at a time.
 *
 * @example await requestUnstake(client, { amount: parseEther('100') })
 * @returns the time it becomes available: `value.availableAt`, unix seconds
 */
export function requestUnstake(
  client: AssayClient,
  parameters: RequestUnstakeParameters,
  options?: SendOptions,
): Promise<Sent<{ availableAt: number }>> {
  return withValue(send(client, requestUnstakeCall(client.deployment, parameters), options), (receipt) => ({
    availableAt: Number(eventIn(receipt, iStakeRegistryAbi, 'UnstakeRequested').availableAt),
  }))
}
