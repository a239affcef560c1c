import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import type { Hash } from '../../protocol/random.ts'

/**
 * What the chain keeps of the samples that a contributor enrolled with; zero for who never enrolled. It stays the same while an
 * enrolment lasts.
 *
 * @example const dataRoot = await readDataRoot(reader, { taskId: 1n, contributor })
 */
export function readDataRoot(
  { chain, deployment }: AssayReader,
  { taskId, contributor, ...block }: AtBlock & { taskId: bigint; contributor: Address },
): Promise<Hash> {
  return chain.readContract({
    address: deployment.contracts.tasks,
    abi: iTasksAbi,
    functionName: 'dataRootOf',
    args: [taskId, contributor],
    ...atBlock(block),
  })
}
