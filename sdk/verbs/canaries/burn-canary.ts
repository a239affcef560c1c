import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCanariesAbi } from '../../generated/ICanaries.ts'

/** The call of {@link burnCanary}, unsigned. */
export function burnCanaryCall(deployment: Deployment, { canaryId }: { canaryId: bigint }): Call {
  return {
    to: deployment.contracts.canaries,
    data: encodeFunctionData({ abi: iCanariesAbi, functionName: 'burn', args: [canaryId] }),
    action: `burn the bond of canary ${canaryId}`,
  }
}

/**
 * Burns the bond of a canary that its owner didn't open in time. Anyone can.
 *
 * @example await burnCanary(client, { canaryId: 3n })
 */
export function burnCanary(
  client: AssayClient,
  parameters: { canaryId: bigint },
  options?: SendOptions,
): Promise<Sent> {
  return send(client, burnCanaryCall(client.deployment, parameters), options)
}
