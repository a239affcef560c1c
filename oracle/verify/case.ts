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

/** A cohort to judge, as the seat that this validator has in its committee. */
export type CohortTask = { facts: RoundFacts; seat: Seat; members: readonly Member[]; patience: Patience }

/** What every stage judges by. */
export type CohortInput = CohortTask & {
  context: OracleContext
  engine: Engine
  base: State
  holdout: Dataset
}

/** One member on its way through the stages, with what each of them found. */
export type Case = {
  member: Member
  audited: boolean
  /** From S0 on. */
  opening?: Opening
  /** The update, from S1 on. */
  final?: State
  /** From S5 on, when it is audited. */
  replay?: ReplayOutcome
  /** From S4 on, when it is audited. */
  scores?: Scores
  /** The gate that it did not pass. */
  failed?: Failed
}

/** What a stage finds out about a case. */
export type Found = Partial<Omit<Case, 'member' | 'audited'>>

/** What this seat's replay says of an update's training. An audited one that shows none of it scores nothing. */
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
    unreachable: isKeptBack(one),
    failed: failed && { gate: failed.gate, reason: failed.reason },
    provenWindows: replay?.proven ?? 0,
    qualityBps: scores?.qualityBps ?? 0,
    rarityBps: scores?.rarityBps ?? 0,
  }
}

/** Whether the store's silence leaves nothing to judge an update by: no update, or none of the training that was to be replayed. */
function isKeptBack({ failed, replay }: Case): boolean {
  if (failed?.unreachable) return true
  return replay?.unreachable === true && replay.proven === 0 && replay.mismatch === undefined
}

/**
 * Does what one member's update asks for. What nobody foresaw must not cost all the others their scores: at the last call it is told
 * to the log, and counts as if the store had not answered.
 *
 * @throws EngineRefusal when the task's own graphs broke, StoreError `unavailable` and anything else before the last call
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
