/** How fast the built-in models train and evaluate, beside the native runtime on the same graphs. */
import { type BuiltModel, buildModel, type ModelOptions } from '@assay/engine/author/models/build-model.ts'
import { readModelText } from '@assay/engine/author/models/model-text.ts'
import { readOptimizerText } from '@assay/engine/author/optimizers/optimizer-text.ts'
import { installedWasm } from '@assay/engine/node/engine-pin.ts'
import { elementCount } from '@assay/engine/package/safetensors.ts'
import type { Input } from '@assay/engine/package/sample-spec.ts'
import { deriveSeed, drawIndices, type Hash } from '@assay/sdk/protocol/random.ts'
import * as web from 'onnxruntime-web/wasm'
import { NATIVE_OPTIONS, nativeRuntime } from './native-runtime.ts'
import { medianRate, type Rate } from './rates.ts'

type Runtime = typeof web
type Runs = { step: (count: number) => Promise<void>; evaluate: (count: number) => Promise<void> }

const SEED: Hash = `0x${'b1'.repeat(32)}`
/** Of the native runtime's speed. */
export const LEAST_SHARE = 0.25
const WEB_OPTIONS = {
  executionProviders: ['wasm'],
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 4,
} as const
/** About as long as a run should take. */
const RUN_MILLISECONDS = 400

const DIGIT: Input = {
  name: 'x',
  dtype: 'float32',
  shape: [784],
  grid: { height: 28, width: 28, channels: 1, order: 'channels-last' },
}
const TEXT: Input = { name: 'x', dtype: 'int64', shape: [64], below: 96 }
const DIGITS = { kind: 'class', classes: 10 } as const
const NEXT = { kind: 'tokens', length: 64, vocabulary: 96 } as const

const model = (
  text: string,
  optimizer: string,
  of: Pick<ModelOptions, 'inputs' | 'target' | 'batchSize'>,
): { label: string; options: ModelOptions } => ({
  label: `${text}, ${optimizer}, batch ${of.batchSize}`,
  options: {
    ...of,
    model: readModelText(text),
    optimizer: readOptimizerText(optimizer),
    evalBatchSize: of.batchSize,
    seed: SEED,
  },
})

const digits = { inputs: [DIGIT], target: DIGITS, batchSize: 32 }
const MODELS = [
  model('logistic', 'sgd', digits),
  model('mlp:128', 'sgd', digits),
  model('mlp:128', 'adamw', digits),
  model('cnn:16,32', 'momentum', digits),
  model('transformer:layers=2,width=64', 'adamw', { inputs: [TEXT], target: NEXT, batchSize: 16 }),
]

/**
 * Measures each built-in model: steps and evaluated samples a second of one core, and the share of the native runtime's speed
 * on one thread.
 *
 * @param native version of the native runtime; without it, or where it can't be had, ours stands alone
 * @returns whether every model trains at {@link LEAST_SHARE} of the native runtime's speed or more
 */
export async function reportModels(native: string | undefined): Promise<boolean> {
  web.env.wasm.numThreads = 1
  web.env.wasm.wasmBinary = (await installedWasm()).slice().buffer
  const peer = native === undefined ? undefined : await peerOrNone(native)
  let isMet = true
  for (const { label, options } of MODELS) {
    const built = buildModel(options)
    const ours = await measure(web, WEB_OPTIONS, built, options)
    const theirs = peer && (await measure(peer, NATIVE_OPTIONS, built, options))
    isMet &&= theirs === undefined || ours.steps.perCoreSecond >= LEAST_SHARE * theirs.steps.perCoreSecond
    console.log(`${label}\n  ${line(built, ours, theirs)}`)
  }
  return isMet
}

async function peerOrNone(version: string): Promise<Runtime | undefined> {
  try {
    return await nativeRuntime(version)
  } catch {
    // The digits above tell why.
    return undefined
  }
}

type Speed = { steps: Rate; samples: Rate }

async function measure(
  runtime: Runtime,
  sessionOptions: web.InferenceSession.SessionOptions,
  built: BuiltModel,
  options: ModelOptions,
): Promise<Speed> {
  const { step, evaluate } = await open(runtime, sessionOptions, built, options)
  const steps = await speedOf(step, 1)
  return { steps, samples: await speedOf(evaluate, options.evalBatchSize) }
}

/** Runs until it is warm, then as many times as fit a run. */
async function speedOf(work: (count: number) => Promise<void>, each: number): Promise<Rate> {
  await work(3)
  const started = performance.now()
  await work(3)
  const count = Math.max(3, Math.ceil((3 * RUN_MILLISECONDS) / (performance.now() - started)))
  return medianRate(count * each, () => work(count))
}

async function open(
  { InferenceSession, Tensor }: Runtime,
  sessionOptions: web.InferenceSession.SessionOptions,
  { stepGraph, evalGraph, state, init }: BuiltModel,
  { inputs, target, batchSize }: ModelOptions,
): Promise<Runs> {
  const [step, evaluation] = [
    await InferenceSession.create(stepGraph, sessionOptions),
    await InferenceSession.create(evalGraph, sessionOptions),
  ]
  const drawn = (name: string, shape: readonly number[], below?: number) => {
    const full = [batchSize, ...shape]
    const draws = drawIndices(deriveSeed(SEED, name), elementCount(full), below ?? 256)
    return below === undefined
      ? new Tensor(
          'float32',
          Float32Array.from(draws, (draw) => draw / 255),
          full,
        )
      : new Tensor('int64', BigInt64Array.from(draws, BigInt), full)
  }
  const feeds: Record<string, web.Tensor> = { lr: new Tensor('float32', [0.01], []) }
  for (const { name, shape } of state) feeds[name] = new Tensor('float32', init.get(name)!, shape)
  for (const { name, shape, below } of inputs) feeds[name] = drawn(name, shape, below)
  feeds.y =
    target.kind === 'tokens' ? drawn('y', [target.length], target.vocabulary) : oneHot(Tensor, batchSize, 10)
  const read = Object.fromEntries(evaluation.inputNames.map((name) => [name, feeds[name]!]))
  return {
    step: async (count) => {
      for (let i = 0; i < count; i++) {
        const results = await step.run(feeds)
        for (const { name } of state) feeds[name] = results[`${name}_next`]!
      }
    },
    evaluate: async (count) => {
      for (let i = 0; i < count; i++) await evaluation.run(read)
    },
  }
}

function oneHot(Tensor: Runtime['Tensor'], rows: number, classes: number): web.Tensor {
  const data = new Float32Array(rows * classes)
  for (let row = 0; row < rows; row++) data[row * classes + (row % classes)] = 1
  return new Tensor('float32', data, [rows, classes])
}

function line({ stepGraph, evalGraph, predictGraph, init }: BuiltModel, ours: Speed, theirs?: Speed): string {
  const round = (value: number) => Math.round(value).toLocaleString('en')
  const share = (of: keyof Speed) =>
    theirs === undefined
      ? ''
      : ` (${(ours[of].perCoreSecond / theirs[of].perCoreSecond).toFixed(2)} × native)`
  const values = [...init.values()].reduce((sum, { length }) => sum + length, 0)
  const bytes = 4 * values + stepGraph.length + evalGraph.length + predictGraph.length
  return [
    `${round(ours.steps.perCoreSecond)} steps/s${share('steps')}`,
    `${round(ours.samples.perCoreSecond)} samples/s evaluated${share('samples')}`,
    `${round(values)} values of state, package ${round(bytes / 1024)} KiB`,
  ].join('; ')
}
