import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

export type RefundTaskParameters = {
  taskId: bigint
}

/** The call of {@link refundTask}, unsigned. */
export function refundTaskCall(deployment: Deployment, { taskId }: RefundTaskParameters): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({ abi: iTasksAbi, functionName: 'refund', args: [taskId] }),
    action: `refund task ${taskId}`,
  }
}

/**
 * Refunds what became unreserved since the task was closed. Anyone can; it goes to the owner.
 *
 * @example await refundTask(client, { taskId: 1n })
 * @returns the refunded reward wei: `value.amount`
 */
export function refundTask(
  client: AssayClient,
  parameters: RefundTaskParameters,
  options?: SendOptions,
): Promise<Sent<{ amount: bigint }>> {
  return withValue(send(client, refundTaskCall(client.deployment, parameters), options), (receipt) => ({
    amount: eventIn(receipt, iTasksAbi, 'TaskRefunded').amount,
  }))
}
