import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

/**
 * Number of tasks; they are numbered from 1.
 *
 * @example const count = await readTaskCount(reader)
 */
export function readTaskCount({ deployment, chain }: AssayReader, at: AtBlock = {}): Promise<bigint> {
  return chain.readContract({
    address: deployment.contracts.tasks,
    abi: iTasksAbi,
    functionName: 'taskCount',
    ...atBlock(at),
  })
}
