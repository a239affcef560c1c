import type { AssayReader } from '../../client/clients.ts'
import { logsInRanges } from '../../client/logs.ts'
import type { Hash } from '../../protocol/random.ts'
import { readTask } from '../tasks/read-task.ts'
import { taskEvents } from './task-events.ts'

/** What became of a task's model in one closed round. */
export type RoundModel = {
  round: number
  /** sha256 of the blob of the model that the next round started from. */
  hash: Hash
  /** Whether more than half of the root seats voted for a new model; if not, an earlier one stayed. */
  isNew: boolean
  /** Whether a verdict has undone the round since. */
  isUndone: boolean
  /** When the round closed, and until when a case about it can be opened: unix seconds. One that is open then can undo it later. */
  closedAt: number
  finalAt: number
  /** Reward wei credited in the task from its beginning to the end of this round. */
  creditedWei: bigint
}

/**
 * The models of a task's closed rounds, the oldest first, from its events. A round that ended void has none.
 *
 * @example const models = await readModels(reader, { taskId: 1n })
 * @throws AssayError `Rounds_UnknownTask`
 */
export async function readModels(reader: AssayReader, { taskId }: { taskId: bigint }): Promise<RoundModel[]> {
  const { params } = await readTask(reader, { taskId })
  const { ends, rollBacks } = await readEvents(reader, taskId)
  return Promise.all(
    ends.map(async (end) => {
      const { args, blockNumber } = end
      const closedAt = Number((await reader.chain.getBlock({ blockNumber })).timestamp)
      return {
        round: args.round,
        hash: args.modelHash,
        isNew: args.accepted,
        isUndone: rollBacks.some((one) => one.args.round <= args.round && isLater(one, end)),
        closedAt,
        finalAt: closedAt + params.challengeSeconds,
        creditedWei: args.credited,
      }
    }),
  )
}

async function readEvents(reader: AssayReader, taskId: bigint) {
  const { chain } = reader
  const { filter, range } = await taskEvents(reader, taskId)
  const [ends, rollBacks] = await Promise.all([
    logsInRanges(
      (fromBlock, toBlock) =>
        chain.getContractEvents({ ...filter, eventName: 'RoundFinalized', fromBlock, toBlock }),
      range,
    ),
    logsInRanges(
      (fromBlock, toBlock) =>
        chain.getContractEvents({ ...filter, eventName: 'ModelRolledBack', fromBlock, toBlock }),
      range,
    ),
  ])
  return { ends, rollBacks }
}

type Place = { blockNumber: bigint; logIndex: number }

function isLater(one: Place, other: Place): boolean {
  if (one.blockNumber !== other.blockNumber) return one.blockNumber > other.blockNumber
  return one.logIndex > other.logIndex
}
