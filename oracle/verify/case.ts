import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import type { Opening } from '@assay/store/opening-record.ts'
import type { Deadline } from '../deadlines.ts'
import type { Attempt, Seat } from '../duties.ts'
import type { JudgeContext } from '../judge-context.ts'
import { ModelLostError } from '../models.ts'
import { PoolMissingError } from '../pool/held-out-pool.ts'
import type { Notes } from '../progress.ts'
import type { Member, RoundFacts } from '../round-facts.ts'
import type { Finding } from '../sheet.ts'
import type { Failed } from './gates.ts'
import type { Scores } from './quality.ts'
import type { LookOutcome, ReplayOutcome } from './replay.ts'

/** A cohort to judge, with the seat that this validator has in its committee. */
export type CohortTask = {
  facts: RoundFacts
  attempt: Attempt
  seat: Seat
  members: readonly Member[]
  /** What earlier looks at this draw found. */
  notes: Notes
  /** Whether this is the last look: what it can't see is left unaudited. */
  lastCall: boolean
  deadline: Deadline
}

/** What all stages need to judge a cohort. The deadline is that of one stage. */
export type CohortInput = CohortTask & {
  context: JudgeContext
  spec: TaskSpec
  base: State
  /** The round's slice of the held-out pool. */
  holdout: Dataset
}

/** One member's update on its way through the stages, with what each stage found. */
export type Case = {
  member: Member
  audited: boolean
  /** Set by S0. */
  opening?: Opening
  /** The update; set by S1. */
  final?: State
  /** Set by S5, if it is audited. */
  replay?: ReplayOutcome
  /** Set by S5, if this seat's own windows don't fail it. */
  looks?: LookOutcome
  /** Set by S4, if it is audited. */
  scores?: Scores
  /** The gate that it failed. */
  failed?: Failed
  /** Why the task's own graphs fail on the task's own samples: then nobody can judge it, and it isn't its sender's fault. */
  taskFault?: string
  /** Why a stage could not look at it yet: an outage, a deadline, or an error of this program. */
  waiting?: unknown
}

/** What a stage finds about a case. */
export type Found = Partial<Omit<Case, 'member' | 'audited'>>

/**
 * What this seat's replay says about an update's training. An audited update whose training is withheld isn't scored: its
 * entry has quality 0, and says why.
 */
export function trainingOf({ replay }: Pick<Case, 'replay'>): 'proven' | 'withheld' | 'unseen' {
  if (replay === undefined) return 'unseen'
  if (provenHere(replay) > 0) return 'proven'
  return replay.withheld.some(({ heldRound }) => heldRound === undefined) ? 'withheld' : 'unseen'
}

/** Proven windows of the round itself. */
export function provenHere({ proven, provenHeld = 0 }: ReplayOutcome): number {
  return proven - provenHeld
}

export function findingOf(one: Case): Finding {
  const { member, audited, failed, taskFault, replay, looks, scores, waiting } = one
  return {
    contributor: member.contributor,
    audited,
    notLookedAt: waiting === undefined ? undefined : reasonOf(waiting),
    taskFault,
    failed,
    shownNothing: trainingOf(one) === 'withheld',
    provenWindows: replay?.proven ?? 0,
    withheld: looks?.withheldBits ?? 0,
    isUndecided: scores !== undefined && scores.qualityBps === undefined,
    qualityBps: scores?.qualityBps ?? 0,
    rarityBps: scores?.rarityBps ?? 0,
  }
}

/**
 * Looks at one member's update on its own. Whatever goes wrong, nobody else's scores depend on it: the case waits, and
 * is looked at again until the last call.
 *
 * @param signal the deadline, also for a look that doesn't heed it itself
 */
export async function onItsOwn(look: () => Promise<Found>, signal?: AbortSignal): Promise<Found> {
  try {
    return await untilAborted(signal, look)
  } catch (error) {
    return { waiting: error }
  }
}

/**
 * Whether work failed for what can be expected: a store that doesn't answer, a model that is nowhere, a pool that isn't
 * here yet, or an engine that refuses or ran out of time or memory.
 */
export function isOutage(error: unknown): boolean {
  const kinds = [StoreError, EngineRefusal, ModelLostError, PoolMissingError]
  return kinds.some((kind) => error instanceof kind)
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
