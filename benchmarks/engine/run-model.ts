/**
 * One model in one runtime, in a process of its own, so that its memory can be told: compare-models.ts starts it.
 *
 *     node benchmarks/engine/run-model.ts wasm|native MODEL SEED VERSION
 *
 * Answers each line `{"work": "steps" | "evaluations", "count": number}` with a line `{"seconds", "coreSeconds", "peakBytes"}`.
 */
import { createInterface } from 'node:readline'
import { installedWasm } from '@assay/engine/node/engine-pin.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { peakBytes } from '../peak-memory.ts'
import { measuredModels } from './models.ts'
import { NATIVE_OPTIONS, nativeRuntime } from './native-runtime.ts'
import { openModel } from './open-model.ts'

const WEB_OPTIONS = {
  executionProviders: ['wasm'],
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 4,
} as const

const [runtime, place, seed, version] = process.argv.slice(2) as ['wasm' | 'native', string, Hash, string]
const { options } = measuredModels(seed)[Number(place)]!
const model =
  runtime === 'native'
    ? await openModel(await nativeRuntime(version), options, NATIVE_OPTIONS)
    : await openModel(await wasmRuntime(), options, WEB_OPTIONS)

for await (const line of createInterface({ input: process.stdin })) {
  const { work, count } = JSON.parse(line) as { work: 'steps' | 'evaluations'; count: number }
  const started = performance.now()
  const before = process.cpuUsage()
  await model[work](count)
  const { user, system } = process.cpuUsage(before)
  const answer = {
    seconds: (performance.now() - started) / 1e3,
    coreSeconds: (user + system) / 1e6,
    peakBytes: await peakBytes(),
  }
  console.log(JSON.stringify(answer))
}

async function wasmRuntime() {
  const web = await import('onnxruntime-web/wasm')
  web.env.wasm.numThreads = 1
  web.env.wasm.wasmBinary = (await installedWasm()).slice().buffer
  return web
}
