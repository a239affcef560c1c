/** How good predictions are of files that nobody trained on. */
import type { Prediction } from '@assay/cli/predictions.ts'
import type { ExampleFiles, ExampleMetric } from './worked-examples.ts'

/** The metric of predictions. @throws Error when there are not as many as samples */
export function measured(
  metric: ExampleMetric,
  { asked, expected }: ExampleFiles,
  predictions: readonly Prediction[],
): number {
  if (predictions.length !== expected.length)
    throw new Error(`${asked} has ${expected.length} samples, the model said ${predictions.length}`)
  const total = predictions.reduce((sum, { prediction }, i) => {
    if (metric === 'accuracy') return sum + Number(prediction === expected[i])
    return sum + Math.abs(Number(prediction) - Number(expected[i]))
  }, 0)
  return total / expected.length
}
