import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type VoidCohortParameters = {
  taskId: bigint
  cohort: number
}

/** The call of {@link voidCohort}, unsigned. */
export function voidCohortCall(deployment: Deployment, { taskId, cohort }: VoidCohortParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'voidCohort', args: [taskId, cohort] }),
    action: `void cohort ${cohort} of task ${taskId}`,
  }
}

/**
 * Ends a cohort that neither the first committee nor the redraw scored. Anyone can.
 *
 * @example await voidCohort(client, { taskId: 1n, cohort: 3 })
 */
export function voidCohort(
  client: AssayClient,
  parameters: VoidCohortParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, voidCohortCall(client.deployment, parameters), options)
}
