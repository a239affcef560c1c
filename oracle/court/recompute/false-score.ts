import { type Dataset, DEFAULT_DATA_LIMITS } from '@assay/engine/package/data.ts'
import { readPool } from '@assay/engine/package/pool.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { COHORT_SIZE } from '@assay/sdk/protocol/sampling.ts'
import { type ScoreEntry, unpackSheet } from '@assay/sdk/protocol/score-words.ts'
import { readReveals } from '@assay/sdk/verbs/rounds/read-reveals.ts'
import { engineUntil } from '../../engine-until.ts'
import { answerOf } from './by-rule.ts'
import {
  baseModelOf,
  type ClosedRound,
  type JudgedMember,
  judgedMembers,
  readClosedRound,
} from './closed-round.ts'
import type { Recomputation, RecomputeContext, Recomputed } from './recompute.ts'
import { scoreByRule, updatesNeeded } from './score-by-rule.ts'
import { readShownUpdate, type ShownUpdate } from './shown-update.ts'

/**
 * A false score: computes the entry again, with the draws of the seat that is accused ({@link scoreByRule}). The evidence is the
 * held-out pool, proven by the root that the chain has: a round's slice follows from the labels of all its samples. Updates and base
 * model come from the stores; without them there is no answer, and nobody is convicted for it.
 */
export const FALSE_SCORE: Recomputation = {
  recompute,
  maxEvidenceBytes: () => DEFAULT_DATA_LIMITS.maxBytes,
  isEncrypted: true,
}

async function recompute(
  context: RecomputeContext,
  facts: Pick<CaseFacts, 'taskId' | 'round' | 'subject' | 'defendant'>,
  evidence: Uint8Array | undefined,
): Promise<Recomputed> {
  const { reader, bench, juror, signal } = context
  const round = await readClosedRound(reader, facts)
  const { specHash } = round.params
  const { spec } = await bench.package(specHash)
  const pool = poolShown(spec, round.poolRoot, evidence)
  const base = await baseModelOf(context, round)
  if (pool === undefined || base === undefined) return 'missing'

  const member = facts.subject % COHORT_SIZE
  const cohort = (facts.subject - member) / COHORT_SIZE
  const members = await judgedMembers(reader, round, cohort)
  const entries = await revealedEntries(reader, round, { ...facts, cohort, size: members.length })
  const computed = await scoreByRule({
    engine: engineUntil({ bench }, { specHash, spec }, signal),
    base,
    pool,
    draw: { beacon: round.beacon, taskId: round.taskId, round: round.round, validator: facts.defendant },
    entries,
    member,
    contributors: members.map(({ contributor }) => contributor),
    shown: await shownUpdates(context, round, { spec, members, needed: updatesNeeded(entries, member) }),
  })
  return answerOf(computed, juror)
}

/** The pool that a case shows, if it is the one that judged the round. */
export function poolShown(spec: TaskSpec, root: Hash, evidence: Uint8Array | undefined): Dataset | undefined {
  if (evidence === undefined) return undefined
  try {
    return readPool(evidence, spec, root).samples
  } catch (error) {
    if (error instanceof EngineRefusal) return undefined
    throw error
  }
}

/**
 * What a validator revealed about a cohort.
 *
 * @throws Error while the node's log lacks it; the next block is worth another try
 */
export async function revealedEntries(
  reader: AssayReader,
  { taskId, round, span }: Pick<ClosedRound, 'taskId' | 'round' | 'span'>,
  { defendant, cohort, size }: { defendant: string; cohort: number; size: number },
): Promise<ScoreEntry[]> {
  const reveals = await readReveals(reader, { taskId, round, span })
  const own = reveals.find(
    (one) => one.cohort === cohort && one.validator.toLowerCase() === defendant.toLowerCase(),
  )
  if (own !== undefined) return unpackSheet(own.sheet, size)
  throw new Error(`the node's log lacks the scores of ${defendant} for cohort ${cohort}: it lags behind`)
}

/** The updates at the positions that are needed; undefined at the others. */
async function shownUpdates(
  { store, reader, signal }: RecomputeContext,
  round: ClosedRound,
  { spec, members, needed }: { spec: TaskSpec; members: readonly JudgedMember[]; needed: readonly number[] },
): Promise<(ShownUpdate | undefined)[]> {
  const source = { store, spec, deployment: reader.deployment, round, signal }
  const shown: (ShownUpdate | undefined)[] = members.map(() => undefined)
  for (const at of needed) shown[at] = await readShownUpdate(source, members[at]!)
  return shown
}
