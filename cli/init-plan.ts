/** What a task of somebody's files is made of, before its learning rate is known. */
import { randomBytes } from 'node:crypto'
import { buildTask, type TaskOptions } from '@assay/engine/author/build-task.ts'
import { readModelText } from '@assay/engine/author/models/model-text.ts'
import { readOptimizerText } from '@assay/engine/author/optimizers/optimizer-text.ts'
import { dealShards, splitPool } from '@assay/engine/author/split-samples.ts'
import { rawFilesAt } from '@assay/engine/node/raw-files.ts'
import {
  type Dataset,
  DEFAULT_DATA_LIMITS,
  poolDataset,
  strataOf,
  withoutStrata,
} from '@assay/engine/package/data.ts'
import type { Preprocess } from '@assay/engine/package/preprocess.ts'
import { sampleForm } from '@assay/engine/package/preprocess-form.ts'
import { type SampleSpec, strataCount } from '@assay/engine/package/sample-spec.ts'
import type { TaskContents } from '@assay/engine/package/task-contents.ts'
import { type LearnOptions, learnPreprocess } from '@assay/engine/prepare/learn.ts'
import { makeSamples } from '@assay/engine/prepare/make-samples.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { keccak256, toHex } from 'viem'
import { CliError } from './failure.ts'

export type InitOptions = LearnOptions & {
  /** Somebody's file or folder. */
  from: string
  /** Folder that everything goes to. */
  out: string
  name?: string
  model?: string
  optimizer?: string
  /** Decimal text; found by trial without it. */
  rate?: string
  dropout?: number
  batchSize?: number
  /** Of a round. */
  steps?: number
  /** Share of the samples that the held-out pool gets; by their number without it. */
  holdout?: number
  /** Files that the other samples are dealt to. */
  shards: number
  /** Secret: whoever has it and the files has the pool. Drawn at random without it. */
  seed?: string
  /** Writes a task although its pool can't judge, or this machine can't run it. */
  force?: boolean
}

/** What files say by themselves. */
export type Source = {
  recipe: Preprocess
  sample: SampleSpec
  samples: Dataset
  /** What was assumed of the files, in sentences. */
  notes: string[]
  seed: Hash
}

export type Plan = Source & {
  contentsWith: (rate: string) => TaskContents
  pool: Dataset
  /** What is left for contributors, and how it is dealt to them. */
  rest: Dataset
  shards: Dataset[]
  model: string
  optimizer: string
}

const MOST_POOL_SAMPLES = 4096
/** Fewer can hardly judge anybody. */
const ENOUGH_POOL_SAMPLES = 240
/** More than two fifths leave too few to train on; half is for pools that can't judge otherwise. */
const POOL_SHARE = { least: 0.2, usual: 0.4, most: 0.5, growth: 1.5 }
const EVAL_BATCH_SIZE = 128
const MOST_PERSONAL_SAMPLES = 1024
const LEAST_PERSONAL_SAMPLES = 256
/** 8 of a stratum's samples are the fewest that it can be judged by. */
const PERSONAL_SAMPLES_A_STRATUM = 64
const MOST_ROOT_STEPS = 80
/** States that a round commits to, besides its start. */
const WINDOWS = 10
const STEPS = { least: 20, most: 200, rounding: WINDOWS }
/** Passes over a contributor's samples that a round makes. */
const PASSES_A_ROUND = 4

/** What suits each kind of file, where nothing else is asked for. */
const DEFAULTS: Record<Preprocess['kind'], { model: string; optimizer: string; batchSize: number }> = {
  table: { model: 'mlp:64,32', optimizer: 'momentum', batchSize: 32 },
  arrays: { model: 'mlp:64,32', optimizer: 'momentum', batchSize: 32 },
  pictures: { model: 'cnn', optimizer: 'momentum', batchSize: 32 },
  text: { model: 'transformer:layers=2,width=64', optimizer: 'adamw', batchSize: 16 },
}

/** The model that suits a kind of files, as `--model` names it. */
export function defaultModel(kind: Preprocess['kind']): string {
  return DEFAULTS[kind].model
}

/** Makes samples of files. @throws EngineRefusal `data` for files that make none; CliError when they would overlap */
export async function readSource(options: InitOptions): Promise<Source> {
  const { files } = await rawFilesAt(options.from)
  const { recipe, notes } = await learnPreprocess(files, options)
  requireApart(recipe)
  const sample = sampleOf(recipe)
  const { tensors } = await makeSamples(recipe, files)
  const samples = poolDataset(tensors, sample, DEFAULT_DATA_LIMITS)
  return { recipe, sample, samples, notes, seed: seedOf(options.seed) }
}

/** Shares of the samples that a pool may get, the usual one first, until it has the most samples that a pool may have. */
export function poolShares({ samples }: Source): number[] {
  const enough = MOST_POOL_SAMPLES / samples.n
  const shares = [Math.min(POOL_SHARE.usual, Math.max(POOL_SHARE.least, ENOUGH_POOL_SAMPLES / samples.n))]
  for (let last = shares[0]!; last < Math.min(POOL_SHARE.most, enough); last = shares.at(-1)!)
    shares.push(Math.min(POOL_SHARE.most, POOL_SHARE.growth * last))
  return shares
}

