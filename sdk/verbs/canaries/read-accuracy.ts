import { type Address, zeroAddress } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iCanariesAbi } from '../../generated/ICanaries.ts'

/** How often a validator was right about canaries. */
export type Accuracy = { right: number; judged: number }

/**
 * How often a validator was right about opened canaries, as far as somebody booked it.
 *
 * @param parameters.owner whose canaries; left out, those of all owners that are proven to have no opening
 * @example const { right, judged } = await readAccuracy(reader, { taskId: 1n, validator })
 */
export async function readAccuracy(
  { chain, deployment }: AssayReader,
  { taskId, validator, owner, ...block }: { taskId: bigint; validator: Address; owner?: Address } & AtBlock,
): Promise<Accuracy> {
  const [right, judged] = await chain.readContract({
    ...atBlock(block),
    address: deployment.contracts.canaries,
    abi: iCanariesAbi,
    functionName: 'accuracyOf',
    args: [taskId, validator, owner ?? zeroAddress],
  })
  return { right: Number(right), judged: Number(judged) }
}
