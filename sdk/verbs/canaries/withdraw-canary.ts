import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCanariesAbi } from '../../generated/ICanaries.ts'
import type { HiddenCanary } from './open-canary.ts'

/** The number alone, or with what is hidden when the round has opened and the contributor submitted nothing. */
export type WithdrawCanaryParameters = { canaryId: bigint } | HiddenCanary

/** The call of {@link withdrawCanary}, unsigned. */
export function withdrawCanaryCall(deployment: Deployment, parameters: WithdrawCanaryParameters): Call {
  const { canaryId } = parameters
  const data =
    'salt' in parameters
      ? encodeFunctionData({
          abi: iCanariesAbi,
          functionName: 'withdrawUnsubmitted',
          args: [canaryId, parameters.contributor, parameters.truth, parameters.salt],
        })
      : encodeFunctionData({ abi: iCanariesAbi, functionName: 'withdraw', args: [canaryId] })
  return { to: deployment.contracts.canaries, data, action: `take the bond of canary ${canaryId} back` }
}

/**
 * Takes the bond of a canary back that will never be opened: before its round opens, if that was void, or, with what is hidden, if
 * its contributor submitted nothing.
 *
 * @example await withdrawCanary(client, { canaryId: 3n })
 */
export function withdrawCanary(
  client: AssayClient,
  parameters: WithdrawCanaryParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, withdrawCanaryCall(client.deployment, parameters), options)
}
