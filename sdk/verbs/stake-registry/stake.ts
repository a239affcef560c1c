import { type Address, encodeFunctionData, erc20Abi, type Hex, parseSignature } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { decodeFailure } from '../../client/errors.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iAssayTokenAbi } from '../../generated/IAssayToken.ts'
import { iStakeRegistryAbi } from '../../generated/IStakeRegistry.ts'
import { allow } from '../assay-token/allow.ts'

export type StakeParameters = {
  /** ASSAY wei. */
  amount: bigint
}

/** How long a permit is valid: long enough for a slow block, short enough that a leaked one is soon worthless. */
const PERMIT_SECONDS = 3_600n

/** Staking what the registry was approved for, unsigned. */
export function stakeCall(deployment: Deployment, { amount }: StakeParameters): Call {
  return {
    to: deployment.contracts.stakeRegistry,
    data: encodeFunctionData({ abi: iStakeRegistryAbi, functionName: 'stake', args: [amount] }),
    action: `stake ${amount} wei`,
  }
}

/**
 * Stakes ASSAY in one transaction, with a permit unless the registry is approved already. An account that can't sign
 * typed data approves first, in a transaction of its own.
 *
 * @example const sent = await stake(client, { amount: parseEther('1000') })
 */
export async function stake(
  client: AssayClient,
  parameters: StakeParameters,
  options?: SendOptions,
): Promise<Sent> {
  const { assayToken, stakeRegistry } = client.deployment.contracts
  try {
    const allowance = await client.chain.readContract({
      address: assayToken,
      abi: erc20Abi,
      functionName: 'allowance',
      args: [client.wallet.account.address, stakeRegistry],
    })
    if (allowance >= parameters.amount) return send(client, stakeCall(client.deployment, parameters), options)
  } catch (error) {
    return { status: 'failed', failure: decodeFailure(error) }
  }

  const permit = await signPermit(client, parameters.amount)
  if (permit.status === 'signed')
    return send(client, stakeWithPermitCall(client.deployment, parameters, permit), options)
  if (permit.failure.name === 'UserRejected' || permit.failure.kind === 'transient') {
    return { status: 'failed', failure: permit.failure }
  }
  const approval = { token: assayToken, spender: stakeRegistry, amount: parameters.amount }
  const allowed = await allow(client, approval)
  if (allowed.status === 'failed' || allowed.status === 'pending') return allowed
  return send(client, stakeCall(client.deployment, parameters), options)
}

type Permit = { signature: Hex; deadline: bigint }
type Signing =
  | ({ status: 'signed' } & Permit)
  | { status: 'failed'; failure: ReturnType<typeof decodeFailure> }

async function signPermit({ deployment, chain, wallet }: AssayClient, value: bigint): Promise<Signing> {
  const { assayToken, stakeRegistry } = deployment.contracts
  const owner: Address = wallet.account.address
  try {
    const [nonce, { domain: told }, block] = await Promise.all([
      chain.readContract({ address: assayToken, abi: iAssayTokenAbi, functionName: 'nonces', args: [owner] }),
      chain.getEip712Domain({ address: assayToken }),
      chain.getBlock({ blockTag: 'latest' }),
    ])
    // The token's domain has no salt; viem would sign the zero that stands for it.
    const { salt: _, ...domain } = told
    const deadline = block.timestamp + PERMIT_SECONDS
    const message = { owner, spender: stakeRegistry, value, nonce, deadline }
    const signature = await wallet.signTypedData({ domain, types: PERMIT, primaryType: 'Permit', message })
    return { status: 'signed', signature, deadline }
  } catch (error) {
    return { status: 'failed', failure: decodeFailure(error) }
  }
}

const PERMIT = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const

function stakeWithPermitCall(deployment: Deployment, { amount }: StakeParameters, permit: Permit): Call {
  const { r, s, yParity } = parseSignature(permit.signature)
  return {
    to: deployment.contracts.stakeRegistry,
    data: encodeFunctionData({
      abi: iStakeRegistryAbi,
      functionName: 'stakeWithPermit',
      args: [amount, permit.deadline, 27 + yParity, r, s],
    }),
    action: `stake ${amount} wei`,
  }
}
