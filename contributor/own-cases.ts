import type { Block } from '@assay/daemon/clock.ts'
import { type CourtCase, readCaseState, readOpenedCases } from '@assay/sdk/verbs/court/read-cases.ts'
import type { ContributorContext, Moment } from './contributor-context.ts'

/** The cases of the task against this contributor, with their states at a block: of all kinds, as one budget covers their appeals. */
async function casesAgainst(
  { reader, config: { taskId }, account }: ContributorContext,
  { number: blockNumber }: Block,
): Promise<CourtCase[]> {
  const opened = await readOpenedCases(reader, { taskId, blockNumber, defendant: account.address })
  const states = opened.map(({ caseId }) => readCaseState(reader, { caseId, blockNumber }))
  return (await Promise.all(states)).map((state, i) => ({ ...opened[i]!, state }))
}

/**
 * The same while one of them is open, else none. The chain counts the open cases of an account, so that nothing else is asked while
 * there are none.
 */
export async function openCasesAgainst(
  context: ContributorContext,
  { block, earnings }: Pick<Moment, 'block' | 'earnings'>,
): Promise<CourtCase[]> {
  context.tally.openCases = earnings.cases
  return earnings.cases === 0 ? [] : casesAgainst(context, block)
}
