import { readPlainFile } from '@assay/engine/node/plain-file.ts'
import { rawFilesAt } from '@assay/engine/node/raw-files.ts'
import { MAX_PREPROCESS_BYTES, type Preprocess, readPreprocess } from '@assay/engine/package/preprocess.ts'
import { writeSafetensors } from '@assay/engine/package/safetensors.ts'
import { makeSamples } from '@assay/engine/prepare/make-samples.ts'
import { sampleReport } from '@assay/engine/prepare/sample-report.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Answer } from './answer.ts'
import { reportText } from './data-text.ts'
import { CliError } from './failure.ts'
import { writeNewFile } from './new-file.ts'

export type PrepareOptions = {
  from: string
  out: string
  preprocess: string
  force?: boolean
}

/**
 * Makes samples of files and writes them as a data file.
 *
 * @throws CliError when the files don't fit, or the data file is there already
 */
export async function prepareData({ from, out, preprocess, force }: PrepareOptions): Promise<Answer> {
  const recipe = await readRecipe(preprocess)
  const samples = await samplesOf(recipe, from)
  const report = sampleReport(recipe, samples)
  await writeNewFile(out, writeSafetensors(samples.tensors), force)
  return { data: { out, ...report }, text: `${out}: ${reportText(report)}` }
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

async function samplesOf(recipe: Preprocess, from: string) {
  try {
    return await makeSamples(recipe, (await rawFilesAt(from)).files)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'failed',
      `${from} doesn't fit the task: ${error.message}.`,
      'Correct the files, or leave out what does not fit. See what they hold: assay data describe --from <file|folder>',
    )
  }
}
