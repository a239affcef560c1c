/** Tasks of the built-in models on real data, small enough to train thousands of windows of them. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildTask } from '@assay/engine/author/build-task.ts'
import { readModelText } from '@assay/engine/author/models/model-text.ts'
import { readOptimizerText } from '@assay/engine/author/optimizers/optimizer-text.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import type { Mode } from '@assay/engine/package/mode.ts'
import type { SampleSpec } from '@assay/engine/package/sample-spec.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { digitsTrainingSet } from '@assay/lab/digits.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'

export type ModelTask = { label: string; task: TaskPackage; data: Dataset }

/** How a model is trained: a round begins with the highest rate and ends with none. */
type Training = {
  model: string
  optimizer: string
  rate: string
  batchSize: number
  commitEvery: number
  of: 'digits' | 'text'
}

const POOL_SAMPLES = 200
const WINDOWS = 40
/** Characters of a sample of text, and how many different ones there are: those that can be printed. */
const [LENGTH, VOCABULARY, FIRST_CHARACTER] = [32, 96, 32]

const TRAININGS: Training[] = [
  { model: 'logistic', optimizer: 'sgd', rate: '0.1', batchSize: 32, commitEvery: 10, of: 'digits' },
  { model: 'mlp:64', optimizer: 'sgd', rate: '0.2', batchSize: 32, commitEvery: 10, of: 'digits' },
  { model: 'mlp:64', optimizer: 'adamw', rate: '0.003', batchSize: 32, commitEvery: 10, of: 'digits' },
  { model: 'cnn:4,8', optimizer: 'momentum', rate: '0.05', batchSize: 16, commitEvery: 5, of: 'digits' },
  {
    model: 'transformer:layers=1,width=32',
    optimizer: 'adamw',
    rate: '0.003',
    batchSize: 8,
    commitEvery: 5,
    of: 'text',
  },
]

export const MODEL_LABELS = TRAININGS.map(labelOf)

/** Makes the task of one of {@link MODEL_LABELS}. */
export async function openModelTask(label: string, mode: Mode, seed: Hash): Promise<ModelTask> {
  const training = TRAININGS.find((one) => labelOf(one) === label)!
  const { data, sample } = training.of === 'digits' ? await digits() : await text()
  const steps = WINDOWS * training.commitEvery
  const contents = buildTask({
    ...sample,
    name: label,
    model: readModelText(training.model),
    optimizer: readOptimizerText(training.optimizer),
    batchSize: training.batchSize,
    evalBatchSize: 50,
    steps,
    commitEvery: training.commitEvery,
    schedule: { kind: 'cosine', rate: training.rate, warmup: 0, steps, least: '0' },
    unitsPerStep: 100,
    personalSamples: 50,
    rootSteps: 10,
    pool: { samples: poolOf(data, sample), saltSeed: deriveSeed(seed, 'pool') },
    seed: deriveSeed(seed, 'weights'),
  })
  const { taskJson, files } = await createTask({ ...contents, spec: { ...contents.spec, mode } })
  return { label, task: await assembleTaskPackage(taskJson, files), data }
}

function labelOf({ model, optimizer, batchSize }: Training): string {
  return `${model}, ${optimizer}, batch ${batchSize}`
}

type Samples = { data: Dataset; sample: Pick<SampleSpec, 'inputs' | 'target' | 'strata'> }

async function digits(): Promise<Samples> {
  const grid = { height: 28, width: 28, channels: 1, order: 'channels-last' } as const
  return {
    data: await digitsTrainingSet(),
    sample: {
      inputs: [{ name: 'x', dtype: 'float32', shape: [784], grid }],
      target: { kind: 'class', classes: 10 },
      strata: { by: 'class' },
    },
  }
}

/** Pieces of the novel in examples/, each with the characters that follow. */
async function text(): Promise<Samples> {
  const folder = join(import.meta.dirname, '../../examples/moby-dick')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).sort()
  const novel = (await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))).join('')
  const tokens = Int32Array.from(novel, (character) =>
    Math.min(VOCABULARY - 1, Math.max(0, character.charCodeAt(0) - FIRST_CHARACTER)),
  )
  const n = Math.floor((tokens.length - 1) / LENGTH)
  return {
    data: { inputs: { x: tokens.slice(0, n * LENGTH) }, y: tokens.slice(1, n * LENGTH + 1), n },
    sample: {
      inputs: [{ name: 'x', dtype: 'int64', shape: [LENGTH], below: VOCABULARY }],
      target: { kind: 'tokens', length: LENGTH, vocabulary: VOCABULARY },
      strata: { by: 'column', names: ['first half', 'second half'] },
    },
  }
}

function poolOf(data: Dataset, { strata }: Samples['sample']): Dataset {
  const samples = subset(
    data,
    Array.from({ length: POOL_SAMPLES }, (_, i) => i),
  )
  if (strata.by === 'class') return samples
  return {
    ...samples,
    strata: Int32Array.from({ length: POOL_SAMPLES }, (_, i) => (2 * i < POOL_SAMPLES ? 0 : 1)),
  }
}
