import { type Address, encodeFunctionData, erc20Abi } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'

export type ApproveParameters = {
  /** ERC-20. */
  token: Address
  spender: Address
  /** Wei of the token; what was approved before is replaced. */
  amount: bigint
}

/** The call of {@link approve}, unsigned. */
export function approveCall({ token, spender, amount }: ApproveParameters): Call {
  return {
    to: token,
    data: encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [spender, amount] }),
    action: `let ${spender} take ${amount} wei of ${token}`,
  }
}

/**
 * Lets a contract take tokens.
 *
 * @example await approve(client, { token, spender: deployment.contracts.tasks, amount })
 */
export function approve(
  client: AssayClient,
  parameters: ApproveParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, approveCall(parameters), options)
}
