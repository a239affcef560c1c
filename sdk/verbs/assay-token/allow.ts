import { type Address, erc20Abi } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import { decodeFailure } from '../../client/errors.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { type ApproveParameters, approveCall } from './approve.ts'

export type AllowCallsParameters = ApproveParameters & {
  /** Whose tokens they are. */
  owner: Address
}

/**
 * The approvals, unsigned, that let a contract take an amount: none if it may already. Some tokens, USDT among them, refuse to
 * change an allowance that isn't 0; then it is set to 0 first.
 *
 * @throws when the node doesn't answer
 */
export async function allowCalls(reader: AssayReader, parameters: AllowCallsParameters): Promise<Call[]> {
  const { token, spender, owner, amount } = parameters
  const allowance = await reader.chain.readContract({
    address: token,
    abi: erc20Abi,
    functionName: 'allowance',
    args: [owner, spender],
  })
  if (allowance >= amount) return []
  const approval = approveCall(parameters)
  const isRefused = allowance > 0n && (await refuses(reader, approval, owner))
  return isRefused ? [approveCall({ ...parameters, amount: 0n }), approval] : [approval]
}

/**
 * Lets a contract take an amount of tokens, with no, one or two transactions.
 *
 * @returns the outcome of the last approval, or `enough` when none was needed
 * @example const allowed = await allow(client, { token, spender: deployment.contracts.tasks, amount })
 */
export async function allow(
  client: AssayClient,
  parameters: ApproveParameters,
  options?: SendOptions,
): Promise<Sent | { status: 'enough' }> {
  const owner = client.wallet.account.address
  let last: Sent | { status: 'enough' } = { status: 'enough' }
  try {
    for (const call of await allowCalls(client, { ...parameters, owner })) {
      last = await send(client, call, options)
      if (last.status !== 'done') break
    }
  } catch (error) {
    return { status: 'failed', failure: decodeFailure(error) }
  }
  return last
}

async function refuses({ chain }: AssayReader, { to, data }: Call, account: Address): Promise<boolean> {
  try {
    await chain.call({ account, to, data })
    return false
  } catch (error) {
    if (decodeFailure(error).kind === 'transient') throw error
    return true
  }
}
