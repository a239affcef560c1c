/**
 * Is the largest state that a task may have trained and replayed bit for bit, and how much memory does that take?
 *
 *     npm run exec -- node benchmarks/large-state.ts [--values 33554432]
 *
 * One tensor of so many values, rounded down to whole rows, is trained for a round of four steps in two windows, in the sandbox that
 * daemons use, with its default limits. Then both windows are shown and trained again from their evidence, as validators do.
 */
import { cpus } from 'node:os'
import { encodeGraph, floatConstant, intsConstant, node } from '@assay/engine/author/onnx-author.ts'
import { DEFAULT_SANDBOX_LIMITS, openSandboxedEngine } from '@assay/engine/node/sandbox.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import { type Dataset, dataRoot } from '@assay/engine/package/data.ts'
import { evalSignature, stepSignature } from '@assay/engine/package/graph-signature.ts'
import { ACCURACY } from '@assay/engine/package/sample-spec.ts'
import type { TaskContents } from '@assay/engine/package/task-contents.ts'
import { stateDataBytes, windowCount } from '@assay/engine/package/task-spec.ts'
import { checkWindowEvidence, makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import { train } from '@assay/engine/run/train.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readOptions } from './options.ts'

const SEED: Hash = `0x${'5e'.repeat(32)}`
const COLUMNS = 4096
const BATCH = 4
const SAMPLES = 16
const MIB = 2 ** 20

const { values } = readOptions('npm run exec -- node benchmarks/large-state.ts [--values 33554432]', {
  values: { type: 'string', default: String(2 ** 25) },
})
const rows = Math.floor(Number(values) / COLUMNS)
const data: Dataset = samplesOf(rows)
const { taskJson, files } = await createTask(contentsOf(rows))
const task = await assembleTaskPackage(taskJson, files)
const { spec, init } = task
console.log(`${cpus()[0]?.model} (1 of ${cpus().length} cores), Node ${process.versions.node}`)
console.log(
  `${(stateDataBytes(spec) / 4).toLocaleString('en')} values of state, ${spec.steps} steps in ${windowCount(spec)} windows\n`,
)

const engine = await openSandboxedEngine(task, DEFAULT_SANDBOX_LIMITS)
const round = { data, round: 1, batchSeed: SEED }
const training = await timed('trained', () => train({ engine, base: init, ...round }))
const { stateHashes, stateRoot, borders } = training
for (let window = 0; window < windowCount(spec); window++) {
  const shown = {
    spec,
    window,
    stateHashes,
    start: init,
    stateBefore: borders[window]!,
    data,
    secret: SEED,
    batchSeed: SEED,
  }
  const evidence = await timed(`window ${window} shown`, async () => makeWindowEvidence(shown))
  const claim = {
    window,
    round: 1,
    stateRoot,
    dataRoot: dataRoot(data, SEED),
    sampleCount: data.n,
    batchSeed: SEED,
  }
  const ends = { start: init, startHash: stateHashes[0]!, finalStateHash: stateHashes.at(-1)! }
  const found = await timed(`window ${window} trained again`, () =>
    checkWindowEvidence({ engine, evidence, ...claim, ...ends }),
  )
  const result = found.ok ? 'the same bits' : found.reason
  console.log(`  ${(evidence.length / MIB).toFixed(1)} MiB of evidence: ${result}`)
  if (!found.ok) process.exitCode = 1
}
console.log(
  `wasm memory ${((await engine.memoryBytes()) / MIB).toFixed(0)} MiB of ${DEFAULT_SANDBOX_LIMITS.memoryMb}`,
)
await engine.close()

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const done = await work()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const mostMib = (process.resourceUsage().maxRSS / 1024).toFixed(0)
  console.log(
    `  ${what.padEnd(24)} ${seconds.padStart(6)} s, ${mostMib.padStart(6)} MiB resident at most so far`,
  )
  return done
}

/** Makes x · w small, by plain SGD. */
function contentsOf(features: number): TaskContents {
  const spec: TaskContents['spec'] = {
    name: 'large',
    state: [{ name: 'w', shape: [features, COLUMNS], role: 'model' }],
    stateChunkBytes: 4096,
    inputs: [{ name: 'x', dtype: 'float32', shape: [features] }],
    target: { kind: 'class', classes: 2 },
    strata: { by: 'class' },
    loss: { name: 'square' },
    metric: ACCURACY,
    batchSize: BATCH,
    evalBatchSize: BATCH,
    steps: 4,
    commitEvery: 2,
    schedule: { kind: 'constant', rate: '0.001' },
    noise: [],
    replayWindows: 2,
    unitsPerStep: 1,
    personalSamples: BATCH,
    rootSteps: 2,
  }
  const product = [node('MatMul', ['x', 'w'], 'z'), node('Mul', ['z', 'z'], 'squares')]
  const axis = intsConstant('axis', [1n])
  return {
    spec,
    stepGraph: encodeGraph(
      'step',
      stepSignature(spec),
      [
        ...product,
        node('ReduceMean', ['squares'], 'loss', { keepdims: 0n }),
        node('Mul', ['z', 'lr'], 'scaled'),
        node('Div', ['scaled', 'rows'], 'gradient'),
        node('Gemm', ['x', 'gradient', 'w'], 'w_next', { transA: 1n, alpha: -1 }),
      ],
      [floatConstant('rows', BATCH)],
    ),
    evalGraph: encodeGraph(
      'eval',
      evalSignature(spec),
      [
        ...product,
        node('ReduceSum', ['squares', 'axis'], 'losses', { keepdims: 0n }),
        node('Identity', ['losses'], 'metrics'),
      ],
      [axis],
    ),
    init: new Map([['w', Float32Array.from({ length: features * COLUMNS }, (_, i) => fraction(i) / 64)]]),
    pool: { samples: samplesOf(features), saltSeed: SEED },
  }
}

function samplesOf(features: number): Dataset {
  const x = Float32Array.from({ length: SAMPLES * features }, (_, i) => fraction(i + 7))
  return { inputs: { x }, y: Int32Array.from({ length: SAMPLES }, (_, i) => i % 2), n: SAMPLES }
}

/** Scattered values from −1 to 1: a draw for each of millions would take minutes. */
function fraction(i: number): number {
  return (Math.imul(i + 1, 0x9e3779b1) >> 8) / 2 ** 23
}
