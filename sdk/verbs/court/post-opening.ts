import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import type { CaseFacts } from '../../protocol/cases.ts'
import type { SubmissionContent } from '../../protocol/commitments.ts'
import { factsArgument } from './facts-argument.ts'

/** What a commitment hides. */
export type OpeningFields = Pick<
  SubmissionContent,
  'baseModelHash' | 'updateHash' | 'stateRoot' | 'steps' | 'dataRoot' | 'salt'
>

export type PostOpeningParameters = { caseId: bigint; facts: CaseFacts; fields: OpeningFields }

/** The call of {@link postOpening}, unsigned. */
export function postOpeningCall(deployment: Deployment, parameters: PostOpeningParameters): Call {
  const { caseId, facts, fields } = parameters
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({
      abi: iCourtAbi,
      functionName: 'postOpening',
      args: [caseId, factsArgument(facts), fields],
    }),
    action: `post the opening that case ${caseId} asks for`,
  }
}

/**
 * Posts what a commitment hides, which ends a case about a withheld opening. Anyone who knows the fields can.
 *
 * @example await postOpening(client, { caseId: 1n, facts, fields })
 */
export function postOpening(
  client: AssayClient,
  parameters: PostOpeningParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, postOpeningCall(client.deployment, parameters), options)
}
