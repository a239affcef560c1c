/** Makes a task of people's own files: `assay task init`. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeTaskPackage } from '@assay/engine/node/task-package.ts'
import { withoutStrata, writeDataset } from '@assay/engine/package/data.ts'
import { POOL_FILE } from '@assay/engine/package/pool.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { Answer } from './answer.ts'
import { CliError } from './failure.ts'
import { type Draft, draftOf } from './init-draft.ts'
import { type InitOptions, readSource } from './init-plan.ts'
import { type InitReport, reportOf } from './init-report.ts'
import { measureMachine } from './measure-machine.ts'
import { requireEmpty } from './new-folder.ts'
import { tryPackage } from './package-trial.ts'
import type { Terms } from './task-terms.ts'
import { phasesFor, TRIAL_ORACLES, TRIAL_TERMS } from './trial-phases.ts'

/** So that small trials pay for data at all. */
const LEAST_DATA_UNITS = 100

/**
 * Makes a task of somebody's files: how they are read, the held-out pool, a package with a model, shards, terms.
 *
 * @throws CliError when the files or the options don't make a task, or the folder has something in it
 */
export async function initTask(options: InitOptions): Promise<Answer> {
  await requireEmpty(options.out)
  try {
    const draft = await draftOf(await readSource(options), options)
    await requireRunnable(draft, options)
    return reportOf(options.out, await writeAll(options, draft))
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'usage',
      `No task can be made of ${options.from}: ${error.message}.`,
      'See what it holds: assay data describe --from <file|folder>; assay task init --help tells the options.',
    )
  }
}

/** Refuses what this machine can't run, or a store won't take, before anything is written. */
async function requireRunnable({ task, rest }: Draft, { force }: Pick<InitOptions, 'force'>): Promise<void> {
  try {
    await tryPackage(task, { samples: withoutStrata(rest), force })
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new CliError(
      'failed',
      error.message,
      'Nothing was written. Give another --model or smaller samples; --force writes the task all the same.',
    )
  }
}

async function writeAll({ out }: Pick<InitOptions, 'out'>, draft: Draft): Promise<InitReport> {
  const { shards, contents, trials, notes, model, optimizer } = draft
  await mkdir(join(out, 'shards'), { recursive: true })
  const task = await writeTaskPackage(join(out, 'package'), contents, join(out, POOL_FILE))
  for (const [i, shard] of shards.entries())
    await writeWholeFile(
      join(out, 'shards', `contributor-${i + 1}.safetensors`),
      writeDataset(shard, task.spec),
    )
  const { terms, stepMs } = await termsOf(draft)
  await writeWholeFile(join(out, 'terms.json'), `${JSON.stringify(terms, undefined, 2)}\n`)
  return { task, trials, notes, model, optimizer, terms, stepMs, shards: shards.map(({ n }) => n) }
}

/** Terms for a trial on this machine, and what a training step takes on it. */
async function termsOf({ task, rest, shards }: Draft): Promise<{ terms: Terms; stepMs: number }> {
  const terms = {
    ...TRIAL_TERMS,
    slots: Math.max(TRIAL_TERMS.slots, shards.length),
    // Twice an even share: some have more than others.
    dataUnitsLimit: Math.max(LEAST_DATA_UNITS, Math.ceil((2 * rest.n) / Math.max(1, shards.length))),
  }
  const measured = await measureMachine(task, withoutStrata(rest))
  const { phases } = phasesFor(task.spec, terms, measured, TRIAL_ORACLES)
  return { terms: { ...terms, ...phases }, stepMs: measured.real.stepMs }
}
