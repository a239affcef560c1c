/** The native runtime, for comparison only: its bits depend on the processor, so nothing that counts may use it. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { batchPorts } from '@assay/engine/package/graph-signature.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { StepBatch } from '@assay/engine/run/step-batch.ts'
import type * as Runtime from 'onnxruntime-web/wasm'

/** Runs training steps and returns the state after the last. */
export type NativeSteps = (state: State, batches: readonly StepBatch[]) => Promise<State>

const run = promisify(execFile)
const folder = fileURLToPath(new URL('../../.toolchain/onnxruntime-node', import.meta.url))

/**
 * Fetches onnxruntime-node into .toolchain/, once, without its install scripts, and opens the task's step on one thread.
 *
 * @throws when the registry can't be reached or the package has no binary for this machine.
 */
export async function openNative({ spec, stepGraph }: TaskPackage): Promise<NativeSteps> {
  if (!existsSync(join(folder, 'node_modules'))) {
    await mkdir(folder, { recursive: true })
    const options = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', '--prefix', folder, ...options, `onnxruntime-node@${spec.engine.version}`])
  }
  const { InferenceSession, Tensor } = createRequire(join(folder, 'package.json'))(
    'onnxruntime-node',
  ) as typeof Runtime
  const session = await InferenceSession.create(stepGraph, { intraOpNumThreads: 1, interOpNumThreads: 1 })
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
