import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'

export type WithdrawOwedParameters = {
  /** Who receives it. */
  account: Address
}

/** The call of {@link withdrawOwed}, unsigned. */
export function withdrawOwedCall(deployment: Deployment, { account }: WithdrawOwedParameters): Call {
  return {
    to: deployment.contracts.court,
    data: encodeFunctionData({ abi: iCourtAbi, functionName: 'withdraw', args: [account] }),
    action: `pay what the court owes ${account}`,
  }
}

/**
 * Pays what the court owes an account, to that account. Anyone can call it.
 *
 * @example const sent = await withdrawOwed(client, { account })
 * @returns the paid ASSAY wei: `value.amount`
 */
export function withdrawOwed(
  client: AssayClient,
  parameters: WithdrawOwedParameters,
  options?: SendOptions,
): Promise<Sent<{ amount: bigint }>> {
  return withValue(send(client, withdrawOwedCall(client.deployment, parameters), options), (receipt) => ({
    amount: eventIn(receipt, iCourtAbi, 'Withdrawn').amount,
  }))
}
