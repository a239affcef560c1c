import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

export type ReleaseValidatorParameters = {
  taskId: bigint
  validator: Address
}

/** The call of {@link releaseValidator}, unsigned. */
export function releaseValidatorCall(
  deployment: Deployment,
  { taskId, validator }: ReleaseValidatorParameters,
): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({ abi: iTasksAbi, functionName: 'releaseValidator', args: [taskId, validator] }),
    action: `release the stake of ${validator} in task ${taskId}`,
  }
}

/**
 * Frees the reserved stake of a validator that has left, once its last round is final. Anyone can.
 *
 * @example await releaseValidator(client, { taskId: 1n, validator })
 */
export function releaseValidator(
  client: AssayClient,
  parameters: ReleaseValidatorParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, releaseValidatorCall(client.deployment, parameters), options)
}
