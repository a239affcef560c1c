/**
 * Runs a task's graphs on onnxruntime-web: plain wasm, one thread, no graph optimisation, fixed batch shapes. Each of these changes bits, so none is configurable. Loads in Node and in browsers.
 */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { sha256 } from '../hash.ts'
import type { Batch, Inputs, Values } from '../package/data.ts'
import type { Dtype } from '../package/element-types.ts'
import { modelLayout, modelOf } from '../package/model.ts'
import { targetPort } from '../package/sample-spec.ts'
import { checkState, type State } from '../package/state.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import type { TaskSpec, TensorLayout } from '../package/task-spec.ts'
import { demand } from '../refusal.ts'
import { runRefusal } from './run-failure.ts'
import type { StepBatch } from './step-batch.ts'

/**
 * Runs a task's graphs. Calls are answered in order. A call is refused with `graph` or `state` when the graph fails on
 * these inputs wherever it runs, and with `limit` when it was broken off: see {@link isDeterministic}.
 */
export type Engine = {
  readonly spec: TaskSpec
  /**
   * Consecutive training steps, one per batch (`batchSize` rows).
   *
   * @returns the state after the last one, and each step's loss.
   */
  steps(state: State, batches: readonly StepBatch[]): Promise<{ state: State; losses: number[] }>
  /** Per-sample loss and metric of a model for each batch (`evalBatchSize` rows). */
  evaluate(state: State, batches: readonly Batch[]): Promise<Evaluation[]>
  /**
   * Predictions for each batch (`evalBatchSize` rows), row by row. The graph is opened at the first call.
   *
   * @throws EngineRefusal `package` when the task has no predict.onnx
   */
  predict(state: State, batches: readonly Inputs[]): Promise<Float32Array[]>
  close(): Promise<void>
}

export type Evaluation = { losses: Float32Array; metrics: Float32Array }

/** The parts of a package that an engine runs. */
export type RunnableTask = Pick<TaskPackage, 'spec' | 'stepGraph' | 'evalGraph' | 'predictGraph' | 'costs'>

type Feeds = Record<string, Tensor>

const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['wasm'],
  graphOptimizationLevel: 'disabled',
  executionMode: 'sequential',
  enableCpuMemArena: true,
  logSeverityLevel: 4,
}

/**
 * Opens a task's graphs on the given wasm binary of onnxruntime-web. One process uses one binary.
 *
 * @throws EngineRefusal `engine` when the binary or the version isn't the one pinned in task.json, `graph` when the
 * runtime refuses a graph, `limit` when memory ran out.
 */
export async function openRunner(task: Omit<RunnableTask, 'costs'>, wasmBinary: Uint8Array): Promise<Engine> {
  const { spec } = task
  demand(
    env.versions.web === spec.engine.version && sha256(wasmBinary) === spec.engine.wasmSha256,
    'engine',
    () =>
      `task is pinned to onnxruntime-web ${spec.engine.version} (wasm ${spec.engine.wasmSha256}), here is ${env.versions.web} (wasm ${sha256(wasmBinary)})`,
  )
  env.wasm.numThreads = 1
  env.wasm.proxy = false
  env.wasm.wasmBinary = wasmBinary.slice().buffer
  env.logLevel = 'fatal'

  const step = await openGraph('step.onnx', task.stepGraph)
  const evaluation = await openGraph('eval.onnx', task.evalGraph)
  let prediction: Promise<InferenceSession> | undefined
  return {
    spec,
    steps: (state, batches) => runSteps(spec, step, state, batches),
    evaluate: (state, batches) => runEvaluation(spec, evaluation, state, batches),
    predict: async (state, batches) => {
      prediction ??= openGraph('predict.onnx', predictGraphOf(task))
      return runPrediction(spec, await prediction, state, batches)
    },
    close: async () => {
      await step.release()
      await evaluation.release()
      await (await prediction)?.release()
    },
  }
}

