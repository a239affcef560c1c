import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { type Call, type SendOptions, type Sent, send } from '../../client/send.ts'
import { iCanariesAbi } from '../../generated/ICanaries.ts'
import type { CanaryTruth } from '../../protocol/canary.ts'
import type { Hash } from '../../protocol/random.ts'
import { allow } from '../assay-token/allow.ts'
import type { CanaryProof } from './read-canary-proof.ts'

/** What a canary's commitment hides. */
export type HiddenCanary = { canaryId: bigint; contributor: Address; truth: CanaryTruth; salt: Hash }

export type OpenCanaryParameters = HiddenCanary &
  Pick<CanaryProof, 'page' | 'paid' | 'pay'> & {
    /** What the task pays in. */
    rewardToken: Address
  }

/** Opening a canary whose pay the contract was approved for, unsigned. */
export function openCanaryCall(
  deployment: Deployment,
  { canaryId, contributor, truth, salt, page, paid }: Omit<OpenCanaryParameters, 'pay' | 'rewardToken'>,
): Call {
  return {
    to: deployment.contracts.canaries,
    data: encodeFunctionData({
      abi: iCanariesAbi,
      functionName: 'open',
      args: [canaryId, contributor, truth, salt, page, paid],
    }),
    action: `open canary ${canaryId}`,
  }
}

/**
 * Opens a canary: shows whose submission it is and what is right, gives its pay to the task's owner, and gets the bond back.
 * Approves the contract for the pay first. From the end of all cohorts of the round until it is final.
 *
 * @example
 * const proof = await readCanaryProof(client, { taskId, round, contributor })
 * await openCanary(client, { canaryId, contributor, truth, salt, rewardToken, ...proof })
 */
export async function openCanary(
  client: AssayClient,
  parameters: OpenCanaryParameters,
  options?: SendOptions,
): Promise<Sent> {
  const { pay: amount, rewardToken: token } = parameters
  const allowed = await allow(client, { token, spender: client.deployment.contracts.canaries, amount })
  if (allowed.status === 'failed' || allowed.status === 'pending') return allowed
  return send(client, openCanaryCall(client.deployment, parameters), options)
}
