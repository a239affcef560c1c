import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iStakeRegistryAbi } from '../../generated/IStakeRegistry.ts'

/** The call of {@link withdraw}, unsigned. */
export function withdrawCall(deployment: Deployment): Call {
  return {
    to: deployment.contracts.stakeRegistry,
    data: encodeFunctionData({ abi: iStakeRegistryAbi, functionName: 'withdraw' }),
    action: 'withdraw unbonded stake',
  }
}

/**
 * Pays out the unbonded stake once its time has come.
 *
 * @example const sent = await withdraw(client)
 * @returns the paid ASSAY wei: `value.amount`
 */
export function withdraw(client: AssayClient, options?: SendOptions): Promise<Sent<{ amount: bigint }>> {
  return withValue(send(client, withdrawCall(client.deployment), options), (receipt) => ({
    amount: eventIn(receipt, iStakeRegistryAbi, 'Withdrawn').amount,
  }))
}
