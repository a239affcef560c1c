/** The built-in models that are measured: small ones, of the sizes that their help names. */
import type { ModelOptions } from '@assay/engine/author/models/build-model.ts'
import { readModelText } from '@assay/engine/author/models/model-text.ts'
import { readOptimizerText } from '@assay/engine/author/optimizers/optimizer-text.ts'
import type { Input } from '@assay/engine/package/sample-spec.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'

export type MeasuredModel = { model: string; optimizer: string; options: ModelOptions }

/** What `assay task init` takes at once where the pool has as many samples. */
const EVAL_BATCH_SIZE = 128
const DIGIT: Input = {
  name: 'x',
  dtype: 'float32',
  shape: [784],
  grid: { height: 28, width: 28, channels: 1, order: 'channels-last' },
}
const TEXT: Input = { name: 'x', dtype: 'int64', shape: [64], below: 96 }
const DIGITS = { inputs: [DIGIT], target: { kind: 'class', classes: 10 }, batchSize: 32 } as const
const TOKENS = {
  inputs: [TEXT],
  target: { kind: 'tokens', length: 64, vocabulary: 96 },
  batchSize: 16,
} as const

const MODELS = [
  ['logistic', 'sgd', DIGITS],
  ['mlp:128', 'sgd', DIGITS],
  ['mlp:128', 'adamw', DIGITS],
  ['cnn:16,32', 'momentum', DIGITS],
  ['transformer:layers=2,width=64', 'adamw', TOKENS],
] as const

/** @param seed draws the weights that they begin with, and the samples */
export function measuredModels(seed: Hash): MeasuredModel[] {
  return MODELS.map(([model, optimizer, samples]) => ({
    model,
    optimizer,
    options: {
      ...samples,
      model: readModelText(model),
      optimizer: readOptimizerText(optimizer),
      evalBatchSize: EVAL_BATCH_SIZE,
      seed: deriveSeed(seed, model),
    },
  }))
}
