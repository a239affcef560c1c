import { readPlainFile } from '@assay/engine/node/plain-file.ts'
import { rawFilesAt } from '@assay/engine/node/raw-files.ts'
import { columnsText } from '@assay/engine/package/data.ts'
import { MAX_PREPROCESS_BYTES, type Preprocess, readPreprocess } from '@assay/engine/package/preprocess.ts'
import { writeSafetensors } from '@assay/engine/package/safetensors.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { makeSamples } from '@assay/engine/prepare/make-samples.ts'
import { sampleReport } from '@assay/engine/prepare/sample-report.ts'
import type { SampleOptions } from '@assay/engine/prepare/samples.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Answer } from './answer.ts'
import { reportText } from './data-text.ts'
import { CliError } from './failure.ts'
import { writeNewFile } from './new-file.ts'
import { readPackage } from './read-package.ts'

export type PrepareOptions = {
  from: string
  out: string
  /** The task's package, or its preprocess.json alone: one of both. */
  package?: string
  preprocess?: string
  force?: boolean
}

/** What the samples shall have. */
type Wanted = Pick<SampleOptions, 'hasStrata'>

/** Of a contributor, whose files may be of no stratum that the task knows. */
export const CONTRIBUTED: Wanted = { hasStrata: false }

/**
 * Makes samples of files and writes them as a data file: by a package those of a contributor, by a preprocess.json alone with
 * their strata, so that a pool can be made of them.
 *
 * @throws CliError when the files don't fit, or the data file is there already
 */
export async function prepareData(options: PrepareOptions): Promise<Answer> {
  const recipe = await recipeOf(options)
  return prepareBy(recipe, options, options.package === undefined ? {} : CONTRIBUTED)
}

/** Like {@link prepareData}, by a preprocess.json that has been read. */
export async function prepareBy(
  recipe: Preprocess,
  { from, out, force }: Pick<PrepareOptions, 'from' | 'out' | 'force'>,
  wanted: Wanted,
): Promise<Answer> {
  const samples = await samplesOf(recipe, from, wanted)
  const report = sampleReport(recipe, samples)
  await writeNewFile(out, writeSafetensors(samples.tensors), force)
  return { data: { out, ...report }, text: `${out}: ${reportText(report)}` }
}

/** What a package says of how files become samples. @throws CliError when it says nothing */
export function recipeIn({ preprocess, spec }: Pick<TaskPackage, 'preprocess' | 'spec'>): Preprocess {
  if (preprocess !== undefined) return preprocess
  throw new CliError(
    'failed',
    'The package has no preprocess.json that says how files become samples.',
    `Write a data file of your own, safetensors with ${columnsText(spec)}.`,
  )
}

async function recipeOf({ package: dir, preprocess }: PrepareOptions): Promise<Preprocess> {
  if (dir !== undefined && preprocess === undefined) return recipeIn(await readPackage(dir))
  if (dir === undefined && preprocess !== undefined) return readRecipe(preprocess)
  throw new CliError(
    'usage',
    `${dir === undefined ? 'Nothing' : 'Both --package and --preprocess'} says how files become samples.`,
    'Give --task with a store, --package, or --preprocess.',
  )
}

async function readRecipe(file: string): Promise<Preprocess> {
  try {
    return readPreprocess(await readPlainFile(file, { name: file, maxBytes: MAX_PREPROCESS_BYTES }))
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'usage',
      `${file}: ${error.message}.`,
      "Give --preprocess the file of the task's owner, unchanged.",
    )
  }
}

async function samplesOf(recipe: Preprocess, from: string, wanted: Wanted) {
  try {
    return await makeSamples(recipe, (await rawFilesAt(from)).files, wanted)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'failed',
      `${from} doesn't fit the task: ${error.message}.`,
      'Correct the files, or leave out what does not fit. See what they hold: assay data describe --from <file|folder>',
    )
  }
}
