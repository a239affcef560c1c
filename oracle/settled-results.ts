import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { SettledMember } from '@assay/sdk/protocol/results.ts'
import { readCohortResults } from '@assay/sdk/verbs/rounds/read-cohort-results.ts'
import type { RoundOfTask } from '@assay/sdk/verbs/rounds/round-logs.ts'

/** Results of a round's settled cohorts, by cohort; each by position in the cohort. */
export type SettledResults = ReadonlyMap<number, readonly SettledMember[]>

/** Reads a round's results from the chain's events. */
export async function readResults(reader: AssayReader, round: RoundOfTask): Promise<SettledResults> {
  const settled = await readCohortResults(reader, round)
  return new Map(settled.map(({ cohort, results }) => [cohort, results]))
}

/** A settled cohort's results. @throws Error when the node's log lacks them; the next block is worth another try */
export function resultsOf(results: SettledResults, cohort: number): readonly SettledMember[] {
  const settled = results.get(cohort)
  if (settled !== undefined) return settled
  throw new Error(`the node's log lacks the results of cohort ${cohort}: it lags behind`)
}
