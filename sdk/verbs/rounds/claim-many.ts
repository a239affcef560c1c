import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventsIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type ClaimManyParameters = {
  requests: readonly { taskId: bigint; account: Address }[]
}

/** What was paid, in reward wei of each task, and what could not be paid. */
export type ClaimManyValue = {
  paid: { taskId: bigint; account: Address; amount: bigint }[]
  skipped: { taskId: bigint; account: Address }[]
}

/** The call of {@link claimMany}, unsigned. */
export function claimManyCall(deployment: Deployment, { requests }: ClaimManyParameters): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'claimMany', args: [requests] }),
    action: `claim ${requests.length} earnings`,
  }
}

/**
 * Claims for many accounts and tasks at once. Each account is paid its own earnings; a claim that can't be paid is skipped.
 *
 * @example await claimMany(client, { requests: [{ taskId: 1n, account }] })
 */
export function claimMany(
  client: AssayClient,
  parameters: ClaimManyParameters,
  options?: SendOptions,
): Promise<Sent<ClaimManyValue>> {
  return withValue(send(client, claimManyCall(client.deployment, parameters), options), (receipt) => ({
    paid: eventsIn(receipt, iRoundsAbi, 'Claimed').map(({ taskId, account, amount }) => ({
      taskId,
      account,
      amount,
    })),
    skipped: eventsIn(receipt, iRoundsAbi, 'ClaimSkipped').map(({ taskId, account }) => ({
      taskId,
      account,
    })),
  }))
}
