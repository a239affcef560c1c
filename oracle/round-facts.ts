import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { RoundsPlace } from '@assay/sdk/client/deployment.ts'
import { cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import { poolOfRound } from '@assay/sdk/protocol/pool-view.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readSubmissions } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { readEncryptionKeys } from '@assay/sdk/verbs/tasks/read-encryption-keys.ts'
import { type Enrolment, enrolmentLogs, readEnrolments } from '@assay/sdk/verbs/tasks/read-enrolments.ts'
import type { TaskState } from '@assay/sdk/verbs/tasks/read-task.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { Address, Hex } from 'viem'
import type { Draw } from './duties.ts'
import type { Expected } from './verify/gates.ts'

export type Submission = { contributor: Address; index: number; commitment: Hash }

/** A member of a cohort, with its state on chain before this round is settled. */
export type Member = Submission & {
  enrolled: boolean
  flagged: boolean
  reputationBps: number
  seen: number
  /** Rounds that pay of it is held of. */
  heldRounds: readonly number[]
  dataRoot: Hash
  /** Samples under the data root, as enrolled. */
  sampleCount: number
}

/** Everything about a sealed round that doesn't change any more. */
export type RoundFacts = Draw & {
  taskId: bigint
  round: number
  previousBeacon: Hash
  baseModelHash: Hash
  openedBlock: bigint
  params: TaskState['params']
  /** Root of the held-out pool that judges the round. */
  poolRoot: Hash
  submissions: Submission[]
  /** Frozen roster by place; a free place is `undefined`. */
  validators: (Address | undefined)[]
  /**
   * The public keys that evidence is encrypted to. They don't change while the round lasts: nobody in the frozen roster
   * leaves before.
   */
  encryptionKeys: ReadonlyMap<Address, Hex>
  /** This validator's place in the frozen roster; undefined unless it has weight there. */
  rosterIndex: number | undefined
}

/** Reads the facts of the round that `state` describes. @throws Error unless it is sealed */
export async function readRoundFacts(
  reader: AssayReader,
  { taskId, state, validator }: { taskId: bigint; state: RoundState; validator: Address },
): Promise<RoundFacts> {
  const { beacon, round } = state
  if (beacon === undefined) throw new Error(`round ${round} of task ${taskId} has no beacon yet`)
  const [params, pool, roster, submissions, encryptionKeys] = await Promise.all([
    readTaskParams(reader, { taskId }),
    readPool(reader, { taskId }),
    readRoster(reader, { taskId }),
    readSubmissions(reader, { taskId, round }),
    readEncryptionKeys(reader, { taskId }),
  ])
  if (submissions.length !== state.submissions)
    throw new Error(
      `the node's log shows ${submissions.length} submissions of ${state.submissions}: it lags behind`,
    )
  const poolRoot = poolOfRound(pool, round)
  if (poolRoot === undefined)
    throw new Error(`round ${round} of task ${taskId} is over: its pool was replaced`)

  return {
    taskId,
    round,
    beacon,
    previousBeacon: state.previousBeacon,
    baseModelHash: state.baseModelHash,
    openedBlock: state.openedBlock,
    params,
    poolRoot,
    submissions: submissions.map(({ contributor, index, commitment }) => ({
      contributor,
      index,
      commitment,
    })),
    count: submissions.length,
    committeeSize: params.committeeSize,
    validators: roster.validators,
    weights: roster.weights,
    encryptionKeys,
    rosterIndex: placeOf(validator, roster),
  }
}

/** The round's state at a block. */
export function readRoundAt(reader: AssayReader, taskId: bigint, blockNumber: bigint): Promise<RoundState> {
  return readRound(reader, { taskId, blockNumber })
}

/** Members of a cohort, in position order. */
export async function readMembers(reader: AssayReader, facts: RoundFacts, cohort: number): Promise<Member[]> {
  const { taskId, beacon, count } = facts
  const submissions = cohortMembers({ beacon, count, cohort }).map((index) => facts.submissions[index]!)
  const enrolments = await readEnrolments(reader, { taskId })
  const countOf = (contributor: Address, dataRoot: Hash) => {
    try {
      return sampleCountOf(enrolments, contributor, dataRoot)
    } catch (error) {
      reader.logs?.forget(enrolmentLogs(taskId))
      throw error
    }
  }
  return Promise.all(
    submissions.map(async (submission) => {
      const { contributor } = submission
      const participant = await readParticipant(reader, { taskId, contributor })
      const { enrolled, flagged, reputationBps, seen, heldRounds, dataRoot, dataUnits } = participant
      const sampleCount = enrolled ? countOf(contributor, dataRoot) : dataUnits
      return { ...submission, enrolled, flagged, reputationBps, seen, heldRounds, dataRoot, sampleCount }
    }),
  )
}

/**
 * Number of samples that a contributor enrolled with. The chain's state keeps it only up to the task's limit; the log
 * has it in full.
 *
 * @throws Error when the node's log lacks that enrolment; the next block is worth another try
 */
export function sampleCountOf(
  enrolments: readonly Enrolment[],
  contributor: Address,
  dataRoot: Hash,
): number {
  const last = enrolments.find((one) => one.contributor.toLowerCase() === contributor.toLowerCase())
  if (last?.dataRoot === dataRoot) return last.dataUnits
  throw new Error(
    `the node's log lacks the enrolment of ${contributor} with data root ${dataRoot}: it lags behind`,
  )
}

/** What the opening of a member's update must agree with. */
export function expectedOf(
  { chainId, contracts }: RoundsPlace,
  facts: Pick<RoundFacts, 'taskId' | 'round' | 'baseModelHash' | 'params'>,
  member: Pick<Member, 'contributor' | 'dataRoot' | 'enrolled'>,
): Expected {
  const { taskId, round, baseModelHash, params } = facts
  const { contributor, dataRoot, enrolled } = member
  const { stepsPerRound: steps } = params
  return {
    chainId,
    rounds: contracts.rounds,
    taskId,
    round,
    contributor,
    baseModelHash,
    steps,
    dataRoot,
    enrolled,
  }
}

function placeOf(
  validator: Address,
  { validators, weights }: { validators: (Address | undefined)[]; weights: number[] },
): number | undefined {
  const index = validators.findIndex((place) => place?.toLowerCase() === validator.toLowerCase())
  return index >= 0 && (weights[index] ?? 0) > 0 ? index : undefined
}
