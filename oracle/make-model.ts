import type { PoolSlice } from '@assay/engine/judge/pool-slice.ts'
import { type ModelMetric, writeModel } from '@assay/engine/package/model-blob.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { type AgreedAggregate, combineAggregates } from './combine-aggregates.ts'
import { metricFor } from './measure-model.ts'
import { chooseModel } from './model-guard.ts'
import type { JudgedRound } from './pool/round-samples.ts'

/** What a round's model is made from, beside the aggregates. */
export type ModelGround = {
  engine: Engine
  spec: TaskSpec
  base: State
  made: Pick<JudgedRound, 'beacon' | 'round' | 'poolRoot'>
  /** The samples that judge the round. */
  judged: PoolSlice
}

/** The next model's blob with its figures, or why the base model stays. */
export type MadeModel =
  | { blob: Uint8Array; metric: ModelMetric }
  | { kept: 'nothing to add' }
  | { kept: 'rejected'; reason: string }

/**
 * The rule for the next model: the agreed aggregates combined ({@link combineAggregates}), of that step the share that is best on
 * the round's slice of the held-out pool, and the guard (S6).
 *
 * @throws EngineRefusal `limit` when the engine ran out of time or memory
 */
export async function makeModel(
  { engine, spec, base, made, judged }: ModelGround,
  aggregates: readonly AgreedAggregate[],
): Promise<MadeModel> {
  const { full, cohorts } = combineAggregates({ spec, base, aggregates })
  if (full === base) return { kept: 'nothing to add' }
  const chosen = await chooseModel({ engine, holdout: judged.samples, base, full })
  if (!chosen.accepted) return { kept: 'rejected', reason: chosen.reason }
  const metric = metricFor(made, judged, chosen.evaluation)
  return { blob: writeModel(spec, chosen.state, { metric, cohorts }), metric }
}
