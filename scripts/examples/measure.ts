/** How good a trained model is on files that nobody trained on. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Prediction } from '@assay/cli/predictions.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { readDataset } from '@assay/engine/package/data.ts'
import { parseModel } from '@assay/engine/package/model.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { evaluateDataset } from '@assay/engine/run/evaluate.ts'
import type { ExampleFiles, ExampleMetric } from './worked-examples.ts'

type Trained = {
  task: TaskPackage
  /** Folder that `assay model get` wrote. */
  trained: string
  /** The test as a file of samples. */
  samples: string
  files: ExampleFiles
  predictions: readonly Prediction[]
}

/**
 * The metric of a trained model.
 *
 * @throws Error when there are not as many predictions as samples, or those of texts are no better than a guess
 */
export async function measured(metric: ExampleMetric, model: Trained): Promise<number> {
  const { files, predictions } = model
  const { asked, expected } = files
  if (predictions.length !== expected.length)
    throw new Error(`${asked} has ${expected.length} samples, the model said ${predictions.length}`)
  if (metric === 'mean absolute error')
    return meanOf(predictions.map(({ prediction }, i) => Math.abs(Number(prediction) - Number(expected[i]))))
  const right = meanOf(predictions.map(({ prediction }, i) => Number(prediction === expected[i])))
  if (metric === 'accuracy') return right
  demandBetterThanGuess(right, expected)
  return perplexity(model)
}

/** Whoever always names the most frequent character is right that often, too. */
function demandBetterThanGuess(right: number, expected: readonly string[]): void {
  const counts = Object.values(Object.groupBy(expected, (name) => name)).map((of) => of!.length)
  const guess = Math.max(...counts) / expected.length
  if (right <= guess) throw new Error(`${right} of the predicted characters are right, a guess has ${guess}`)
}

/** Of all next characters: predictions tell of the last one of each sample alone. */
async function perplexity({ task, trained, samples }: Trained): Promise<number> {
  const state = parseModel(task.spec, await readFile(join(trained, 'model.safetensors')))
  const data = readDataset(await readFile(samples), task.spec)
  const engine = await openEngine(task)
  try {
    return Math.exp((await evaluateDataset({ engine, state, data })).meanMetric)
  } finally {
    await engine.close()
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
