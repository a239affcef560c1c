import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { assignCohorts } from '@assay/sdk/protocol/cohorts.ts'
import { readCohortResults } from '@assay/sdk/verbs/rounds/read-cohort-results.ts'
import { readRoundBasis } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import { readSubmissions, type Submission } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { fetchOpening } from '@assay/store/opening-record.ts'
import type { OracleContext } from './oracle-context.ts'
import { wasSeen } from './seen-updates.ts'

/** A closed round, and those of its submissions that nobody has opened. */
export type WithheldRound = {
  round: number
  closedAt: number
  /** All of the round, by index: they prove each other. */
  submissions: readonly Submission[]
  withheld: readonly Submission[]
}

/**
 * Submissions of a closed round whose opening neither this oracle nor any store has. Only those that no committee passed are looked
 * for.
 *
 * @returns undefined for a round that is open, was never sealed, or is no longer kept
 * @throws StoreError `unavailable` when a store doesn't answer: it may have the opening
 */
export async function findWithheld(
  context: OracleContext,
  { round, blockNumber }: { round: number; blockNumber: bigint },
): Promise<WithheldRound | undefined> {
  const { reader, config, db } = context
  const { taskId } = config
  const at = { address: reader.deployment.contracts.rounds, abi: iRoundsAbi, blockNumber } as const
  const args = [taskId, round] as const
  const [[, closedAt], beacon] = await Promise.all([
    reader.chain.readContract({ ...at, functionName: 'timesOf', args }),
    reader.chain.readContract({ ...at, functionName: 'beaconAt', args }),
  ])
  if (closedAt === 0n || BigInt(beacon) === 0n) return undefined
  const { span } = await readRoundBasis(reader, { taskId, round })
  const submissions = await readSubmissions(reader, { taskId, round, span })
  const passed = await passedIn(context, { round, span, beacon, count: submissions.length })
  const withheld: Submission[] = []
  for (const submission of submissions) {
    const { index, commitment } = submission
    if (passed.has(index) || wasSeen(db, { taskId, round, submission: index })) continue
    if ((await fetchOpening(context.store, commitment)) === undefined) withheld.push(submission)
  }
  return { round, closedAt: Number(closedAt), submissions, withheld }
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
