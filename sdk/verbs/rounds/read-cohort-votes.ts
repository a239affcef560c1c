import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { unknownCohort } from '../../client/errors.ts'
import { readSlots } from '../../client/read-slots.ts'
import { cohortsIn, votesOf, votesSlots } from '../../protocol/committee-views.ts'

/**
 * The votes on a cohort's aggregate in the current round, by seat: the low 224 bits of each hash, 0 where a seat has not voted.
 *
 * @param parameters `cohort` from 0, or `ROOT_COHORT` for the votes on the next model
 * @example const votes = await readCohortVotes(reader, { taskId: 1n, cohort: 0 })
 * @throws AssayError `Rounds_UnknownCohort`
 */
export async function readCohortVotes(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint; cohort: number },
): Promise<readonly bigint[]> {
  const { taskId, cohort } = parameters
  const { words } = await readSlots(reader, votesSlots(taskId, cohort), parameters)
  const votes = votesOf(words, cohort)
  if (votes === undefined) throw unknownCohort(cohort, cohortsIn(words.round))
  return votes
}
