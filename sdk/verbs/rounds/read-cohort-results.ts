import type { AssayReader } from '../../client/clients.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import { type SettledMember, unpackResult } from '../../protocol/results.ts'
import { type RoundOfTask, roundLogs } from './round-logs.ts'

export type CohortResults = {
  cohort: number
  /** By position in the cohort. */
  results: SettledMember[]
}

/**
 * What was settled in a round, cohort by cohort, from its events. Void cohorts have no results.
 *
 * @example const [first] = await readCohortResults(reader, { taskId: 1n, round: 3 })
 */
export async function readCohortResults(
  reader: AssayReader,
  parameters: RoundOfTask,
): Promise<CohortResults[]> {
  const { round, collect } = await roundLogs(reader, parameters)
  const logs = await collect((fromBlock, toBlock) =>
    reader.chain.getContractEvents({
      address: reader.deployment.contracts.rounds,
      abi: iRoundsAbi,
      eventName: 'CohortSettled',
      args: { taskId: parameters.taskId, round },
      strict: true,
      fromBlock,
      toBlock,
    }),
  )
  return logs
    .map(({ args }) => ({ cohort: args.cohort, results: args.results.map(unpackResult) }))
    .sort((a, b) => a.cohort - b.cohort)
}
