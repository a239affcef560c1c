import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

export type RaiseValidatorStakeParameters = {
  taskId: bigint
  /** ASSAY wei of free stake to reserve on top. */
  amount: bigint
}

/** The call of {@link raiseValidatorStake}, unsigned. */
export function raiseValidatorStakeCall(
  deployment: Deployment,
  { taskId, amount }: RaiseValidatorStakeParameters,
): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({ abi: iTasksAbi, functionName: 'raiseValidatorStake', args: [taskId, amount] }),
    action: `raise the validator's stake in task ${taskId} by ${amount} wei`,
  }
}

/**
 * Reserves more stake for a validator's place, which counts at the next opening. Without a place in the roster it is a new bid.
 *
 * @example await raiseValidatorStake(client, { taskId: 1n, amount: parseEther('100') })
 */
export function raiseValidatorStake(
  client: AssayClient,
  parameters: RaiseValidatorStakeParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, raiseValidatorStakeCall(client.deployment, parameters), options)
}