/** Splits off a pool of so large a share, and says what the task is to be. @throws CliError, EngineRefusal `data` */
export function planOf(source: Source, share: number, options: InitOptions): Plan {
  const { recipe, sample, samples, seed } = source
  const defaults = DEFAULTS[recipe.kind]
  const [model, optimizer] = [options.model ?? defaults.model, options.optimizer ?? defaults.optimizer]
  const strata = strataOf(sample, samples)
  const parts = splitPool(samples, { strata, share, most: MOST_POOL_SAMPLES, seed })
  const common = taskOf({ ...source, ...parts }, { ...options, model, optimizer })
  const contentsWith = (rate: string) =>
    ofScale(recipe, buildTask({ ...common, schedule: { kind: 'constant', rate } }))
  const shards = options.shards === 0 ? [] : dealShards(withoutStrata(parts.rest), options.shards, seed)
  return { ...source, ...parts, contentsWith, shards, model, optimizer }
}

/** What is built of the files, but for its learning rate. A step is priced once its graph is there. */
function taskOf(
  { recipe, sample, pool, rest, seed }: Source & Pick<Plan, 'pool' | 'rest'>,
  options: InitOptions & Pick<Plan, 'model' | 'optimizer'>,
): Omit<TaskOptions, 'schedule'> {
  const batchSize = options.batchSize ?? DEFAULTS[recipe.kind].batchSize
  return {
    name: options.name ?? nameOf(options.from),
    model: readModelText(options.model),
    optimizer: readOptimizerText(options.optimizer),
    ...sample,
    ...(options.dropout !== undefined && { dropout: options.dropout }),
    batchSize,
    ...sizesOf(options, { sample, pool, rest, batchSize }),
    unitsPerStep: 1,
    pool: { samples: pool, saltSeed: deriveSeed(seed, 'pool salt') },
    seed: deriveSeed(seed, 'init'),
  }
}

/** Samples of text that overlap would be in the pool and with contributors in part. */
function requireApart(recipe: Preprocess): void {
  if (recipe.kind !== 'text' || recipe.stride >= recipe.length) return
  throw new CliError(
    'usage',
    `--stride is ${recipe.stride}, and samples have ${recipe.length} tokens: they would overlap with those of the held-out pool.`,
    'Give --stride at least --length, or leave it away.',
  )
}

function seedOf(text: string | undefined): Hash {
  const secret =
    text === undefined ? (`0x${randomBytes(32).toString('hex')}` as const) : keccak256(toHex(text))
  return deriveSeed(secret, 'task init')
}

function sampleOf(recipe: Preprocess): SampleSpec {
  const { inputs, target, strata } = sampleForm(recipe)
  return { inputs, target, strata: strata === undefined ? { by: 'class' } : { by: 'column', names: strata } }
}

/** With how files become samples. A target of values is predicted in units that its scale makes. */
function ofScale(preprocess: Preprocess, built: TaskContents): TaskContents {
  const contents = { ...built, preprocess }
  const { kind } = preprocess
  const isScaled = kind !== 'pictures' && kind !== 'text' && preprocess.target.kind === 'values'
  if (!isScaled) return contents
  const metric = { ...contents.spec.metric, unit: 'standard deviations' }
  return { ...contents, spec: { ...contents.spec, metric } }
}

type Sizes = Pick<TaskOptions, 'evalBatchSize' | 'steps' | 'commitEvery' | 'personalSamples' | 'rootSteps'>

function sizesOf(
  options: Pick<InitOptions, 'steps' | 'shards'>,
  { sample, pool, rest, batchSize }: Pick<Plan, 'sample' | 'pool' | 'rest'> & { batchSize: number },
): Sizes {
  const steps = stepsOf(options.steps, { samples: rest.n, shards: options.shards, batchSize })
  return {
    evalBatchSize: Math.min(EVAL_BATCH_SIZE, pool.n),
    steps,
    commitEvery: steps / WINDOWS,
    personalSamples: personalSamplesOf(sample, pool.n),
    rootSteps: Math.min(MOST_ROOT_STEPS, 2 * steps),
  }
}

function personalSamplesOf(sample: SampleSpec, poolSamples: number): number {
  const enough = Math.max(LEAST_PERSONAL_SAMPLES, PERSONAL_SAMPLES_A_STRATUM * strataCount(sample))
  return Math.min(MOST_PERSONAL_SAMPLES, enough, poolSamples)
}

function nameOf(from: string): string {
  const [name = 'task'] = from
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '')
    .slice(-1)
  return name.replace(/\.[A-Za-z0-9]+$/, '').slice(0, 100) || 'task'
}

function stepsOf(
  asked: number | undefined,
  { samples, shards, batchSize }: { samples: number; shards: number; batchSize: number },
): number {
  if (asked !== undefined) {
    if (asked % WINDOWS === 0) return asked
    throw new CliError(
      'usage',
      `--steps is ${asked}, which ${WINDOWS} doesn't divide.`,
      `A round commits to ${WINDOWS} states: give a multiple of ${WINDOWS}.`,
    )
  }
  const pass = Math.ceil(samples / Math.max(1, shards) / batchSize)
  const steps = STEPS.rounding * Math.ceil((PASSES_A_ROUND * pass) / STEPS.rounding)
  return Math.min(STEPS.most, Math.max(STEPS.least, steps))
}
