/** A task with the learning rate that a short run finds, and a held-out pool that every validator will take. */
import { readOptimizerText } from '@assay/engine/author/optimizers/optimizer-text.ts'
import { proposeRate, type RateTrial } from '@assay/engine/author/propose-rate.ts'
import { type PoolMargin, poolDoubt, tryPoolOften } from '@assay/engine/judge/pool-margin.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import { withoutStrata } from '@assay/engine/package/data.ts'
import type { TaskContents, TaskPackage } from '@assay/engine/package/task-contents.ts'
import { counted } from '@assay/engine/prepare/counted.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { say } from './answer.ts'
import { CliError } from './failure.ts'
import { type InitOptions, type Plan, planOf, poolShares, type Source } from './init-plan.ts'

/** A plan whose learning rate is known. */
export type Draft = Plan & { trials: RateTrial[]; contents: TaskContents; task: TaskPackage }

/** One compute unit is a thousand operations. */
const OPERATIONS_PER_UNIT = 1_000
/** Most operations of all trials of rates together, as long as each has its least steps. */
const TRIAL_OPERATIONS = 1.2e11
const MOST_TRIAL_STEPS = 300
const LEAST_TRIAL_STEPS = 20

/** Rates that are tried, by optimizer. */
const RATES = {
  sgd: ['1', '0.3', '0.1', '0.03', '0.01'],
  momentum: ['0.3', '0.1', '0.03', '0.01', '0.003'],
  adam: ['0.03', '0.01', '0.003', '0.001', '0.0003'],
} as const

/**
 * Drafts a task whose pool every validator will take: with a larger pool where the usual one doesn't do and nobody asked
 * for another.
 *
 * @throws CliError when no pool of these samples does, unless that is forced
 */
export async function draftOf(source: Source, options: InitOptions): Promise<Draft> {
  const shares = options.holdout === undefined ? poolShares(source) : [options.holdout]
  for (const [i, share] of shares.entries()) {
    const draft = await withRate(planOf(source, share, options), options.rate)
    const doubt = poolDoubt(draft.pool, await marginOf(draft))
    if (doubt === undefined) return draft
    const isLast = i === shares.length - 1
    if (isLast && !options.force) throw new CliError('failed', doubt, poolFix(options))
    say(isLast ? `Going on although: ${doubt}` : `${doubt} Trying a larger pool.`)
    if (isLast) return draft
  }
  throw new Error('a task has at least one share for its pool')
}

async function marginOf({ task, pool, seed }: Draft): Promise<PoolMargin> {
  return withEngine(task, (engine) =>
    tryPoolOften({ engine, init: task.init, pool, seed: deriveSeed(seed, 'pool margin') }),
  )
}

function poolFix({ holdout }: InitOptions): string {
  const larger = holdout === undefined ? '' : ', a larger --holdout'
  return `Nothing was written. Give more samples${larger}, another --model, or a --target that the other columns tell more about; --force writes the task all the same.`
}

/** The task with the rate that was asked for, or that a short run finds. */
async function withRate(plan: Plan, rate: string | undefined): Promise<Draft> {
  const { optimizer, seed, rest, pool, contentsWith } = plan
  const rates = rate === undefined ? RATES[readOptimizerText(optimizer).kind] : [rate]
  const first = await assembled(contentsWith(rates[0]!))
  const steps = trialSteps(first, rates.length)
  say(`Trying ${counted(rates.length, 'learning rate')} for ${steps} steps each.`)
  const { best, trials } = await withEngine(first, (engine) =>
    proposeRate({
      engine,
      init: first.init,
      training: withoutStrata(rest),
      judged: pool,
      rates,
      steps,
      seed,
    }),
  )
  const contents = pricedByWork(contentsWith(best.rate), first)
  return { ...plan, trials, contents, task: await assembled(contents) }
}

/** For graphs that we wrote: they need no sandbox. */
async function withEngine<T>(task: TaskPackage, use: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine(task)
  try {
    return await use(engine)
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
