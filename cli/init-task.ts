/** Makes a task of people's own files: `assay task init`. */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buildTask } from '@assay/engine/author/build-task.ts'
import { readModelText } from '@assay/engine/author/models/model-text.ts'
import { readOptimizerText } from '@assay/engine/author/optimizers/optimizer-text.ts'
import { proposeRate, type RateTrial } from '@assay/engine/author/propose-rate.ts'
import { dealShards, splitPool } from '@assay/engine/author/split-samples.ts'
import { rawFilesAt } from '@assay/engine/node/raw-files.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { assembleTaskPackage, createTask, writeTaskPackage } from '@assay/engine/node/task-package.ts'
import {
  type Dataset,
  DEFAULT_DATA_LIMITS,
  poolDataset,
  strataOf,
  withoutStrata,
  writeDataset,
} from '@assay/engine/package/data.ts'
import { POOL_FILE } from '@assay/engine/package/pool.ts'
import type { Preprocess } from '@assay/engine/package/preprocess.ts'
import { sampleForm } from '@assay/engine/package/preprocess-form.ts'
import { type SampleSpec, strataCount } from '@assay/engine/package/sample-spec.ts'
import type { TaskContents, TaskPackage } from '@assay/engine/package/task-contents.ts'
import { counted } from '@assay/engine/prepare/counted.ts'
import { type LearnOptions, learnPreprocess } from '@assay/engine/prepare/learn.ts'
import { makeSamples } from '@assay/engine/prepare/make-samples.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { keccak256, toHex } from 'viem'
import { type Answer, say } from './answer.ts'
import { CliError } from './failure.ts'
import { type InitReport, reportOf } from './init-report.ts'
import { measureMachine } from './measure-machine.ts'
import { tryPackage } from './package-trial.ts'
import { phasesFor, TRIAL_ORACLES, TRIAL_TERMS } from './trial-phases.ts'

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

/** What a task is made of before its rate is known. */
type Plan = {
  recipe: Preprocess
  contentsWith: (rate: string) => TaskContents
  pool: Dataset
  /** What is left for contributors, and how it is dealt to them. */
  rest: Dataset
  shards: Dataset[]
  seed: Hash
  model: string
  optimizer: string
  notes: string[]
}

const MOST_POOL_SAMPLES = 4096
/** Fewer can hardly judge anybody, and more than two fifths leave too few to train on. */
const ENOUGH_POOL_SAMPLES = 240
const POOL_SHARE = { least: 0.2, most: 0.4 }
const EVAL_BATCH_SIZE = 128
const MOST_PERSONAL_SAMPLES = 1024
const LEAST_PERSONAL_SAMPLES = 256
/** 8 of a stratum's samples are the fewest that it can be judged by. */
const PERSONAL_SAMPLES_A_STRATUM = 64
const MOST_ROOT_STEPS = 80
/** One compute unit is a thousand operations. */
const OPERATIONS_PER_UNIT = 1_000
/** States that a round commits to, besides its start. */
const WINDOWS = 10
const STEPS = { least: 20, most: 200, rounding: WINDOWS }
/** Passes over a contributor's samples that a round makes. */
const PASSES_A_ROUND = 4
/** Most operations of all trials of rates together, as long as each has its least steps. */
const TRIAL_OPERATIONS = 4e10
/** So that small trials pay for data at all. */
const LEAST_DATA_UNITS = 100
const MOST_TRIAL_STEPS = 300
const LEAST_TRIAL_STEPS = 20

/** What suits each kind of file, where nothing else is asked for. */
const DEFAULTS: Record<Preprocess['kind'], { model: string; optimizer: string; batchSize: number }> = {
  table: { model: 'mlp:64,32', optimizer: 'momentum', batchSize: 32 },
  arrays: { model: 'mlp:64,32', optimizer: 'momentum', batchSize: 32 },
  pictures: { model: 'cnn', optimizer: 'momentum', batchSize: 32 },
  text: { model: 'transformer:layers=2,width=64', optimizer: 'adamw', batchSize: 16 },
}

/** Rates that are tried, by optimizer. */
const RATES = {
  sgd: ['1', '0.3', '0.1', '0.03', '0.01'],
  momentum: ['0.3', '0.1', '0.03', '0.01', '0.003'],
  adam: ['0.03', '0.01', '0.003', '0.001', '0.0003'],
} as const

/**
 * Makes a task of somebody's files: how they are read, the held-out pool, a package with a model, shards, terms.
 *
 * @throws CliError when the files or the options don't make a task, or the folder has something in it
 */
export async function initTask(options: InitOptions): Promise<Answer> {
  await requireEmpty(options.out)
  try {
    const plan = await planOf(options)
    const { trials, contents } = await withRate(plan, options.rate)
    await requireFit(await assembled(contents), plan, options)
    const report = await writeAll(options, plan, { trials, contents })
    return reportOf(options.out, report)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'usage',
      `No task can be made of ${options.from}: ${error.message}.`,
      'See what it holds: assay data describe --from <file|folder>; assay task init --help tells the options.',
    )
  }
}

/** Refuses what validators would refuse, before anything is written. */
async function requireFit(
  task: TaskPackage,
  { pool, rest }: Plan,
  { force }: Pick<InitOptions, 'force'>,
): Promise<void> {
  try {
    await tryPackage(task, { samples: withoutStrata(rest), pool, force })
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new CliError(
      'failed',
      error.message,
      'Nothing was written. Give more samples, a larger --holdout, another --model or --target; --force writes the task all the same.',
    )
  }
}

