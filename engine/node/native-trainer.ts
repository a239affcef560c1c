/** Trains in onnxruntime's native build, for tolerant tasks: faster, on several threads or a GPU, and with other bits than the engine. */
import { createRequire } from 'node:module'
import type * as Runtime from 'onnxruntime-web/wasm'
import type { TaskPackage } from '../package/task-contents.ts'
import { EngineRefusal } from '../refusal.ts'
import { runSteps } from '../run/graph-runs.ts'
import { runRefusal } from '../run/run-failure.ts'
import type { Trainer } from '../run/runner.ts'
import type { NativeOptions } from './native-options.ts'

/** What is used of onnxruntime-node: it has the interface of onnxruntime-web. */
export type NativeRuntime = Pick<typeof Runtime, 'InferenceSession' | 'Tensor'>

const PACKAGE = 'onnxruntime-node'
/** What is beyond it ends the process with a segmentation fault for some graphs with LayerNorm and GELU (seen with 1.30 and 1.32). */
const OPTIMIZATION = 'basic'

/**
 * Loads the native runtime, which isn't installed with Assay: it is large, and exact tasks don't need it.
 *
 * @param version that the engine has
 * @throws EngineRefusal `engine` that says how to install it
 */
export function loadNativeRuntime(
  version: string,
  load: (name: string) => unknown = createRequire(import.meta.url),
): NativeRuntime {
  try {
    return load(PACKAGE) as NativeRuntime
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new EngineRefusal(
      'engine',
      `${PACKAGE} can't be loaded (${reason}): install it with npm run exec -- npm install --no-save --ignore-scripts ${PACKAGE}@${version}`,
    )
  }
}

/**
 * Opens a task's step in the native runtime. It is no sandbox: a graph may take any memory and time, and a fault of the runtime is a
 * fault of this process.
 *
 * @throws EngineRefusal `graph` when the runtime refuses the graph, or hasn't got the provider
 */
export async function openNativeTrainer(
  { spec, stepGraph }: Pick<TaskPackage, 'spec' | 'stepGraph'>,
  { InferenceSession, Tensor }: NativeRuntime,
  { provider, threads }: NativeOptions,
): Promise<Trainer & { close(): Promise<void> }> {
  const session = await InferenceSession.create(stepGraph, {
    executionProviders: [provider],
    graphOptimizationLevel: OPTIMIZATION,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }).catch((error) => {
    throw runRefusal(`onnxruntime-node on ${provider} refuses step.onnx`, error)
  })
  return {
    spec,
    steps: (state, batches) => runSteps(spec, { session, Tensor }, state, batches),
    close: () => session.release(),
  }
}
