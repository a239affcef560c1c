import { type Address, encodeFunctionData } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import type { Call } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import { type Accusation, accusationDigest } from '../../protocol/accusation.ts'
import type { Hash } from '../../protocol/random.ts'

/** An accusation, and the salt that hides it until its case is opened. */
export type CommitAccusationParameters = Accusation & { salt: Hash }

/** The commitment of an accusation on this deployment. */
export function digestOf(deployment: Deployment, { salt, ...accusation }: CommitAccusationParameters): Hash {
  const { chainId, contracts } = deployment
  return accusationDigest(accusation, { chainId, accusations: contracts.accusations }, salt)
}

/**
 * Committing to an accusation, unsigned. Its case can be opened from the next block on, for an hour; of several challengers who are
 * right about one fault the one that committed first gets the reward.
 */
export function commitAccusationCall(deployment: Deployment, parameters: CommitAccusationParameters): Call {
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iAccusationsAbi,
      functionName: 'commit',
      args: [digestOf(deployment, parameters)],
    }),
    action: 'commit to an accusation without showing it',
  }
}

/**
 * When an account committed to an accusation.
 *
 * @example const { committedBlock } = await readCommitment(reader, { challenger, digest })
 * @returns zeros if it didn't
 */
export async function readCommitment(
  { chain, deployment }: AssayReader,
  { challenger, digest, ...block }: { challenger: Address; digest: Hash } & AtBlock,
): Promise<{ committedBlock: bigint; expiresAt: number }> {
  const [committedBlock, expiresAt] = await chain.readContract({
    ...atBlock(block),
    address: deployment.contracts.accusations,
    abi: iAccusationsAbi,
    functionName: 'commitmentOf',
    args: [challenger, digest],
  })
  return { committedBlock, expiresAt: Number(expiresAt) }
}
