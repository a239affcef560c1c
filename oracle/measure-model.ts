import { evaluateSteps } from '@assay/engine/aggregate/model-step.ts'
import type { PoolSlice } from '@assay/engine/judge/pool-slice.ts'
import { type ModelMetric, metricOf } from '@assay/engine/package/model-blob.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { DatasetEvaluation } from '@assay/engine/run/evaluate.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import { engineUntil } from './engine-until.ts'
import type { OracleContext } from './oracle-context.ts'
import { type JudgedRound, samplesOfRound } from './pool/round-samples.ts'

/** The models after each share of a round's step, with the figures that their blobs would say. */
export type MeasureSteps = (
  step: { base: State; full: State },
  made: JudgedRound,
  signal?: AbortSignal,
) => Promise<{ state: State; metric: ModelMetric }[]>

/** Figures of a model that a round made, measured on the samples that judged the round. */
export function metricFor(
  { beacon, round, poolRoot }: Pick<JudgedRound, 'beacon' | 'round' | 'poolRoot'>,
  { samples, pool }: PoolSlice,
  evaluation: DatasetEvaluation,
): ModelMetric {
  return metricOf(evaluation, { round, poolRoot, beacon, samples: samples.n, poolSamples: pool.n })
}

/** Measures again what an earlier round may have made: those steps that could be measured. */
export function measureSteps(
  context: Pick<OracleContext, 'bench' | 'pools' | 'told' | 'log' | 'signal'>,
): MeasureSteps {
  return async (step, made, signal = context.signal) => {
    const judged = await untilAborted(signal, () => samplesOfRound(context, made))
    const { specHash } = made.params
    const { spec } = await untilAborted(signal, () => context.bench.package(specHash))
    const engine = engineUntil(context, { specHash, spec }, signal)
    const steps = await evaluateSteps({ engine, holdout: judged.samples, ...step })
    return steps
      .filter(({ evaluation }) => Number.isFinite(evaluation.meanLoss))
      .map(({ state, evaluation }) => ({ state, metric: metricFor(made, judged, evaluation) }))
  }
}
