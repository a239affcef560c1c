import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import type { Hash } from '../../protocol/random.ts'

export type AnnouncePoolParameters = {
  taskId: bigint
  /** Merkle root of the new pool. */
  poolRoot: Hash
}

/** The call of {@link announcePool}, unsigned. */
export function announcePoolCall(deployment: Deployment, { taskId, poolRoot }: AnnouncePoolParameters): Call {
  return {
    to: deployment.contracts.tasks,
    data: encodeFunctionData({ abi: iTasksAbi, functionName: 'announcePool', args: [taskId, poolRoot] }),
    action: `announce the pool ${poolRoot} in task ${taskId}`,
  }
}

/**
 * Announces a new held-out pool, as the task's owner. Validators must be ready for it to count from the round after the next one on.
 *
 * @example const { value } = expectDone(await announcePool(client, { taskId: 1n, poolRoot }))
 * @returns the first round with it: `value.firstRound`
 */
export function announcePool(
  client: AssayClient,
  parameters: AnnouncePoolParameters,
  options?: SendOptions,
): Promise<Sent<{ firstRound: number }>> {
  return withValue(send(client, announcePoolCall(client.deployment, parameters), options), (receipt) => ({
    firstRound: eventIn(receipt, iTasksAbi, 'PoolAnnounced').firstRound,
  }))
}
