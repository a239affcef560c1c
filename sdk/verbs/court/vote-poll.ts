import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iJuryAbi } from '../../generated/IJury.ts'

export type VotePollParameters = {
  caseId: bigint
  /** The juror's place in the roster. */
  place: number
  /** Whether the verdict is to be carried out at once; else it is to be annulled. */
  isForExecution: boolean
}

/** The call of {@link votePoll}, unsigned. */
export function votePollCall(
  deployment: Deployment,
  { caseId, place, isForExecution }: VotePollParameters,
): Call {
  return {
    to: deployment.contracts.jury,
    data: encodeFunctionData({
      abi: iJuryAbi,
      functionName: 'votePoll',
      args: [caseId, BigInt(place), isForExecution],
    }),
    action: `vote that the suspended verdict of case ${caseId} be ${isForExecution ? 'carried out' : 'annulled'}`,
  }
}

/**
 * Votes about a verdict that the guardian has suspended, as somebody who was a juror then. Once a juror. More than half of all jurors'
 * weight has it carried out at once, or annuls it.
 *
 * @example await votePoll(client, { caseId, place, isForExecution: true })
 */
export function votePoll(
  client: AssayClient,
  parameters: VotePollParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, votePollCall(client.deployment, parameters), options)
}
