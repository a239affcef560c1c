import { checkAggregate } from '@assay/engine/aggregate/check-aggregate.ts'
import { parseCohortBlob } from '@assay/engine/aggregate/cohort-blob.ts'
import { settledWeight } from '@assay/oracle/aggregate.ts'
import { readAggregateVotes } from '@assay/oracle/aggregate-votes.ts'
import { cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import { readCohortResults } from '@assay/sdk/verbs/rounds/read-cohort-results.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readSubmissions } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { readEnrolments } from '@assay/sdk/verbs/tasks/read-enrolments.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { expect } from 'chai'
import type { HandMadeUpdate } from './hand-made-update.ts'
import type { Scene } from './scene.ts'

/**
 * Which updates are in the aggregate of a first round with one cohort. All seats must have voted for the same one, and it must be
 * true: the rule applied to the members that it names.
 */
export async function includedOf(scene: Scene, updates: readonly HandMadeUpdate[]): Promise<boolean[]> {
  const { reader, store, taskId, task } = scene
  const { spec, init: base } = task
  const votes = await readAggregateVotes(reader, { taskId, round: 1 })
  const hashes = new Set(votes.map(({ hash }) => hash))
  expect(hashes.size).to.equal(1)
  const blob = await store.get([...hashes][0]!, { maxBytes: 1e6 })

  const { beacon, submissions: count } = await readRound(reader, { taskId })
  const submissions = await readSubmissions(reader, { taskId })
  const contributors = cohortMembers({ beacon: beacon!, count, cohort: 0 }).map(
    (index) => submissions[index]!.contributor,
  )
  const { params } = await readTask(reader, { taskId })
  const enrolments = await readEnrolments(reader, { taskId })
  const [settled] = await readCohortResults(reader, { taskId })
  const members = contributors.map((contributor, position) => {
    const { dataUnits } = enrolments.find((one) => one.contributor === contributor)!
    const { training } = updates.find(({ account }) => account.address === contributor)!
    const weight = settledWeight(settled!.results[position]!, { ...params, dataUnits })
    return { weight, update: training.final }
  })
  expect(checkAggregate({ spec, base, blob, members })).to.deep.equal({ is: 'true' })
  const { included } = parseCohortBlob(spec, blob)
  return updates.map(({ account }) => included[contributors.indexOf(account.address)]!)
}
