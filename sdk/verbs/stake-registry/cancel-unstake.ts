import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iStakeRegistryAbi } from '../../generated/IStakeRegistry.ts'

/** The call of {@link cancelUnstake}, unsigned. */
export function cancelUnstakeCall(deployment: Deployment): Call {
  return {
    to: deployment.contracts.stakeRegistry,
    data: encodeFunctionData({ abi: iStakeRegistryAbi, functionName: 'cancelUnstake' }),
    action: 'cancel the request to unstake',
  }
}

/**
 * Moves the unbonding amount back to active stake.
 *
 * @example await cancelUnstake(client)
 */
export function cancelUnstake(client: AssayClient, options?: SendOptions): Promise<Sent> {
  return send(client, cancelUnstakeCall(client.deployment), options)
}
