import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import type { CaseFacts } from '../../protocol/cases.ts'
import { factsArgument } from './facts-argument.ts'

export type AnnulParameters = { caseId: bigint; facts: CaseFacts }

/** The call of {@link annul}, unsigned. */
export function annulCall(deployment: Deployment, { caseId, facts }: AnnulParameters): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({
      abi: iCourtAbi,
      functionName: 'annul',
      args: [caseId, factsArgument(facts)],
    }),
    action: `end case ${caseId}, whose verdict all jurors took back`,
  }
}

/**
 * Ends a case whose suspended verdict all jurors have annulled: nobody loses anything. Anyone can.
 *
 * @example await annul(client, { caseId, facts })
 */
export function annul(
  client: AssayClient,
  parameters: AnnulParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, annulCall(client.deployment, parameters), options)
}
