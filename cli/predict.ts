/** What a trained model says of somebody's files: `assay model predict`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rawFilesAt } from '@assay/engine/node/raw-files.ts'
import { DEFAULT_SANDBOX_LIMITS, openSandboxedEngine } from '@assay/engine/node/sandbox.ts'
import type { Inputs, Values } from '@assay/engine/package/data.ts'
import { parseModel } from '@assay/engine/package/model.ts'
import type { Preprocess } from '@assay/engine/package/preprocess.ts'
import { elementCount } from '@assay/engine/package/safetensors.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { makeSamples } from '@assay/engine/prepare/make-samples.ts'
import type { Samples } from '@assay/engine/prepare/samples.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Answer } from './answer.ts'
import { CliError } from './failure.ts'
import { MODEL_FILE, PACKAGE_DIR } from './model-files.ts'
import { writeNewFile } from './new-file.ts'
import { csvOf, type Prediction, predictionsOf } from './predictions.ts'
import { recipeIn } from './prepare-data.ts'
import { readPackage } from './read-package.ts'

export type PredictOptions = {
  /** Folder of `assay model get`. */
  model: string
  from: string
  /** A new .csv or .json file. */
  out: string
  force?: boolean
}

/**
 * Predicts for each sample in somebody's files, and writes that to a file.
 *
 * @throws CliError when the files don't fit, or the task's package doesn't say how to predict
 */
export async function predict({ model, from, out, force }: PredictOptions): Promise<Answer> {
  if (!/\.(csv|json)$/.test(out))
    throw new CliError(
      'usage',
      `--out "${out}" is neither a .csv nor a .json file.`,
      'Give it one of these endings.',
    )
  const task = await readPackage(join(model, PACKAGE_DIR))
  const recipe = recipeIn(task)
  const samples = await samplesIn(recipe, from)
  const predictions = await run(task, { recipe, blob: await readFile(join(model, MODEL_FILE)), samples })
  const text = out.endsWith('.csv') ? csvOf(predictions) : `${JSON.stringify(predictions, undefined, 2)}\n`
  await writeNewFile(out, new TextEncoder().encode(text), force)
  return {
    data: { out, samples: samples.n },
    text: `${out}: ${samples.n} predictions\n${shownText(predictions)}`,
  }
}

async function samplesIn(recipe: Preprocess, from: string): Promise<Samples> {
  try {
    return await makeSamples(recipe, (await rawFilesAt(from)).files, { isLabelled: false })
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'failed',
      `${from} doesn't fit the model: ${error.message}.`,
      'Correct the files, or leave out what does not fit. See what they hold: assay data describe --from <file|folder>',
    )
  }
}

/** A batch at a time: what a model says of text is many times larger than the text. */
async function run(
  task: TaskPackage,
  { recipe, blob, samples }: { recipe: Preprocess; blob: Uint8Array; samples: Samples },
): Promise<Prediction[]> {
  const { spec } = task
  const model = parseModel(spec, blob)
  const engine = await openSandboxedEngine(task, DEFAULT_SANDBOX_LIMITS)
  try {
    const predictions: Prediction[] = []
    for (let at = 0; at < samples.n; at += spec.evalBatchSize) {
      const [whole] = await engine.predict(model, [batchAt(task, samples, at)])
      const count = Math.min(spec.evalBatchSize, samples.n - at)
      predictions.push(...predictionsOf(recipe, spec, rowsOf(whole!, task, count), at))
    }
    return predictions
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError('failed', `The model can't predict: ${error.message}.`, OWNER_FIX)
  } finally {
    await engine.close()
  }
}

const OWNER_FIX = "Only the task's owner can mend its package; a changed one is for a new task."

/** The numbers of each sample. @throws CliError when they are not as many as the target has, or no numbers */
function rowsOf(whole: Float32Array, { spec }: TaskPackage, count: number): Float32Array[] {
  const size = whole.length / spec.evalBatchSize
  const expected = outputsOf(spec.target)
  if (size !== expected)
    throw new CliError(
      'failed',
      `predict.onnx gives ${size} numbers a sample, the target has ${expected}.`,
      OWNER_FIX,
    )
  const rows = Array.from({ length: count }, (_, i) => whole.subarray(i * size, (i + 1) * size))
  const odd = rows.findIndex((row) => !row.every(Number.isFinite))
  if (odd >= 0)
    throw new CliError(
      'failed',
      `predict.onnx gives no finite numbers for sample ${odd + 1} of a batch.`,
      OWNER_FIX,
    )
  return rows
}

function outputsOf(target: TaskPackage['spec']['target']): number {
  if (target.kind === 'class') return target.classes
  return target.kind === 'tokens' ? target.length * target.vocabulary : target.count
}

/** So many samples as a batch has, from `at` on; rows that are missing are zero. */
function batchAt({ spec }: TaskPackage, { tensors }: Samples, at: number): Inputs {
  const inputs = spec.inputs.map(({ name, shape }) => {
    const data = tensors.get(name)!.data as Values
    const size = elementCount(shape)
    const rows = data.subarray(at * size, (at + spec.evalBatchSize) * size)
    const batch = new (data instanceof Float32Array ? Float32Array : Int32Array)(spec.evalBatchSize * size)
    batch.set(rows)
    return [name, batch] as const
  })
  return { inputs: Object.fromEntries(inputs) }
}

const MOST_SHOWN = 5

function shownText(predictions: readonly Prediction[]): string {
  const shown = predictions.slice(0, MOST_SHOWN).map(({ sample, prediction }) => `  ${sample}: ${prediction}`)
  const more = predictions.length - shown.length
  return [...shown, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n')
}
