import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import type { CaseFacts } from '../../protocol/cases.ts'
import { factsArgument } from './facts-argument.ts'

export type SuspendParameters = { caseId: bigint; facts: CaseFacts }

/** The call of {@link suspend}, unsigned. */
export function suspendCall(deployment: Deployment, { caseId, facts }: SuspendParameters): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({
      abi: iCourtAbi,
      functionName: 'suspend',
      args: [caseId, factsArgument(facts)],
    }),
    action: `suspend the verdict of case ${caseId}`,
  }
}

/**
 * Suspends a verdict of guilty before its penalty can be taken, once: meanwhile all jurors vote about it. Only the deployment's guardian
 * can.
 *
 * @example await suspend(client, { caseId, facts })
 */
export function suspend(
  client: AssayClient,
  parameters: SuspendParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, suspendCall(client.deployment, parameters), options)
}
