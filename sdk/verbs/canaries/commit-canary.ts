import { encodeFunctionData } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { eventIn } from '../../client/events.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iCanariesAbi } from '../../generated/ICanaries.ts'
import type { Hash } from '../../protocol/random.ts'
import { allow } from '../assay-token/allow.ts'

export type CommitCanaryParameters = {
  taskId: bigint
  round: number
  /** From `canaryDigest`, with a salt that is kept: without it the canary can't be opened. */
  digest: Hash
  /** ASSAY wei: the task's `contributorStake`. */
  bond: bigint
}

/** Committing with a bond that the contract was approved for, unsigned. */
export function commitCanaryCall(
  deployment: Deployment,
  { taskId, round, digest }: Omit<CommitCanaryParameters, 'bond'>,
): Call {
  return {
    to: deployment.contracts.canaries,
    data: encodeFunctionData({ abi: iCanariesAbi, functionName: 'commit', args: [taskId, round, digest] }),
    action: `commit to a canary in round ${round} of task ${taskId}`,
  }
}

/**
 * Commits to what seats should say of a submission, before its round opens. Approves the contract for the bond first.
 *
 * @example
 * const digest = canaryDigest({ owner, taskId, round, contributor }, CANARY_TRUTHS.helps, { at, salt })
 * const sent = await commitCanary(client, { taskId, round, digest, bond: params.contributorStake })
 * @returns the number of the canary: `value.canaryId`
 */
export async function commitCanary(
  client: AssayClient,
  parameters: CommitCanaryParameters,
  options?: SendOptions,
): Promise<Sent<{ canaryId: bigint }>> {
  const { assayToken: token, canaries: spender } = client.deployment.contracts
  const allowed = await allow(client, { token, spender, amount: parameters.bond })
  if (allowed.status === 'failed' || allowed.status === 'pending') return allowed
  return withValue(send(client, commitCanaryCall(client.deployment, parameters), options), (receipt) => {
    const { canaryId } = eventIn(receipt, iCanariesAbi, 'CanaryCommitted')
    return { canaryId }
  })
}
