import { type Dataset, makeBatch } from '../package/data.ts'
import type { State } from '../package/state.ts'
import type { Engine, Evaluation } from './runner.ts'

export type ClassAccuracy = { correct: number; total: number }

export type DatasetEvaluation = {
  /** Share of samples whose class is predicted, 0 … 1. */
  accuracy: number
  meanLoss: number
  /** By label. */
  perClass: ClassAccuracy[]
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

/** Accuracy and mean loss of a state over a whole dataset, and accuracy by class (for guard S6). */
export async function evaluateDataset(options: {
  engine: Engine
  state: State
  data: Dataset
}): Promise<DatasetEvaluation> {
  const { engine, data } = options
  const indices = Array.from({ length: data.n }, (_, i) => i)
  const { losses, correct } = await evaluateIndices({ ...options, indices })
  const perClass = Array.from({ length: engine.spec.target.classes }, () => ({ correct: 0, total: 0 }))
  let lossSum = 0
  let correctSum = 0
  for (let i = 0; i < data.n; i++) {
    const tally = perClass[data.y[i]!]!
    tally.total++
    tally.correct += correct[i]!
    correctSum += correct[i]!
    lossSum += losses[i]!
  }
  return { accuracy: correctSum / data.n, meanLoss: lossSum / data.n, perClass }
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
    correct: joined(evaluations.map(({ correct }) => correct)).subarray(0, indices.length),
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
