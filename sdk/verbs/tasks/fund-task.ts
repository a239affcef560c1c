import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { decodeFailure } from '../../client/errors.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import { allow } from '../assay-token/allow.ts'

export type FundTaskParameters = {
  taskId: bigint
  /** Wei of the task's reward token. */
  amount: bigint
}

/** Funding from what the tasks contract was approved for, unsigned. */
export function fundTaskCall(deployment: Deployment, { taskId, amount }: FundTaskParameters): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({ abi: iTasksAbi, functionName: 'fund', args: [taskId, amount] }),
    action: `fund task ${taskId} with ${amount} wei`,
  }
}

/**
 * Adds reward tokens to a task's escrow; anyone can. Approves the amount first when the allowance is too low.
 *
 * @example await fundTask(client, { taskId: 1n, amount: parseUnits('5000', 6) })
 */
export async function fundTask(
  client: AssayClient,
  parameters: FundTaskParameters,
  options?: SendOptions,
): Promise<Sent> {
  const { tasks } = client.deployment.contracts
  try {
    const { rewardToken: token } = await client.chain.readContract({
      address: tasks,
      abi: iTasksAbi,
      functionName: 'paramsOf',
      args: [parameters.taskId],
    })
    const allowed = await allow(client, { token, spender: tasks, amount: parameters.amount })
    if (allowed.status === 'failed' || allowed.status === 'pending') return allowed
  } catch (error) {
    return { status: 'failed', failure: decodeFailure(error) }
  }
  return send(client, fundTaskCall(client.deployment, parameters), options)
}
