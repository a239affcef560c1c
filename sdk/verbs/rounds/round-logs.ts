import type { AssayReader } from '../../client/clients.ts'
import { logsInRanges } from '../../client/logs.ts'
import type { RoundState } from '../../protocol/round-view.ts'
import { readRound } from './read-round.ts'

/** A round of a task; the current one by default. */
export type RoundOfTask = {
  taskId: bigint
  round?: number
  /** Blocks of an older round, if they are known: its events are searched there alone. */
  span?: { from: bigint; to: bigint }
}

/** The events of a round: searched from the round's start when it is the current one, else from the deployment or in `span`. */
export type RoundLogs = {
  round: number
  /** State at `to`; undefined for an older round. */
  state: RoundState | undefined
  collect: <T>(fetchRange: (from: bigint, to: bigint) => Promise<readonly T[]>) => Promise<T[]>
}

/** Fixes the newest block, so that the state and the events read belong together. */
export async function roundLogs(
  reader: AssayReader,
  { taskId, round, span }: RoundOfTask,
): Promise<RoundLogs> {
  const to = await reader.chain.getBlockNumber({ cacheTime: 0 })
  const state = await readRound(reader, { taskId, blockNumber: to })
  const isCurrent = round === undefined || round === state.round
  const whole = { from: isCurrent ? state.openedBlock : BigInt(reader.deployment.startBlock), to }
  return {
    round: round ?? state.round,
    state: isCurrent ? state : undefined,
    collect: (fetchRange) => logsInRanges(fetchRange, isCurrent ? whole : (span ?? whole)),
  }
}
