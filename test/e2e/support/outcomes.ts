import { cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import type { SettledMember } from '@assay/sdk/protocol/results.ts'
import { readCohortResults } from '@assay/sdk/verbs/rounds/read-cohort-results.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readSubmissions } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import type { HandMadeUpdate } from './hand-made-update.ts'
import type { Scene } from './scene.ts'

/** What became of updates that are one cohort, in their order. */
export async function outcomesOf(
  { reader, taskId }: Pick<Scene, 'reader' | 'taskId'>,
  updates: readonly HandMadeUpdate[],
): Promise<SettledMember[]> {
  const { beacon, submissions: count } = await readRound(reader, { taskId })
  const [cohort] = await readCohortResults(reader, { taskId })
  const submissions = await readSubmissions(reader, { taskId })
  const members = cohortMembers({ beacon: beacon!, count, cohort: 0 })
  return updates.map(({ account }) => {
    const index = submissions.findIndex(({ contributor }) => contributor === account.address)
    return cohort!.results[members.indexOf(index)]!
  })
}
