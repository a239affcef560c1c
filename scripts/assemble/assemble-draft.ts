/** Packages of graphs and tensors that another program hands over in a folder. */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keepApart } from '@assay/engine/author/keep-apart.ts'
import { bytesHash } from '@assay/engine/hash.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { assembleTaskPackage, createTask, writeTaskPackage } from '@assay/engine/node/task-package.ts'
import {
  type Dataset,
  DEFAULT_DATA_LIMITS,
  makeBatch,
  poolDataset,
  readDataset,
  writeDataset,
} from '@assay/engine/package/data.ts'
import { preprocessOf } from '@assay/engine/package/optional-files.ts'
import { POOL_FILE } from '@assay/engine/package/pool.ts'
import { readSafetensors, type Tensor, writeSafetensors } from '@assay/engine/package/safetensors.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskContents, TaskPackage } from '@assay/engine/package/task-contents.ts'
import { stateChunkBytesFor, type TaskSpec } from '@assay/engine/package/task-spec.ts'
import { demand } from '@assay/engine/refusal.ts'
import { makeStepBatch, roundStep, type StepBatch } from '@assay/engine/run/step-batch.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'

/** What the program that handed the draft over is told. */
export type Assembled = {
  specHash: string
  /** Learning rate of each replayed step. */
  rates: number[]
  /** Compute units of a step. */
  unitsPerStep: number
  /** Memory of a step, in MiB. */
  memoryMiB: number
}

type Spec = TaskContents['spec']
/** spec.json: the engine checks all of it. */
type DraftSpec = Omit<Spec, 'stateChunkBytes' | 'unitsPerStep'> & { unitsPerStep?: number }

/** One compute unit is a thousand multiply–adds, as the engine counts them. */
const OPERATIONS_PER_UNIT = 1_000
/** The replayed steps are those that begin the task. */
const FIRST_ROUND = { round: 1, batchSeed: `0x${'00'.repeat(32)}` } as const
/** Digits of a step in the name of its file: names are in the order of steps. */
const STEP_DIGITS = 6
const MAX_BYTES = DEFAULT_DATA_LIMITS.maxBytes

/**
 * Makes the package and its pool in `folder`, replays the draft's steps, and writes what it found into the draft.
 *
 * @throws EngineRefusal with the reason
 */
export async function assembleDraft(draft: string, folder: string): Promise<Assembled> {
  const contents = await readContents(draft)
  const units = contents.spec.unitsPerStep || (await unitsOf(contents))
  const spec = { ...contents.spec, unitsPerStep: units }
  const task = await writeTaskPackage(join(folder, 'package'), { ...contents, spec }, join(folder, POOL_FILE))
  const steps = readDataset(await readFile(join(draft, 'replay.safetensors')), task.spec)
  await writeShards(draft, folder, task.spec, contents.pool.samples)
  const batches = batchesOf(task.spec, steps)
  await writeNoise(draft, task.spec, batches)
  const result = await replay(task, batches, contents.pool.samples)
  await writeWholeFile(join(draft, 'result.safetensors'), result)
  const memoryMiB = Math.ceil(task.costs.step.memoryBytes / 2 ** 20)
  const rates = batches.map(({ rate }) => rate)
  return { specHash: task.specHash, rates, unitsPerStep: units, memoryMiB }
}

async function readContents(draft: string): Promise<TaskContents> {
  const file = (name: string) => readFile(join(draft, name))
  const given: DraftSpec = JSON.parse(await readFile(join(draft, 'spec.json'), 'utf8'))
  const spec: Spec = { unitsPerStep: 0, ...given, stateChunkBytes: stateChunkBytesFor(given.state) }
  const names = await readdir(draft)
  const recipe = names.includes('preprocess.json') ? await file('preprocess.json') : undefined
  const tensors = readSafetensors(await file('pool.safetensors'), { maxBytes: MAX_BYTES, maxTensors: 16 })
  return {
    spec,
    stepGraph: await file('step.onnx'),
    evalGraph: await file('eval.onnx'),
    predictGraph: await file('predict.onnx'),
    ...(recipe !== undefined && { preprocess: preprocessOf(spec, recipe) }),
    init: stateOf(readSafetensors(await file('init.safetensors'), { maxBytes: MAX_BYTES, maxTensors: 4096 })),
    pool: {
      samples: poolDataset(tensors, spec, DEFAULT_DATA_LIMITS),
      saltSeed: bytesHash(crypto.getRandomValues(new Uint8Array(32))),
    },
  }
}

