import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'

export type VoteAggregatesParameters = {
  taskId: bigint
  cohorts: readonly number[]
  /** Hash of each cohort's aggregate. */
  hashes: readonly Hash[]
}

/** The call of {@link voteAggregates}, unsigned. */
export function voteAggregatesCall(
  deployment: Deployment,
  { taskId, cohorts, hashes }: VoteAggregatesParameters,
): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({
      abi: iRoundsAbi,
      functionName: 'voteAggregates',
      args: [taskId, cohorts, hashes],
    }),
    action: `vote on ${cohorts.length} aggregates of task ${taskId}`,
  }
}

/**
 * Votes for the aggregates of settled cohorts, by their hashes. One vote a seat; it is final.
 *
 * @example await voteAggregates(client, { taskId: 1n, cohorts: [0], hashes: [hash] })
 */
export function voteAggregates(
  client: AssayClient,
  parameters: VoteAggregatesParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, voteAggregatesCall(client.deployment, parameters), options)
}
