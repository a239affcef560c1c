import type { Address, Hex } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { collectLogs } from '../../client/logs.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'

/** Name of the question for a task's validators' keys, for a reader that keeps logs. */
export const joinLogs = (taskId: bigint) => `ValidatorJoined/${taskId}`

/**
 * The newest public key of every validator that ever joined a task, from its events.
 *
 * @example const keys = await readEncryptionKeys(reader, { taskId: 1n })
 */
export async function readEncryptionKeys(
  reader: AssayReader,
  { taskId }: { taskId: bigint },
): Promise<Map<Address, Hex>> {
  const { deployment, chain } = reader
  const logs = await collectLogs(
    reader,
    joinLogs(taskId),
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.tasks,
        abi: iTasksAbi,
        eventName: 'ValidatorJoined',
        args: { taskId },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(deployment.startBlock), to: await chain.getBlockNumber({ cacheTime: 0 }) },
  )
  return new Map(logs.map(({ args }) => [args.validator, args.encryptionKey]))
}
