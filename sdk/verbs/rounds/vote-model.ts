import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'

export type VoteModelParameters = {
  taskId: bigint
  modelHash: Hash
}

/** The call of {@link voteModel}, unsigned. */
export function voteModelCall(deployment: Deployment, { taskId, modelHash }: VoteModelParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'voteModel', args: [taskId, modelHash] }),
    action: `vote on the next model of task ${taskId}`,
  }
}

/**
 * Votes for the next global model, as a seat of the root committee. The vote is final.
 *
 * @example await voteModel(client, { taskId: 1n, modelHash })
 */
export function voteModel(
  client: AssayClient,
  parameters: VoteModelParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, voteModelCall(client.deployment, parameters), options)
}
