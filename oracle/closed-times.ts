import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { OracleContext } from './oracle-context.ts'

/** When a round closed and became final, in unix seconds; both 0 for one that the chain has forgotten. */
export type ClosedTimes = {
  closedAt: number
  finalAt: number
  /** Whether it had a beacon: else there is nothing to judge. */
  wasSealed: boolean
}

/** Rounds that are remembered: the court looks at the last ones alone. */
const MOST_REMEMBERED = 64

/**
 * The times of a closed round, as of a block. They don't change, so they are read once; anew after a reorganisation.
 *
 * @returns undefined while the round is open
 */
export async function closedTimes(
  { reader, config: { taskId }, docket: { closings } }: OracleContext,
  round: number,
  blockNumber: bigint,
): Promise<ClosedTimes | undefined> {
  const known = closings.get(round)
  if (known !== undefined) return known
  const at = { address: reader.deployment.contracts.rounds, abi: iRoundsAbi, blockNumber } as const
  const args = [taskId, round] as const
  const [[openedAt, closed], beacon] = await Promise.all([
    reader.chain.readContract({ ...at, functionName: 'timesOf', args }),
    reader.chain.readContract({ ...at, functionName: 'beaconAt', args }),
  ])
  const closedAt = Number(closed)
  if (closedAt === 0) return openedAt === 0n ? { closedAt, finalAt: 0, wasSealed: false } : undefined
  const { challengeSeconds } = await readTaskParams(reader, { taskId })
  const times = { closedAt, finalAt: closedAt + challengeSeconds, wasSealed: BigInt(beacon) !== 0n }
  closings.set(round, times)
  if (closings.size > MOST_REMEMBERED) closings.delete(closings.keys().next().value!)
  return times
}
