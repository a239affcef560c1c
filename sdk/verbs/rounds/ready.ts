import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'

export type ReadyParameters = {
  taskId: bigint
  /** Merkle root of the pool that the validator holds: the task's current or announced one. */
  poolRoot: Hash
}

/** The call of {@link ready}, unsigned. */
export function readyCall(deployment: Deployment, { taskId, poolRoot }: ReadyParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'ready', args: [taskId, poolRoot] }),
    action: `be ready to validate task ${taskId}`,
  }
}

/**
 * Says that the validator holds the held-out pool and can verify in time. Its bid counts only from then on, and its duties do, too.
 *
 * @example await ready(client, { taskId: 1n, poolRoot })
 */
export function ready(
  client: AssayClient,
  parameters: ReadyParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, readyCall(client.deployment, parameters), options)
}
