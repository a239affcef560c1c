import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type RedrawCommitteesParameters = {
  taskId: bigint
  cohorts: readonly number[]
}

/** The call of {@link redrawCommittees}, unsigned. */
export function redrawCommitteesCall(
  deployment: Deployment,
  { taskId, cohorts }: RedrawCommitteesParameters,
): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'redrawCommittees', args: [taskId, cohorts] }),
    action: `draw second committees of ${cohorts.length} cohorts of task ${taskId}`,
  }
}

/**
 * Draws the second committees of cohorts whose first one gave no majority. Cohorts that need none are skipped. Anyone can, while the
 * redraw lasts.
 *
 * @example await redrawCommittees(client, { taskId: 1n, cohorts: [3, 5] })
 */
export function redrawCommittees(
  client: AssayClient,
  parameters: RedrawCommitteesParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, redrawCommitteesCall(client.deployment, parameters), options)
}
