import { type Dataset, makeBatch, strataOf } from '../package/data.ts'
import { strataCount } from '../package/sample-spec.ts'
import type { State } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import type { Engine, Evaluation } from './runner.ts'

/** Sums over the samples of one stratum. */
export type StratumTally = { total: number; metricSum: number; lossSum: number }

export type DatasetEvaluation = {
  /** Mean of the task's metric: where it is accuracy, the share of samples whose class is predicted. */
  meanMetric: number
  meanLoss: number
  /** Mean of the losses' absolute values: the measure for how much a loss may rise. */
  meanLossSize: number
  /** None for samples without strata, as contributors' are where strata are a column. */
  strata: StratumTally[]
}

/**
 * Loss of each sample at `indices`, in that order. The last batch is filled up with zero rows, whose results are
 * dropped: every batch has the task's fixed shape.
 */
export async function sampleLosses(options: {
  engine: Engine
  state: State
  data: Dataset
  indices: readonly number[]
}): Promise<Float32Array> {
  return (await evaluateIndices(options)).losses
}

/** Mean metric and loss of a state over a whole dataset, and by stratum (for guard S6). */
export async function evaluateDataset(options: {
  engine: Engine
  state: State
  data: Dataset
}): Promise<DatasetEvaluation> {
  const { engine, data } = options
  const indices = Array.from({ length: data.n }, (_, i) => i)
  const { losses, metrics } = await evaluateIndices({ ...options, indices })
  const [lossSum, metricSum] = [sumOf(losses), sumOf(metrics)]
  return {
    meanMetric: metricSum / data.n,
    meanLoss: lossSum / data.n,
    meanLossSize: sumOf(losses.map(Math.abs)) / data.n,
    strata: talliesOf(engine.spec, data, { losses, metrics }),
  }
}

function talliesOf(spec: TaskSpec, data: Dataset, { losses, metrics }: Evaluation): StratumTally[] {
  if (spec.strata.by === 'column' && data.strata === undefined) return []
  const tallies = Array.from({ length: strataCount(spec) }, () => ({ total: 0, metricSum: 0, lossSum: 0 }))
  strataOf(spec, data).forEach((stratum, i) => {
    const tally = tallies[stratum]!
    tally.total++
    tally.metricSum += metrics[i]!
    tally.lossSum += losses[i]!
  })
  return tallies
}

/** In doubles, in their order. */
function sumOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0)
}

async function evaluateIndices(options: {
  engine: Engine
  state: State
  data: Dataset
  indices: readonly number[]
}): Promise<Evaluation> {
  const { engine, state, data, indices } = options
  const { evalBatchSize } = engine.spec
  const batches = []
  for (let at = 0; at < indices.length; at += evalBatchSize) {
    batches.push(makeBatch(engine.spec, data, indices.slice(at, at + evalBatchSize), evalBatchSize))
  }
  const evaluations = await engine.evaluate(state, batches)
  return {
    losses: joined(evaluations.map(({ losses }) => losses)).subarray(0, indices.length),
    metrics: joined(evaluations.map(({ metrics }) => metrics)).subarray(0, indices.length),
  }
}

function joined(parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
