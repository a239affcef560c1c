import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type SettleParameters = {
  taskId: bigint
  cohorts: readonly number[]
  /** Members of all these cohorts, in cohort and position order. */
  contributors: readonly Address[]
}

/** The call of {@link settle}, unsigned. */
export function settleCall(
  deployment: Deployment,
  { taskId, cohorts, contributors }: SettleParameters,
): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({
      abi: iRoundsAbi,
      functionName: 'settle',
      args: [taskId, cohorts, contributors],
    }),
    action: `settle ${cohorts.length} cohorts of task ${taskId}`,
  }
}

/**
 * Settles cohorts: takes medians, evaluates the formula and credits earnings. Anyone can; settled ones are skipped.
 *
 * @example await settle(client, { taskId: 1n, cohorts: [0], contributors })
 */
export function settle(
  client: AssayClient,
  parameters: SettleParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, settleCall(client.deployment, parameters), options)
}
