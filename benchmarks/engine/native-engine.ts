/** A task's step in the native runtime. */
import { batchPorts } from '@assay/engine/package/graph-signature.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { StepBatch } from '@assay/engine/run/step-batch.ts'
import type * as Runtime from 'onnxruntime-web/wasm'
import { NATIVE_OPTIONS, nativeRuntime } from './native-runtime.ts'

/** Runs training steps and returns the state after the last. */
export type NativeSteps = (state: State, batches: readonly StepBatch[]) => Promise<State>

/** Opens the task's step on one thread. @throws when the native runtime can't be had */
export async function openNative({ spec, stepGraph }: TaskPackage): Promise<NativeSteps> {
  const { InferenceSession, Tensor } = await nativeRuntime(spec.engine.version)
  const session = await InferenceSession.create(stepGraph, NATIVE_OPTIONS)
  return async (state, batches) => {
    const feeds: Record<string, Runtime.Tensor> = {}
    for (const { name, shape } of spec.state) feeds[name] = new Tensor('float32', state.get(name)!, shape)
    for (const { inputs, y, rate } of batches) {
      feeds.lr = new Tensor('float32', [rate], [])
      for (const { name, shape } of batchPorts(spec, spec.batchSize))
        feeds[name] = new Tensor('float32', Float32Array.from(inputs[name] ?? y), shape)
      const results = await session.run(feeds)
      for (const { name } of spec.state) feeds[name] = results[`${name}_next`] as Runtime.Tensor
    }
    return new Map(spec.state.map(({ name }) => [name, feeds[name]!.data as Float32Array]))
  }
}
