/**
 * How large is the evidence of a window, and how long does it take to write and to read its state?
 *
 *     npm run exec -- node benchmarks/evidence.ts [--no-large]
 *
 * Trains the digits task (784-128-10, 200 steps in ten windows, two rounds) and a perceptron of 4.9 million parameters
 * (784-2048-1600-10, 20 steps in four windows). Beside each window stands what it takes without its samples: the state as it is, and
 * its difference to the state that the round starts from. Then what a round takes whose audits draw seven windows of 64 contributors
 * each: whole evidence, encrypted, by the mean of the windows measured and by their largest. It is multiplied, not played.
 */
import { cpus } from 'node:os'
import { buildMlpTask } from '@assay/engine/author/mlp-task.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import { sampleTree, subset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import { stateDataBytes, type TensorLayout, windowCount } from '@assay/engine/package/task-spec.ts'
import { makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { readDifference, writeDifference } from '@assay/engine/run/state-difference.ts'
import { train } from '@assay/engine/run/train.ts'
import { digitsTrainingSet } from '@assay/lab/digits.ts'
import { openDigits } from '@assay/lab/experiments/federation.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { EVIDENCE_OVERHEAD_BYTES } from '@assay/store/evidence-encryption.ts'
import { readOptions } from './options.ts'

const SEED: Hash = `0x${'5e'.repeat(32)}`
const POOL_SAMPLES = 200
const AUDITED = 64
const WINDOWS_DRAWN = 7

const { large } = readOptions('npm run exec -- node benchmarks/evidence.ts [--no-large]', {
  large: { type: 'boolean', default: true },
})
const data = await digitsTrainingSet()
const tree = sampleTree(data, SEED)
console.log(`${cpus()[0]?.model} (1 of ${cpus().length} cores), Node ${process.versions.node}`)

const digits = await openDigits(SEED, { steps: 200, commitEvery: 20 })
await measure('digits, 784-128-10', digits.engine, { init: digits.task.init, rounds: 2 })
if (large) {
  const { engine, init } = await openLarge()
  await measure('784-2048-1600-10', engine, { init, rounds: 1 })
  await engine.close()
}
await digits.engine.close()

async function openLarge(): Promise<{ engine: Engine; init: State }> {
  const samples = subset(
    data,
    Array.from({ length: POOL_SAMPLES }, (_, i) => i),
  )
  const { taskJson, files } = await createTask(
    buildMlpTask({
      name: 'large',
      inputSize: 784,
      hidden: [2048, 1600],
      classes: 10,
      batchSize: 32,
      evalBatchSize: 50,
      steps: 20,
      commitEvery: 5,
      learningRate: '0.1',
      unitsPerStep: 1,
      personalSamples: 50,
      rootSteps: 10,
      pool: { samples, saltSeed: SEED },
      seed: SEED,
    }),
  )
  const task = await assembleTaskPackage(taskJson, files)
  return { engine: await openEngine(task), init: task.init }
}

async function measure(
  name: string,
  engine: Engine,
  { init, rounds }: { init: State; rounds: number },
): Promise<void> {
  const { spec } = engine
  const whole = stateDataBytes(spec)
  console.log(
    `\n${name}: ${(whole / 4).toLocaleString('en')} parameters, ${whole.toLocaleString('en')} bytes a state`,
  )
  let base = init
  for (let round = 1; round <= rounds; round++) {
    const batchSeed = deriveSeed(SEED, 'evidence', BigInt(round))
    const training = await train({ engine, base, data, round, batchSeed })
    const { borders, final, stateHashes } = training
    const shown = { spec, stateHashes, start: base, data, secret: SEED, tree, batchSeed }
    const sizes: number[] = []
    for (let window = 0; window < windowCount(spec); window++) {
      report(spec, round, window, [base, borders[window]!])
      const evidence = makeWindowEvidence({ ...shown, window, stateBefore: borders[window]! })
      sizes.push(evidence.length + EVIDENCE_OVERHEAD_BYTES)
    }
    reportRound(sizes, whole)
    base = final
  }
}

function reportRound(sizes: readonly number[], stateBytes: number): void {
  const gigabytes = (bytes: number) => ((AUDITED * WINDOWS_DRAWN * bytes) / 1e9).toFixed(2)
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
  console.log(
    `  a round of ${AUDITED} audited, ${WINDOWS_DRAWN} windows each: ${gigabytes(mean)} GB by the mean window, ` +
      `${gigabytes(Math.max(...sizes))} GB by the largest; states as they are alone: ${gigabytes(stateBytes)} GB`,
  )
}

function report(spec: TensorLayout, round: number, window: number, [start, state]: [State, State]): void {
  const began = performance.now()
  const difference = writeDifference(spec, start, state)
  const written = performance.now()
  readDifference(spec, start, difference)
  const [writeMs, readMs] = [written - began, performance.now() - written]
  const share = (100 * difference.length) / stateDataBytes(spec)
  const figures = [
    `round ${round}, window ${window}`.padEnd(22),
    `${difference.length.toLocaleString('en').padStart(11)} bytes`,
    `${share.toFixed(1).padStart(5)} %`,
    `written in ${writeMs.toFixed(0).padStart(5)} ms, read in ${readMs.toFixed(0).padStart(5)} ms`,
  ]
  console.log(`  ${figures.join('  ')}`)
}
