/** A task's step in the native runtime, as its users have it: on one thread, with every optimisation of the graph. */
import type { NativeRuntime } from '@assay/engine/node/native-trainer.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { runSteps } from '@assay/engine/run/graph-runs.ts'
import type { Trainer } from '@assay/engine/run/runner.ts'
import { NATIVE_OPTIONS } from './native-runtime.ts'

/** Opens the task's step. @throws when the native runtime refuses the graph */
export async function openNative(
  { spec, stepGraph }: TaskPackage,
  { InferenceSession, Tensor }: NativeRuntime,
): Promise<Trainer & { close(): Promise<void> }> {
  const session = await InferenceSession.create(stepGraph, NATIVE_OPTIONS)
  return {
    spec,
    steps: (state, batches) => runSteps(spec, { session, Tensor }, state, batches),
    close: () => session.release(),
  }
}