async function requireEmpty(out: string): Promise<void> {
  const found = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (found.length > 0)
    throw new CliError('usage', `${out} is not empty.`, 'Give --out a new folder: nothing is overwritten.')
}

async function planOf(options: InitOptions): Promise<Plan> {
  const { files } = await rawFilesAt(options.from)
  const { recipe, notes } = await learnPreprocess(files, options)
  requireApart(recipe)
  const sample = sampleOf(recipe)
  const defaults = DEFAULTS[recipe.kind]
  const [model, optimizer] = [options.model ?? defaults.model, options.optimizer ?? defaults.optimizer]
  const seed = seedOf(options.seed)
  const { tensors } = await makeSamples(recipe, files)
  const samples = poolDataset(tensors, sample, DEFAULT_DATA_LIMITS)
  const { pool, rest } = splitPool(samples, {
    strata: strataOf(sample, samples),
    share: options.holdout ?? poolShare(samples.n),
    most: MOST_POOL_SAMPLES,
    seed,
  })
  const batchSize = options.batchSize ?? defaults.batchSize
  const steps = stepsOf(options.steps, { samples: rest.n, shards: options.shards, batchSize })
  const common = {
    name: options.name ?? nameOf(options.from),
    model: readModelText(model),
    optimizer: readOptimizerText(optimizer),
    ...sample,
    ...(options.dropout !== undefined && { dropout: options.dropout }),
    batchSize,
    evalBatchSize: Math.min(EVAL_BATCH_SIZE, pool.n),
    steps,
    commitEvery: steps / WINDOWS,
    pool: { samples: pool, saltSeed: deriveSeed(seed, 'pool salt') },
    personalSamples: personalSamplesOf(sample, pool.n),
    rootSteps: Math.min(MOST_ROOT_STEPS, 2 * steps),
    seed: deriveSeed(seed, 'init'),
  }
  const contentsWith = (rate: string) =>
    ofScale(recipe, buildTask({ ...common, unitsPerStep: 1, schedule: { kind: 'constant', rate } }))
  const shards = options.shards === 0 ? [] : dealShards(withoutStrata(rest), options.shards, seed)
  return { recipe, contentsWith, pool, rest, shards, seed, model, optimizer, notes }
}

function poolShare(samples: number): number {
  return Math.min(POOL_SHARE.most, Math.max(POOL_SHARE.least, ENOUGH_POOL_SAMPLES / samples))
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

/** The task with the rate that was asked for, or that a short run finds. */
async function withRate(
  plan: Plan,
  rate: string | undefined,
): Promise<{ trials: RateTrial[]; contents: TaskContents }> {
  const { optimizer, seed, rest, pool, contentsWith } = plan
  const rates = rate === undefined ? RATES[readOptimizerText(optimizer).kind] : [rate]
  const draft = contentsWith(rates[0]!)
  const task = await assembled(draft)
  const engine = await openEngine(task)
  try {
    const steps = trialSteps(task, rates.length)
    say(`Trying ${counted(rates.length, 'learning rate')} for ${steps} steps each.`)
    const { best, trials } = await proposeRate({
      engine,
      init: task.init,
      training: withoutStrata(rest),
      judged: pool,
      rates,
      steps,
      seed,
    })
    return { trials, contents: pricedByWork(contentsWith(best.rate), task) }
  } finally {
    await engine.close()
  }
}

function pricedByWork(contents: TaskContents, { costs }: TaskPackage): TaskContents {
  const unitsPerStep = Math.max(1, Math.round(costs.step.operations / OPERATIONS_PER_UNIT))
  return { ...contents, spec: { ...contents.spec, unitsPerStep } }
}

/** A task as validators read it, before it is written. */
async function assembled(contents: TaskContents): Promise<TaskPackage> {
  const { taskJson, files } = await createTask(contents)
  return assembleTaskPackage(taskJson, files)
}

/** As many steps as a round has of everybody, within limits. */
function trialSteps({ spec, costs }: TaskPackage, rates: number): number {
  const affordable = Math.floor(TRIAL_OPERATIONS / rates / costs.step.operations)
  return Math.max(LEAST_TRIAL_STEPS, Math.min(MOST_TRIAL_STEPS, 3 * spec.steps, affordable))
}

async function writeAll(
  { out }: Pick<InitOptions, 'out'>,
  plan: Plan,
  { trials, contents }: { trials: RateTrial[]; contents: TaskContents },
): Promise<InitReport> {
  const { rest, shards, notes, model, optimizer } = plan
  const poolFile = join(out, POOL_FILE)
  await mkdir(join(out, 'shards'), { recursive: true })
  const task = await writeTaskPackage(join(out, 'package'), contents, poolFile)
  for (const [i, shard] of shards.entries())
    await writeWholeFile(
      join(out, 'shards', `contributor-${i + 1}.safetensors`),
      writeDataset(shard, task.spec),
    )
  const terms = {
    ...TRIAL_TERMS,
    slots: Math.max(TRIAL_TERMS.slots, shards.length),
    // Twice an even share: some have more than others.
    dataUnitsLimit: Math.max(LEAST_DATA_UNITS, Math.ceil((2 * rest.n) / Math.max(1, shards.length))),
  }
  const measured = await measureMachine(task, withoutStrata(rest))
  const { phases } = phasesFor(task.spec, terms, measured, TRIAL_ORACLES)
  await writeWholeFile(join(out, 'terms.json'), `${JSON.stringify({ ...terms, ...phases }, undefined, 2)}\n`)
  return {
    task,
    trials,
    notes,
    model,
    optimizer,
    terms: { ...terms, ...phases },
    stepMs: measured.real.stepMs,
    shards: shards.map(({ n }) => n),
  }
}
