/**
 * How fast does the engine train and evaluate? Digits (784-128-10, batch 32) first, then each built-in model.
 *
 *     npm run bench:engine [-- --no-native] [--python PROGRAM] [--seed HASH]
 *
 * Digits: cold are the process's first thousand steps, warm the median of five runs after them, beside the same step as plain
 * TypeScript loops and in the native runtime (fetched without install scripts; its bits depend on the processor).
 *
 * Models: each in a process of its own, in turns with the native runtime and, where PROGRAM is a Python with PyTorch, with that, all
 * on one thread. Shares are medians of seven turns: rates differ between machines and a busy one changes them, shares hardly.
 * Rates are per second of one core's CPU time. Ends with exit code 1 where a model trains or evaluates at less than a quarter of the
 * native runtime's speed.
 */
import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { evaluateDataset } from '@assay/engine/run/evaluate.ts'
import type { Trainer } from '@assay/engine/run/runner.ts'
import { makeStepBatch, type StepBatch, stepRate } from '@assay/engine/run/step-batch.ts'
import { batchIndices, train } from '@assay/engine/run/train.ts'
import { norm } from '@assay/engine/vector.ts'
import { digitsTrainingSet } from '@assay/lab/digits.ts'
import { openDigits } from '@assay/lab/experiments/federation.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { compareModels, LEAST_SHARE } from './engine/compare-models.ts'
import { openNative } from './engine/native-engine.ts'
import { nativeRuntime } from './engine/native-runtime.ts'
import { type Layer, plainStep } from './engine/plain-mlp.ts'
import { medianRate, perSecond, type Rate, RUNS, rate, report } from './engine/rates.ts'
import { readOptions } from './options.ts'

const DEFAULT_SEED: Hash = `0x${'be'.repeat(32)}`
const WARM_UP_STEPS = 1_000
const RUN_STEPS = 1_000
const PLAIN_STEPS = 100
const COMMIT_EVERY = 10

const usage = 'npm run bench:engine [-- --no-native] [--python PROGRAM] [--seed HASH]'
const options = readOptions(usage, {
  native: { type: 'boolean', default: true },
  python: { type: 'string' },
  seed: { type: 'string', default: DEFAULT_SEED },
})
const SEED = readSeed(options.seed)
const torchVersion = options.python === undefined ? undefined : torchOf(options.python)
let nativeVersion: string | undefined
const openedAt = performance.now()
const { task, engine } = await openDigits(SEED, { steps: RUN_STEPS, commitEvery: COMMIT_EVERY })
const startSeconds = (performance.now() - openedAt) / 1000
const data = await digitsTrainingSet()
const batches = Array.from({ length: RUN_STEPS }, (_, step) =>
  makeStepBatch(task.spec, data, batchIndices(SEED, step, task.spec.batchSize, data.n), {
    rate: stepRate(task.spec, 1, step),
    seed: SEED,
    step,
  }),
)

const cold = await rate(WARM_UP_STEPS, () => engine.steps(task.init, batches))
const warm = await medianRate(RUN_STEPS, () => engine.steps(task.init, batches))
const committed = await medianRate(RUN_STEPS, () =>
  train({ engine, base: task.init, data, round: 1, batchSeed: SEED, keepBorders: false }),
)
const evaluations = await medianRate(data.n, () => evaluateDataset({ engine, state: task.init, data }))
const { state: trained } = await engine.steps(task.init, batches)

console.log(`${cpus()[0]?.model} (1 of ${cpus().length} cores), Node ${process.versions.node}`)
console.log(`${task.spec.engine.name} ${task.spec.engine.version}, wasm, 1 thread; 784-128-10, batch 32\n`)
report('opening task and engine', `${startSeconds.toFixed(2)} s`)
report(`training, cold (first ${WARM_UP_STEPS} steps)`, perSecond(cold, 'steps'))
report(`training, warm (median of ${RUNS} × ${RUN_STEPS})`, perSecond(warm, 'steps'))
report(`  with batches drawn and a state hash every ${COMMIT_EVERY}`, perSecond(committed, 'steps'))
report('evaluation, warm', perSecond(evaluations, 'samples'))
report('plain TypeScript loops, warm', perSecond(await plainRate(), 'steps'))
report('onnxruntime-node, one thread, warm', await nativeReport())
await engine.close()

console.log(`\nbuilt-in models, of a core${torchVersion === undefined ? '' : `; torch ${torchVersion}`}`)
const areModelsMet = await compareModels(SEED, {
  nativeVersion,
  python: options.python,
})
console.log(
  `\nthe bar is ${LEAST_SHARE} of the native runtime's steps and evaluations: ${areModelsMet ? 'met' : 'MISSED'}`,
)
process.exitCode = areModelsMet ? 0 : 1

async function plainRate(): Promise<Rate> {
  const layer = (i: number, inputs: number, outputs: number): Layer => ({
    weight: task.init.get(`w${i}`)!.slice(),
    bias: task.init.get(`b${i}`)!.slice(),
    inputs,
    outputs,
  })
  const [first, second] = [layer(0, 784, 128), layer(1, 128, 10)]
  const steps = (list: StepBatch[]) => {
    for (const batch of list) plainStep(first, second, batch, task.spec.batchSize, 0.2)
  }
  steps(batches)
  return medianRate(PLAIN_STEPS, async () => steps(batches.slice(0, PLAIN_STEPS)))
}

/** Also tells whether there is a native runtime for the models. */
async function nativeReport(): Promise<string> {
  if (!options.native) return 'left out (--no-native)'
  let native: Trainer
  try {
    native = await openNative(task, await nativeRuntime(task.spec.engine.version))
  } catch (error) {
    return `absent: ${error instanceof Error ? error.message.split('\n')[0] : error}`
  }
  nativeVersion = task.spec.engine.version
  await native.steps(task.init, batches)
  const speed = await medianRate(RUN_STEPS, () => native.steps(task.init, batches))
  return `${perSecond(speed, 'steps')}; weights ${await nativeDistance(native)} from ours`
}

async function nativeDistance(trainer: Trainer): Promise<string> {
  const { state: native } = await trainer.steps(task.init, batches)
  const w0 = trained.get('w0')!
  const difference = norm(native.get('w0')!.map((value, i) => value - w0[i]!)) / norm(w0)
  return difference === 0 ? 'no bit' : `${difference.toExponential(1)} (relative)`
}

function readSeed(text: string): Hash {
  if (/^0x[0-9a-f]{64}$/.test(text)) return text as Hash
  return stop(`--seed is "${text}": give 0x and 64 lowercase hexadecimal digits.`)
}

/** Version of a Python's PyTorch. */
function torchOf(python: string): string {
  const { status, error, stdout, stderr } = spawnSync(
    python,
    ['-c', 'import torch; print(torch.__version__)'],
    {
      encoding: 'utf8',
    },
  )
  if (status === 0) return stdout.trim()
  const reason = error?.message ?? stderr.trim().split('\n').at(-1)
  return stop(`${python} can't import torch: ${reason}. Name a Python that has it, or leave --python out.`)
}

function stop(message: string): never {
  console.error(message)
  process.exit(2)
}
