import type { State } from '@assay/engine/package/state.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import { readRoundBasis } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import { readSubmissions, type Submission } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { enrolmentLogs, readEnrolments } from '@assay/sdk/verbs/tasks/read-enrolments.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { isMissing } from '@assay/store/blob-store.ts'
import { ModelLostError } from '../../models.ts'
import { readPastRound } from '../../past-round.ts'
import type { Member, RoundFacts } from '../../round-facts.ts'
import type { RecomputeContext } from './recompute.ts'

/** A round that is over, by its events: what a case about it is judged by, however long ago it was. */
export type ClosedRound = Pick<
  RoundFacts,
  'taskId' | 'round' | 'beacon' | 'baseModelHash' | 'openedBlock' | 'params' | 'committeeSize' | 'poolRoot'
> & {
  /** Blocks from its opening to the next one's. */
  span: { from: bigint; to: bigint }
  /** By index. */
  submissions: readonly Submission[]
}

/** A member of a cohort, as it was enrolled when it submitted. */
export type JudgedMember = Pick<Member, 'contributor' | 'index' | 'commitment' | 'dataRoot' | 'sampleCount'>

/** @throws Error or AssayError `LogsIncomplete` while the node's log lacks a part of it; the next block is worth another try */
export async function readClosedRound(
  reader: AssayReader,
  { taskId, round }: { taskId: bigint; round: number },
): Promise<ClosedRound> {
  const params = await readTaskParams(reader, { taskId })
  const { baseModelHash, span } = await readRoundBasis(reader, { taskId, round })
  const [{ beacon, poolRoot }, submissions] = await Promise.all([
    readPastRound(reader, { taskId, round, params, span }),
    readSubmissions(reader, { taskId, round, span }),
  ])
  const openedBlock = span.from
  const { committeeSize } = params
  return {
    taskId,
    round,
    params,
    committeeSize,
    beacon,
    poolRoot,
    baseModelHash,
    openedBlock,
    span,
    submissions,
  }
}

/** The model that the round trained from; undefined if it is lost. @throws StoreError `unavailable` */
export async function baseModelOf(
  { models, signal }: Pick<RecomputeContext, 'models' | 'signal'>,
  round: ClosedRound,
): Promise<State | undefined> {
  try {
    return await models.load(round.baseModelHash, round, signal)
  } catch (error) {
    if (isMissing(error) || error instanceof ModelLostError) return undefined
    throw error
  }
}

/**
 * Members of a cohort in its order. Nobody can leave or enrol anew between its submission and the round's end, but afterwards: so
 * each counts as it was enrolled when the last one submitted.
 *
 * @throws Error while the node's log lacks an enrolment; the next block is worth another try
 */
export async function judgedMembers(
  reader: AssayReader,
  { taskId, beacon, submissions }: Pick<ClosedRound, 'taskId' | 'beacon' | 'submissions'>,
  cohort: number,
): Promise<JudgedMember[]> {
  const until = submissions.reduce((last, one) => (one.blockNumber > last ? one.blockNumber : last), 0n)
  const enrolments = await readEnrolments(reader, { taskId, until })
  return cohortMembers({ beacon, count: submissions.length, cohort }).map((at) => {
    const { contributor, index, commitment } = submissions[at]!
    const own = enrolments.find((one) => one.contributor.toLowerCase() === contributor.toLowerCase())
    if (own === undefined) {
      reader.logs?.forget(enrolmentLogs(taskId))
      throw new Error(`the node's log lacks the enrolment of ${contributor}: it lags behind`)
    }
    return { contributor, index, commitment, dataRoot: own.dataRoot, sampleCount: own.dataUnits }
  })
}
