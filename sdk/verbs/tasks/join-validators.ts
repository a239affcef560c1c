import { encodeFunctionData, type Hex } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

export type JoinValidatorsParameters = {
  taskId: bigint
  /** ASSAY wei of free stake to reserve; the weight in the draw is capped at four times the minimum. */
  amount: bigint
  /** Public key to which evidence is encrypted. */
  encryptionKey: Hex
}

/** The call of {@link joinValidators}, unsigned. */
export function joinValidatorsCall(
  deployment: Deployment,
  { taskId, amount, encryptionKey }: JoinValidatorsParameters,
): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({
      abi: iTasksAbi,
      functionName: 'joinValidators',
      args: [taskId, amount, encryptionKey],
    }),
    action: `join the validators of task ${taskId} with ${amount} wei`,
  }
}

/**
 * Bids for a place in the draw of committees. The bid counts once the validator is ready, from the round after the next one on; before
 * the task's first round from that one on. With all places taken, an opening replaces the smallest by larger bids, at most four.
 *
 * @example await joinValidators(client, { taskId: 1n, amount: parseEther('1000'), encryptionKey })
 */
export function joinValidators(
  client: AssayClient,
  parameters: JoinValidatorsParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, joinValidatorsCall(client.deployment, parameters), options)
}
