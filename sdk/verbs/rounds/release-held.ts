import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventsIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type ReleaseHeldParameters = {
  taskId: bigint
  contributor: Address
}

/** The call of {@link releaseHeld}, unsigned. */
export function releaseHeldCall(
  deployment: Deployment,
  { taskId, contributor }: ReleaseHeldParameters,
): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'releaseHeld', args: [taskId, contributor] }),
    action: `release what is held for ${contributor} in task ${taskId}`,
  }
}

/**
 * Ends the hold of a contributor that doesn't leave, by the rule of leaving. Anyone can, from 28 days after the task's last round
 * became final on, while no round is open.
 *
 * @example await releaseHeld(client, { taskId: 1n, contributor })
 * @returns reward wei that were credited to the contributor, `value.released`, and went back to the escrow, `value.cancelled`
 */
export function releaseHeld(
  client: AssayClient,
  parameters: ReleaseHeldParameters,
  options?: SendOptions,
): Promise<Sent<{ released: bigint; cancelled: bigint }>> {
  const call = releaseHeldCall(client.deployment, parameters)
  return withValue(send(client, call, options), (receipt) => ({
    released: eventsIn(receipt, iRoundsAbi, 'HeldReleased')[0]?.amount ?? 0n,
    cancelled: eventsIn(receipt, iRoundsAbi, 'HeldCancelled')[0]?.amount ?? 0n,
  }))
}
