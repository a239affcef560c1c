import type { Block } from '@assay/daemon/clock.ts'
import { type CourtCase, readCaseState, readOpenedCases } from '@assay/sdk/verbs/court/read-cases.ts'
import type { ContributorContext } from './contributor-context.ts'

/** The cases of the task against this contributor, with their states at a block: of all kinds, as one budget covers their appeals. */
export async function casesAgainst(
  { reader, config: { taskId }, account }: ContributorContext,
  { number: blockNumber }: Block,
): Promise<CourtCase[]> {
  const opened = await readOpenedCases(reader, { taskId, blockNumber, defendant: account.address })
  const states = opened.map(({ caseId }) => readCaseState(reader, { caseId, blockNumber }))
  return (await Promise.all(states)).map((state, i) => ({ ...opened[i]!, state }))
}
