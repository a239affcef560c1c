/**
 * Runs a task's graphs on onnxruntime-web: plain wasm, one thread, no graph optimisation, fixed batch shapes. Each of these changes bits, so none is configurable. Loads in Node and in browsers.
 */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { sha256 } from '../hash.ts'
import type { Batch, Inputs } from '../package/data.ts'
import type { State } from '../package/state.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { demand } from '../refusal.ts'
import { type OpenGraph, runEvaluation, runPrediction, runSteps } from './graph-runs.ts'
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

/** What trains: an engine, or another runtime with other bits, which tolerant tasks accept. */
export type Trainer = Pick<Engine, 'spec' | 'steps'>

export type Evaluation = { losses: Float32Array; metrics: Float32Array }

/** The parts of a package that an engine runs. */
export type RunnableTask = Pick<TaskPackage, 'spec' | 'stepGraph' | 'evalGraph' | 'predictGraph' | 'costs'>

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
  let prediction: Promise<OpenGraph> | undefined
  return {
    spec,
    steps: (state, batches) => runSteps(spec, step, state, batches),
    evaluate: (state, batches) => runEvaluation(spec, evaluation, state, batches),
    predict: async (state, batches) => {
      prediction ??= openGraph('predict.onnx', predictGraphOf(task))
      return runPrediction(spec, await prediction, state, batches)
    },
    close: async () => {
      for (const { session } of [step, evaluation]) await session.release()
      await (await prediction)?.session.release()
    },
  }
}

async function openGraph(name: string, bytes: Uint8Array): Promise<OpenGraph> {
  try {
    return { session: await InferenceSession.create(bytes, SESSION_OPTIONS), Tensor }
  } catch (error) {
    throw runRefusal(`the runtime refuses ${name}`, error)
  }
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
