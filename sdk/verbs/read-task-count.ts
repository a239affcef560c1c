import { type AtBlock, atBlock } from '../at-block.ts'
import type { AssayReader } from '../clients.ts'
import { iTasksAbi } from '../generated/ITasks.ts'

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
