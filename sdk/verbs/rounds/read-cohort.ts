import type { AtBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { unknownCohort } from '../../client/errors.ts'
import { readSlots } from '../../client/read-slots.ts'
import { type CohortState, cohortOf, cohortSlots, cohortsIn } from '../../protocol/committee-views.ts'

/**
 * A cohort of the current round.
 *
 * @param parameters `cohort` from 0, or `ROOT_COHORT` for the root committee
 * @example const { settled } = await readCohort(reader, { taskId: 1n, cohort: 0 })
 * @throws AssayError `Rounds_UnknownCohort`
 */
export async function readCohort(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint; cohort: number },
): Promise<CohortState> {
  const { taskId, cohort } = parameters
  const { words } = await readSlots(reader, cohortSlots(taskId, cohort), parameters)
  const state = cohortOf(words, cohort)
  if (state === undefined) throw unknownCohort(cohort, cohortsIn(words.round))
  return state
}
