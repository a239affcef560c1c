import { assignCohorts } from '@assay/sdk/protocol/cohorts.ts'
import { readCohortResults } from '@assay/sdk/verbs/rounds/read-cohort-results.ts'
import { readRoundBasis, readSealedBeacon } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import { readSubmissions, type Submission } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { fetchOpening } from '@assay/store/opening-record.ts'
import type { OracleContext } from './oracle-context.ts'
import { wasSeen } from './seen-updates.ts'

/** A closed round, and those of its submissions that nobody has opened. */
export type WithheldRound = {
  round: number
  /** All of the round, by index: they prove each other. */
  submissions: readonly Submission[]
  withheld: readonly Submission[]
}

/**
 * Submissions of a closed round with a beacon whose opening neither this oracle nor any store has. Only those that no committee passed
 * are looked for.
 *
 * @throws StoreError `unavailable` when a store doesn't answer: it may have the opening
 */
export async function findWithheld(context: OracleContext, round: number): Promise<WithheldRound> {
  const { reader, config, db } = context
  const { taskId } = config
  const beacon = await readSealedBeacon(reader, { taskId, round })
  const { span } = await readRoundBasis(reader, { taskId, round })
  const submissions = await readSubmissions(reader, { taskId, round, span })
  const passed = await passedIn(context, { round, span, beacon, count: submissions.length })
  const withheld: Submission[] = []
  for (const submission of submissions) {
    const { index, commitment } = submission
    if (passed.has(index) || wasSeen(db, { taskId, round, submission: index })) continue
    if ((await fetchOpening(context.store, commitment)) === undefined) withheld.push(submission)
  }
  return { round, submissions, withheld }
}

/** Indices of the submissions that a committee did not fail. */
async function passedIn(
  { reader, config }: OracleContext,
  of: { round: number; span: { from: bigint; to: bigint }; beacon: `0x${string}`; count: number },
): Promise<Set<number>> {
  const { round, span } = of
  const settled = await readCohortResults(reader, { taskId: config.taskId, round, span })
  const cohorts = assignCohorts(of)
  return new Set(
    settled.flatMap(({ cohort, results }) =>
      results.flatMap(({ outcome }, position) => (outcome === 'failed' ? [] : [cohorts[cohort]![position]!])),
    ),
  )
}
