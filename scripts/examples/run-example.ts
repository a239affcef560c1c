/** One example from files to predictions: task init, a federation, model get, verify and predict. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Prediction } from '@assay/cli/predictions.ts'
import { readTaskPackage } from '@assay/engine/node/task-package.ts'
import { POOL_FILE } from '@assay/engine/package/pool.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { keccak256, toHex } from 'viem'
import { type PlayedTask, type Progress, runFederation } from '../demo/federation.ts'
import { LIMITS } from '../demo/options.ts'
import { assay } from './assay.ts'
import { measured } from './measure.ts'
import type { ExampleFiles, WorkedExample } from './worked-examples.ts'

/** Contributors of each example. */
export const CONTRIBUTORS = 3

export type ExampleRun = {
  /** What the model makes of files that nobody trained on, in the metric of the example. */
  found: number
  seconds: number
  /** For whoever compares with other programs; model and optimizer as `task init` names them. */
  task: TaskPackage
  model: string
  optimizer: string
  /** Files of samples: what the task was made of, and the test. */
  samples: { train: string; test: string }
}

/**
 * Runs an example in a new folder.
 *
 * @param seed of the split, the task, the keys and all draws
 * @throws Error with what a command said, when one fails
 */
export async function runExample(
  example: WorkedExample,
  options: { folder: string; seed: number; progress: Progress; signal: AbortSignal },
): Promise<ExampleRun> {
  const { folder, seed } = options
  const startedAt = performance.now()
  const [mine, trained] = [join(folder, 'mine'), join(folder, 'trained')]
  const files = await example.write(join(folder, 'files'), keccak256(toHex(`${example.name} ${seed}`)))
  options.progress.step(`making a task of ${files.train}`)
  const shards = ['--shards', String(CONTRIBUTORS), '--seed', String(seed), '--out', mine]
  const made = await assay(['task', 'init', '--from', files.train, ...example.init, ...shards])
  const { model, optimizer } = made as Pick<ExampleRun, 'model' | 'optimizer'>
  const task = await readTaskPackage(join(mine, 'package'))
  await federate(example, task, { ...options, mine, trained })
  const predictions = await predict(files, { trained, out: join(folder, 'predictions.json') })
  const samples = await prepare(files, { packageDir: join(mine, 'package'), folder })
  const found = await measured(example.metric, { task, trained, samples: samples.test, files, predictions })
  return { found, seconds: (performance.now() - startedAt) / 1000, task, model, optimizer, samples }
}

/** Trains as `npm run federate` does, and takes the model from the chain while that still runs. */
async function federate(
  { rounds }: WorkedExample,
  taskPackage: TaskPackage,
  options: { mine: string; trained: string; seed: number; progress: Progress; signal: AbortSignal },
): Promise<void> {
  const { mine, trained, seed, progress, signal } = options
  const shards = Array.from({ length: CONTRIBUTORS }, (_, i) =>
    join(mine, 'shards', `contributor-${i + 1}.safetensors`),
  )
  const task = { taskPackage, packageDir: join(mine, 'package'), poolFile: join(mine, POOL_FILE), shards }
  const people = { contributors: CONTRIBUTORS, validators: LIMITS.validators.least, rounds, seed }
  const honest = { attackers: [], deviantValidators: [], slowStores: 0, outputDir: `${trained}-logs` }
  const plan = {
    makeTask: async () => task,
    finish: (played: PlayedTask) => takeModel(played, trained),
  }
  await runFederation({ ...people, ...honest }, plan, progress, signal)
}

async function takeModel(
  { deployment, rpcUrl, storeUrl, taskId }: PlayedTask,
  trained: string,
): Promise<void> {
  await mkdir(trained, { recursive: true })
  const record = `${trained}-deployment.json`
  await writeWholeFile(record, JSON.stringify(deployment))
  const chain = ['--rpc', rpcUrl, '--deployment', record]
  const from = ['--store-url', storeUrl, '--provisional', '--out', trained]
  await assay(['model', 'get', String(taskId), ...from, ...chain])
  await assay(['model', 'verify', String(taskId), '--model', trained, ...chain])
}

async function predict(
  { asked }: ExampleFiles,
  { trained, out }: { trained: string; out: string },
): Promise<Prediction[]> {
  await assay(['model', 'predict', '--model', trained, '--from', asked, '--out', out])
  return JSON.parse(await readFile(out, 'utf8')) as Prediction[]
}

/** Samples as tensors: what other programs take. */
async function prepare(
  { train, test }: ExampleFiles,
  { packageDir, folder }: { packageDir: string; folder: string },
): Promise<ExampleRun['samples']> {
  const samples = { train: join(folder, 'train.safetensors'), test: join(folder, 'test.safetensors') }
  for (const [from, out] of [
    [train, samples.train],
    [test, samples.test],
  ] as const)
    await assay(['data', 'prepare', '--package', packageDir, '--from', from, '--out', out])
  return samples
}
