import type { AssayReader } from '../../client/clients.ts'
import { collectLogs } from '../../client/logs.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import type { Hash } from '../../protocol/random.ts'
import { readTaskParams } from './read-task-params.ts'

/**
 * Merkle roots of all held-out pools that a task's owner ever named, in that order. The first is that of its creation.
 *
 * @example const roots = await readPoolRoots(reader, { taskId: 1n })
 */
export async function readPoolRoots(reader: AssayReader, { taskId }: { taskId: bigint }): Promise<Hash[]> {
  const { deployment, chain } = reader
  const params = await readTaskParams(reader, { taskId })
  const logs = await collectLogs(
    reader,
    `PoolAnnounced/${taskId}`,
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.tasks,
        abi: iTasksAbi,
        eventName: 'PoolAnnounced',
        args: { taskId },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(deployment.startBlock), to: await chain.getBlockNumber({ cacheTime: 0 }) },
  )
  return [params.poolRoot, ...logs.map(({ args }) => args.poolRoot)]
}
