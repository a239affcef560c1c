import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import type { TaskParams } from '../../protocol/task-params.ts'

export type CreateTaskParameters = {
  params: TaskParams
}

/** The call of {@link createTask}, unsigned. */
export function createTaskCall(deployment: Deployment, { params }: CreateTaskParameters): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({ abi: iTasksAbi, functionName: 'createTask', args: [params] }),
    action: `create a task with spec ${params.specHash}`,
  }
}

/**
 * Publishes a task. Everything about it is fixed from here on; fund it before its first round.
 *
 * @example const { value } = expectDone(await createTask(client, { params }))
 * @returns the new task: `value.taskId`
 */
export function createTask(
  client: AssayClient,
  parameters: CreateTaskParameters,
  options?: SendOptions,
): Promise<Sent<{ taskId: bigint }>> {
  return withValue(send(client, createTaskCall(client.deployment, parameters), options), (receipt) => ({
    taskId: eventIn(receipt, iTasksAbi, 'TaskCreated').taskId,
  }))
}