/** Samples of contributors go beside the package, none of which may be held out. */
async function writeShards(draft: string, folder: string, spec: TaskSpec, pool: Dataset): Promise<void> {
  const names = (await readdir(draft)).filter((name) => name.startsWith('shard-'))
  const shards = new Map<string, Dataset>()
  for (const name of names) shards.set(name, readDataset(await readFile(join(draft, name)), spec))
  keepApart(pool, shards)
  if (names.length > 0) await mkdir(join(folder, 'shards'))
  for (const [name, shard] of shards)
    await writeWholeFile(
      join(folder, 'shards', name.replace('shard', 'contributor')),
      writeDataset(shard, spec),
    )
}

function stateOf(tensors: ReadonlyMap<string, Tensor>): State {
  return new Map(
    [...tensors].map(([name, { dtype, data }]) => {
      demand(data instanceof Float32Array, 'state', () => `${name} is ${dtype}: a state holds F32`)
      return [name, data]
    }),
  )
}

/** Units of a step by the work that its graph takes. */
async function unitsOf(contents: TaskContents): Promise<number> {
  const { taskJson, files } = await createTask({ ...contents, spec: { ...contents.spec, unitsPerStep: 1 } })
  const { costs } = await assembleTaskPackage(taskJson, files)
  return Math.max(1, Math.ceil(costs.step.operations / OPERATIONS_PER_UNIT))
}

/** The steps that are replayed, of samples that stand a batch after the other. */
function batchesOf(spec: TaskSpec, samples: Dataset): StepBatch[] {
  return Array.from({ length: samples.n / spec.batchSize }, (_, step) =>
    makeStepBatch(
      spec,
      samples,
      rowsFrom(step * spec.batchSize, spec.batchSize, samples.n),
      roundStep(spec, FIRST_ROUND, step),
    ),
  )
}

/** So many rows of n, again from the first on after the last. */
function rowsFrom(first: number, count: number, n: number): number[] {
  return Array.from({ length: count }, (_, i) => (first + i) % n)
}

/** Random inputs go into a file a step: all steps' together can be many times the largest batch. */
async function writeNoise(draft: string, { noise }: TaskSpec, batches: readonly StepBatch[]): Promise<void> {
  if (noise.length === 0) return
  for (const [step, batch] of batches.entries()) {
    const tensors = noise.map(({ name, shape }): [string, Tensor] => [
      name,
      { dtype: 'F32', shape, data: batch.noise.get(name)! },
    ])
    const name = `noise-${String(step).padStart(STEP_DIGITS, '0')}.safetensors`
    await writeWholeFile(join(draft, name), writeSafetensors(new Map(tensors)))
  }
}

/** What the engine makes of the steps and of held-out samples, as a file. */
async function replay(task: TaskPackage, batches: readonly StepBatch[], pool: Dataset): Promise<Uint8Array> {
  const { spec, init } = task
  const { evalBatchSize } = spec
  const engine = await openEngine(task)
  const { state, losses } = await engine.steps(init, batches)
  const measured = [makeBatch(spec, pool, rowsFrom(0, evalBatchSize, pool.n))]
  const [found] = await engine.evaluate(init, measured)
  const [predictions] = await engine.predict(init, measured)
  await engine.close()
  const evaluation = Float32Array.of(...found!.losses, ...found!.metrics)
  return writeSafetensors(
    new Map<string, Tensor>([
      ...spec.state.map(({ name, shape }): [string, Tensor] => [
        `state/${name}`,
        { dtype: 'F32', shape, data: state.get(name)! },
      ]),
      ['losses', { dtype: 'F32', shape: [losses.length], data: Float32Array.from(losses) }],
      ['evaluation', { dtype: 'F32', shape: [2, evalBatchSize], data: evaluation }],
      ['predictions', { dtype: 'F32', shape: [predictions!.length], data: predictions! }],
    ]),
  )
}
