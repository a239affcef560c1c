import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iStakeRegistryAbi } from '../../generated/IStakeRegistry.ts'

/** The call of {@link burnSlashed}, unsigned. */
export function burnSlashedCall(deployment: Deployment): Call {
  return {
    to: deployment.contracts.stakeRegistry,
    data: encodeFunctionData({ abi: iStakeRegistryAbi, functionName: 'burnSlashed' }),
    action: 'burn slashed stake',
  }
}

/**
 * Burns all that was slashed or taken as fee. Anyone can.
 *
 * @example await burnSlashed(client)
 * @returns the burnt ASSAY wei: `value.amount`
 */
export function burnSlashed(client: AssayClient, options?: SendOptions): Promise<Sent<{ amount: bigint }>> {
  return withValue(send(client, burnSlashedCall(client.deployment), options), (receipt) => ({
    amount: eventIn(receipt, iStakeRegistryAbi, 'SlashedBurnt').amount,
  }))
}
