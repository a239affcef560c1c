/** Runs open graphs of a task on values: the same for every runtime that has the interface of onnxruntime. */
import type { InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import type { Batch, Inputs, Values } from '../package/data.ts'
import type { Dtype } from '../package/element-types.ts'
import { modelLayout, modelOf } from '../package/model.ts'
import { targetPort } from '../package/sample-spec.ts'
import { checkState, type State } from '../package/state.ts'
import type { TaskSpec, TensorLayout } from '../package/task-spec.ts'
import { demand } from '../refusal.ts'
import { runRefusal } from './run-failure.ts'
import type { Evaluation } from './runner.ts'
import type { StepBatch } from './step-batch.ts'

/** An open graph, and what makes values for its runtime. */
export type OpenGraph = { session: InferenceSession; Tensor: typeof Tensor }

type Feeds = Record<string, Tensor>

/** Consecutive training steps: see `Engine` in runner.ts. */
export async function runSteps(
  spec: TaskSpec,
  graph: OpenGraph,
  state: State,
  batches: readonly StepBatch[],
): Promise<{ state: State; losses: number[] }> {
  checkState(spec, state)
  const { Tensor } = graph
  const feeds = stateFeeds(graph, spec, state)
  const losses: number[] = []
  for (const batch of batches) {
    addBatch(graph, feeds, spec, { batch, rows: spec.batchSize })
    feeds.lr = new Tensor('float32', Float32Array.of(batch.rate), [])
    for (const { name, shape } of spec.noise)
      feeds[name] = new Tensor('float32', batch.noise.get(name)!, shape)
    const results = await run(graph, 'step.onnx', feeds)
    losses.push(output(results, 'loss', 1)[0]!)
    for (const { name } of spec.state) feeds[name] = results[`${name}_next`]!
  }
  const after: State = new Map(spec.state.map(({ name }) => [name, feeds[name]!.data as Float32Array]))
  checkState(spec, after)
  return { state: after, losses }
}

/** Per-sample loss and metric of each batch. */
export async function runEvaluation(
  spec: TaskSpec,
  graph: OpenGraph,
  state: State,
  batches: readonly Batch[],
): Promise<Evaluation[]> {
  const feeds = stateFeeds(graph, modelLayout(spec), modelOf(spec, state))
  const evaluations: Evaluation[] = []
  for (const batch of batches) {
    addBatch(graph, feeds, spec, { batch, rows: spec.evalBatchSize })
    const results = await run(graph, 'eval.onnx', feeds)
    evaluations.push({
      losses: output(results, 'losses', spec.evalBatchSize),
      metrics: output(results, 'metrics', spec.evalBatchSize),
    })
  }
  return evaluations
}

/** Predictions of each batch, row by row. */
export async function runPrediction(
  spec: TaskSpec,
  graph: OpenGraph,
  state: State,
  batches: readonly Inputs[],
): Promise<Float32Array[]> {
  const feeds = stateFeeds(graph, modelLayout(spec), modelOf(spec, state))
  const predictions: Float32Array[] = []
  for (const batch of batches) {
    addInputs(graph, feeds, spec, { batch, rows: spec.evalBatchSize })
    const { data } = (await run(graph, 'predict.onnx', feeds)).predictions!
    demand(data instanceof Float32Array, 'graph', () => 'output predictions is not float32')
    predictions.push(data)
  }
  return predictions
}

function stateFeeds({ Tensor }: OpenGraph, spec: TensorLayout, state: State): Feeds {
  return Object.fromEntries(
    spec.state.map(({ name, shape }) => [name, new Tensor('float32', state.get(name)!, shape)]),
  )
}

type Rows<What> = { batch: What; rows: number }

function addBatch(graph: OpenGraph, feeds: Feeds, spec: TaskSpec, { batch, rows }: Rows<Batch>): void {
  addInputs(graph, feeds, spec, { batch, rows })
  const { dtype, shape } = targetPort(spec.target)
  feeds.y = tensorOf(graph, dtype, batch.y, [rows, ...shape])
}

function addInputs(graph: OpenGraph, feeds: Feeds, spec: TaskSpec, { batch, rows }: Rows<Inputs>): void {
  for (const { name, dtype, shape } of spec.inputs)
    feeds[name] = tensorOf(graph, dtype, batch.inputs[name]!, [rows, ...shape])
}

function tensorOf({ Tensor }: OpenGraph, dtype: Dtype, values: Values, shape: readonly number[]): Tensor {
  return dtype === 'int64'
    ? new Tensor('int64', BigInt64Array.from(values, BigInt), shape)
    : new Tensor(dtype, values, shape)
}

async function run(
  { session }: OpenGraph,
  name: string,
  feeds: Feeds,
): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds)
  } catch (error) {
    throw runRefusal(`${name} failed`, error)
  }
}

function output(results: InferenceSession.OnnxValueMapType, name: string, length: number): Float32Array {
  const data = results[name]?.data
  demand(
    data instanceof Float32Array && data.length === length,
    'graph',
    () => `output ${name} is not ${length} float32 values`,
  )
  return data
}
