import { type Address, encodeFunctionData, erc20Abi } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'

export type TransferParameters = {
  /** ERC-20. */
  token: Address
  to: Address
  /** Wei of the token. */
  amount: bigint
}

/** The call of {@link transfer}, unsigned. */
export function transferCall({ token, to, amount }: TransferParameters): Call {
  return {
    to: token,
    data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to, amount] }),
    action: `send ${amount} wei of ${token} to ${to}`,
  }
}

/**
 * Sends tokens.
 *
 * @example await transfer(client, { token: deployment.contracts.assayToken, to, amount })
 */
export function transfer(
  client: AssayClient,
  parameters: TransferParameters,
  options?: SendOptions,
): Promise<Sent> {
  return send(client, transferCall(parameters), options)
}
