import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'

export type SubmitParameters = {
  taskId: bigint
  /** From `submissionCommitment`. */
  commitment: Hash
}

/** The call of {@link submit}, unsigned. */
export function submitCall(deployment: Deployment, { taskId, commitment }: SubmitParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'submit', args: [taskId, commitment] }),
    action: `submit to task ${taskId}`,
  }
}

/**
 * Posts the commitment to an update. The first one of a round counts.
 *
 * @example await submit(client, { taskId: 1n, commitment })
 */
export function submit(
  client: AssayClient,
  parameters: SubmitParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, submitCall(client.deployment, parameters), options)
}
