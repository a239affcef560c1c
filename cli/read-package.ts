import { readFileSync } from 'node:fs'
import { isRaw, rawSamples } from '@assay/engine/node/raw-samples.ts'
import { readAnyPoolFile, readPoolFile, readTaskPackage } from '@assay/engine/node/task-package.ts'
import { columnsText, type Dataset, readDataset, readPoolSamples } from '@assay/engine/package/data.ts'
import type { Pool } from '@assay/engine/package/pool.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { CliError } from './failure.ts'

/** Reads the package that `--package` names. @throws CliError with the folder, and what to do */
export async function readPackage(dir: string): Promise<TaskPackage> {
  try {
    return await readTaskPackage(dir)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    const isMissing = (error.cause as NodeJS.ErrnoException | undefined)?.syscall !== undefined
    if (isMissing) {
      throw new CliError(
        'usage',
        `${dir} is not a task package: ${error.message}.`,
        'Give the folder that holds task.json and the files beside it.',
      )
    }
    throw new CliError('failed', `The package ${dir} is refused: ${error.message}.`, fixOf(error, dir))
  }
}

function fixOf({ code }: EngineRefusal, dir: string): string {
  if (code === 'format') return `Write it anew: assay package convert ${dir} <new-folder>`
  if (code === 'engine') return 'Use the version of Assay that the package was written with.'
  return 'Give --package an unchanged copy, or write the package again: its files must be what its task.json says.'
}

/**
 * Reads the held-out pool of a package, which `--pool` names.
 *
 * @throws CliError with the file, and what it should be
 */
export async function readPool(file: string, spec: TaskSpec): Promise<Pool> {
  try {
    return await readPoolFile(file, spec)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw notThePool(file, error.message)
  }
}

/**
 * Reads a held-out pool that `--pool` names, where a task has several.
 *
 * @param roots of those that are taken; without any, whatever pool the task can have
 * @throws CliError with the file, and what it should be
 */
export async function readOnePool(
  file: string,
  spec: TaskSpec,
  roots?: readonly Hash[],
): Promise<{ pool: Pool; root: Hash }> {
  const held = await readAnyPoolFile(file, spec).catch((error) => {
    if (!(error instanceof EngineRefusal)) throw error
    throw notThePool(file, error.message)
  })
  if (roots === undefined || roots.includes(held.root)) return held
  throw notThePool(file, `it has the root ${held.root}, not ${roots.join(' or ')}`)
}

function notThePool(file: string, reason: string): CliError {
  return new CliError(
    'usage',
    `${file} is not the held-out pool of this task: ${reason}.`,
    "Give --pool the file that was written with the task's package, or the one that its owner announced since.",
  )
}

/** Reads the samples of a data file, or makes them of people's own files. @throws CliError with the path, and the fix */
export async function readSamples(
  path: string,
  task: Pick<TaskPackage, 'spec' | 'preprocess'>,
): Promise<Dataset> {
  if (!(await isRaw(path))) return readSampleBytes(sampleBytesOf(path), path, task.spec)
  try {
    return await rawSamples(path, task)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'usage',
      `The samples of ${path} can't be used: ${error.message}.`,
      'Correct the files, or leave out what does not fit. See what they hold: assay data describe --from <file|folder>',
    )
  }
}

/** A samples file's bytes. @throws CliError when it can't be read */
export function sampleBytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('usage', `The samples can't be read: ${reason}`, 'Check --data.')
  }
}

/**
 * Reads the samples of a file.
 *
 * @param options.isPool whether they are to be a pool, and so need strata where these are a column
 * @throws CliError with its name, and what it should hold
 */
export function readSampleBytes(
  bytes: Uint8Array,
  file: string,
  spec: TaskSpec,
  { isPool = false } = {},
): Dataset {
  try {
    return isPool ? readPoolSamples(bytes, spec) : readDataset(bytes, spec)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'usage',
      `The samples of ${file} can't be used: ${error.message}.`,
      `Give --data a safetensors file with ${columnsText(spec, { isPool })}.`,
    )
  }
}
