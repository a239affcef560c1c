import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

export type ClaimParameters = {
  taskId: bigint
  /** Whose earnings are claimed, and who is paid; the sender by default. */
  account?: Address
}

/** The call of {@link claim}, unsigned. */
export function claimCall(deployment: Deployment, { taskId, account }: Required<ClaimParameters>): Call {
  return {
    to: deployment.contracts.rounds,
    data: encodeFunctionData({ abi: iRoundsAbi, functionName: 'claim', args: [taskId, account] }),
    action: `claim what ${account} earned in task ${taskId}`,
  }
}

/**
 * Pays all matured earnings of an account in a task, of any number of rounds. Anyone can.
 *
 * @example const { value } = expectDone(await claim(client, { taskId: 1n }))
 * @returns the paid reward wei: `value.amount`
 */
export function claim(
  client: AssayClient,
  parameters: ClaimParameters,
  options?: SendOptions,
): Promise<Sent<{ amount: bigint }>> {
  const account = parameters.account ?? client.wallet.account.address
  const call = claimCall(client.deployment, { taskId: parameters.taskId, account })
  return withValue(send(client, call, options), (receipt) => ({
    amount: eventIn(receipt, iRoundsAbi, 'Claimed').amount,
  }))
}
