import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { collectLogs } from '../../client/logs.ts'
import { iTasksAbi } from '../../generated/ITasks.ts'
import { dataRootOf } from '../../protocol/data-root.ts'
import type { Hash } from '../../protocol/random.ts'

/**
 * What a contributor committed to when it enrolled last. It may have left since: `readParticipant` tells. Whoever finds its data
 * root there has the number of samples proven, whatever the node says.
 */
export type Enrolment = { contributor: Address; dataRoot: Hash; dataUnits: number }

/** Name of the question for a task's enrolments, for a reader that keeps logs. */
export const enrolmentLogs = (taskId: bigint) => `Enrolled/${taskId}`

/**
 * Everybody who ever enrolled in a task, from its events, in the order of first enrolment.
 *
 * @param until a block: what they had committed to by then; the newest one by default
 * @example const enrolments = await readEnrolments(reader, { taskId: 1n })
 */
export async function readEnrolments(
  reader: AssayReader,
  { taskId, until }: { taskId: bigint; until?: bigint },
): Promise<Enrolment[]> {
  const { deployment, chain } = reader
  const logs = await collectLogs(
    reader,
    enrolmentLogs(taskId),
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.tasks,
        abi: iTasksAbi,
        eventName: 'Enrolled',
        args: { taskId },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(deployment.startBlock), to: await chain.getBlockNumber({ cacheTime: 0 }) },
  )
  const known = until === undefined ? logs : logs.filter(({ blockNumber }) => blockNumber <= until)
  const newest = new Map(known.map(({ args }) => [args.contributor, args]))
  return [...newest.values()].map(({ contributor, sampleRoot, dataUnits }) => ({
    contributor,
    dataRoot: dataRootOf(sampleRoot, dataUnits),
    dataUnits,
  }))
}
