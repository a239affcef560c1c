import { blobHash } from '@assay/engine/hash.ts'
import { slicePool } from '@assay/engine/judge/pool-slice.ts'
import { DEFAULT_DATA_LIMITS } from '@assay/engine/package/data.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import { majorityAggregates, readAggregateVotes } from '../../aggregate-votes.ts'
import { checkModel, type ShownAggregate } from '../../check-model.ts'
import { engineUntil } from '../../engine-until.ts'
import type { ModelGround } from '../../make-model.ts'
import { readResults, resultsOf } from '../../settled-results.ts'
import { answerOf, type Computed, hashByRule } from './by-rule.ts'
import { baseModelOf, type ClosedRound, readClosedRound } from './closed-round.ts'
import { blobOrMissing } from './false-aggregate.ts'
import { poolShown } from './false-score.ts'
import type { Recomputation, RecomputeContext, Recomputed } from './recompute.ts'
import { noted, openTrail } from './witness.ts'

/**
 * A false model: applies the rule to the aggregates that the blob itself names ({@link checkModel}). The evidence is the held-out
 * pool, as for a score. A vote for the base model names nothing, and so is never false.
 */
export const FALSE_MODEL: Recomputation = {
  recompute,
  maxEvidenceBytes: () => DEFAULT_DATA_LIMITS.maxBytes,
  isEncrypted: true,
}

async function recompute(
  context: RecomputeContext,
  facts: Pick<CaseFacts, 'taskId' | 'round' | 'accused'>,
  evidence: Uint8Array | undefined,
): Promise<Recomputed> {
  const { reader, store, bench, juror, signal } = context
  const round = await readClosedRound(reader, facts)
  if (facts.accused === round.baseModelHash)
    return answerOf({ value: facts.accused, trail: openTrail().digest() }, juror)
  const { specHash } = round.params
  const { spec } = await bench.package(specHash)
  const pool = poolShown(spec, round.poolRoot, evidence)
  const blob = await blobOrMissing(store, facts.accused, { maxBytes: maxUpdateBytes(spec), signal })
  const base = await baseModelOf(context, round)
  if (pool === undefined || blob === undefined || base === undefined) return 'missing'

  const ground = {
    engine: engineUntil({ bench }, { specHash, spec }, signal),
    spec,
    base,
    made: round,
    judged: slicePool(pool, spec, round),
  }
  return answerOf(await modelByRule(ground, blob, await agreedIn(context, round)), juror)
}

/**
 * The hash that the rule gives for the aggregates that a model names.
 *
 * @param agreed every aggregate of the round that a committee agreed on, in cohort order
 * @throws EngineRefusal `limit` when the engine ran out of time or memory
 */
export async function modelByRule(
  ground: ModelGround,
  blob: Uint8Array,
  agreed: readonly ShownAggregate[],
): Promise<Computed | 'missing'> {
  const trail = openTrail()
  const answer = await checkModel({ ...ground, engine: noted(ground.engine, trail) }, blob, agreed)
  const value = hashByRule(answer, blobHash(blob))
  return value === 'missing' ? value : { value, trail: trail.digest() }
}

/** The aggregates that committees of the round agreed on, with the blobs that a store has. */
async function agreedIn(
  { reader, store, bench, signal }: RecomputeContext,
  { taskId, round, span, params, committeeSize }: ClosedRound,
): Promise<ShownAggregate[]> {
  const { spec } = await bench.package(params.specHash)
  const limit = { maxBytes: maxUpdateBytes(spec), signal }
  const votes = await readAggregateVotes(reader, { taskId, round, span })
  const settled = await readResults(reader, { taskId, round, span })
  return Promise.all(
    [...majorityAggregates(votes, committeeSize)].map(async ([cohort, hash]) => ({
      cohort,
      blob: await blobOrMissing(store, hash, limit),
      results: resultsOf(settled, cohort),
    })),
  )
}
