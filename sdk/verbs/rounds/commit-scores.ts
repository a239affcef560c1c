import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'

export type CommitScoresParameters = {
  taskId: bigint
  /** From `scoreCommitment`. */
  digest: Hash
}

/** The call of {@link commitScores}, unsigned. */
export function commitScoresCall(deployment: Deployment, { taskId, digest }: CommitScoresParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'commitScores', args: [taskId, digest] }),
    action: `commit scores in task ${taskId}`,
  }
}

/**
 * Commits to the scores of all cohorts drawn for the sender, once an attempt.
 *
 * @example await commitScores(client, { taskId: 1n, digest: scoreCommitment(content) })
 */
export function commitScores(
  client: AssayClient,
  parameters: CommitScoresParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, commitScoresCall(client.deployment, parameters), options)
}
