import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iCanariesAbi } from '../../generated/ICanaries.ts'

/**
 * Whether a submission was shown to be a canary without an opening: nobody can be accused of withholding it.
 *
 * @example if (await readUnopenable(reader, { taskId, round, contributor })) return
 */
export function readUnopenable(
  { chain, deployment }: AssayReader,
  { taskId, round, contributor, ...block }: { taskId: bigint; round: number; contributor: Address } & AtBlock,
): Promise<boolean> {
  return chain.readContract({
    ...atBlock(block),
    address: deployment.contracts.canaries,
    abi: iCanariesAbi,
    functionName: 'isUnopenable',
    args: [taskId, round, contributor],
  })
}
