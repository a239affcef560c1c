import type { Hex } from 'viem'
import type { AssayClient } from '../../client/clients.ts'
import { submissionTypedData } from '../../protocol/commitments.ts'
import type { Hash } from '../../protocol/random.ts'

export type SignSubmissionParameters = { taskId: bigint; round: number; commitment: Hash }

/**
 * Signs a submission, so that anyone can relay it with {@link submitBatch}. Sends nothing.
 *
 * @example const signature = await signSubmission(client, { taskId: 1n, round: 3, commitment })
 */
export function signSubmission(
  { deployment, wallet }: AssayClient,
  submission: SignSubmissionParameters,
): Promise<Hex> {
  const { chainId, contracts } = deployment
  return wallet.signTypedData(submissionTypedData({ chainId, rounds: contracts.rounds, ...submission }))
}
