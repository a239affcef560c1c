import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Opening } from '@assay/store/opening-record.ts'
import type { Seat } from '../duties.ts'
import type { OracleContext } from '../oracle-context.ts'
import type { Member, RoundFacts } from '../round-facts.ts'
import type { Finding } from '../sheet.ts'
import type { Patience } from './fetch-update.ts'
import type { Failed } from './gates.ts'
import type { Scores } from './quality.ts'
import type { ReplayOutcome } from './replay.ts'

/** A cohort to judge, with the seat that this validator has in its committee. */
export type CohortTask = { facts: RoundFacts; seat: Seat; members: readonly Member[]; patience: Patience }

/** What all stages need to judge a cohort. */
export type CohortInput = CohortTask & {
  context: OracleContext
  engine: Engine
  base: State
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
  /** Set by S4, if it is audited. */
  scores?: Scores
  /** The gate that it failed. */
  failed?: Failed
}

/** What a stage finds about a case. */
export type Found = Partial<Omit<Case, 'member' | 'audited'>>

/**
 * What this seat's replay says about an update's training. An audited update whose training is withheld gets
 * quality 0.
 */
export function trainingOf({ replay }: Pick<Case, 'replay'>): 'proven' | 'withheld' | 'unseen' {
  if (replay === undefined) return 'unseen'
  if (replay.proven > 0) return 'proven'
  return replay.withheld.length > 0 ? 'withheld' : 'unseen'
}

export function findingOf(one: Case): Finding {
  const { member, audited, failed, replay, scores } = one
  return {
    contributor: member.contributor,
    audited,
    unreachable: isUnreachable(one),
    failed: failed && { gate: failed.gate, reason: failed.reason },
    provenWindows: replay?.proven ?? 0,
    qualityBps: scores?.qualityBps ?? 0,
    rarityBps: scores?.rarityBps ?? 0,
  }
}

/** Whether the store's outage makes judging impossible: it gave no update, or no evidence at all of its training. */
function isUnreachable({ failed, replay }: Case): boolean {
  if (failed?.unreachable) return true
  return replay?.unreachable === true && replay.proven === 0 && replay.mismatch === undefined
}

/**
 * Judges one member's update on its own: an unexpected error must not cost the others their scores. At the last call it
 * is logged, and counts as if the store had not answered.
 *
 * @throws EngineRefusal when the task's own graphs fail; before the last call StoreError `unavailable` and any other
 * error
 */
export async function onItsOwn<T>(
  { context: { log }, facts, patience }: CohortInput,
  { contributor }: Member,
  work: { judge: () => Promise<T>; otherwise: (reason: string) => T },
): Promise<T> {
  try {
    return await work.judge()
  } catch (error) {
    if (!patience.lastCall || error instanceof EngineRefusal) throw error
    log.error(
      { round: facts.round, contributor, error },
      'an update could not be judged; it is left unaudited',
    )
    return work.otherwise(error instanceof Error ? error.message : String(error))
  }
}