async function openGraph(name: string, bytes: Uint8Array): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, SESSION_OPTIONS)
  } catch (error) {
    throw runRefusal(`the runtime refuses ${name}`, error)
  }
}

async function runSteps(
  spec: TaskSpec,
  session: InferenceSession,
  state: State,
  batches: readonly StepBatch[],
): Promise<{ state: State; losses: number[] }> {
  checkState(spec, state)
  const feeds = stateFeeds(spec, state)
  const losses: number[] = []
  for (const batch of batches) {
    addBatch(feeds, spec, batch, spec.batchSize)
    feeds.lr = new Tensor('float32', Float32Array.of(batch.rate), [])
    for (const { name, shape } of spec.noise)
      feeds[name] = new Tensor('float32', batch.noise.get(name)!, shape)
    const results = await run(session, 'step.onnx', feeds)
    losses.push(output(results, 'loss', 1)[0]!)
    for (const { name } of spec.state) feeds[name] = results[`${name}_next`]!
  }
  const after: State = new Map(spec.state.map(({ name }) => [name, feeds[name]!.data as Float32Array]))
  checkState(spec, after)
  return { state: after, losses }
}

async function runEvaluation(
  spec: TaskSpec,
  session: InferenceSession,
  state: State,
  batches: readonly Batch[],
): Promise<Evaluation[]> {
  const feeds = stateFeeds(modelLayout(spec), modelOf(spec, state))
  const evaluations: Evaluation[] = []
  for (const batch of batches) {
    addBatch(feeds, spec, batch, spec.evalBatchSize)
    const results = await run(session, 'eval.onnx', feeds)
    evaluations.push({
      losses: output(results, 'losses', spec.evalBatchSize),
      metrics: output(results, 'metrics', spec.evalBatchSize),
    })
  }
  return evaluations
}

/** @throws EngineRefusal `package` when there is none */
export function predictGraphOf({ predictGraph }: Pick<TaskPackage, 'predictGraph'>): Uint8Array {
  demand(
    predictGraph !== undefined,
    'package',
    () => 'the task has no predict.onnx: its package says how to train, not how to predict',
  )
  return predictGraph
}

async function runPrediction(
  spec: TaskSpec,
  session: InferenceSession,
  state: State,
  batches: readonly Inputs[],
): Promise<Float32Array[]> {
  const feeds = stateFeeds(modelLayout(spec), modelOf(spec, state))
  const predictions: Float32Array[] = []
  for (const { inputs } of batches) {
    addInputs(feeds, spec, inputs, spec.evalBatchSize)
    const { data } = (await run(session, 'predict.onnx', feeds)).predictions!
    demand(data instanceof Float32Array, 'graph', () => 'output predictions is not float32')
    predictions.push(data)
  }
  return predictions
}

function stateFeeds(spec: TensorLayout, state: State): Feeds {
  return Object.fromEntries(
    spec.state.map(({ name, shape }) => [name, new Tensor('float32', state.get(name)!, shape)]),
  )
}

function addBatch(feeds: Feeds, spec: TaskSpec, { inputs, y }: Batch, rows: number): void {
  addInputs(feeds, spec, inputs, rows)
  const { dtype, shape } = targetPort(spec.target)
  feeds.y = tensorOf(dtype, y, [rows, ...shape])
}

function addInputs(feeds: Feeds, spec: TaskSpec, inputs: Inputs['inputs'], rows: number): void {
  for (const { name, dtype, shape } of spec.inputs)
    feeds[name] = tensorOf(dtype, inputs[name]!, [rows, ...shape])
}

function tensorOf(dtype: Dtype, values: Values, shape: readonly number[]): Tensor {
  return dtype === 'int64'
    ? new Tensor('int64', BigInt64Array.from(values, BigInt), shape)
    : new Tensor(dtype, values, shape)
}

async function run(
  session: InferenceSession,
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
