/** Samples whose only input is the float32 tensor x, as those of the tasks that engine/author writes. */
import { demand } from '../refusal.ts'
import type { Dataset } from './data.ts'

/** The features, n × those of a sample. @throws EngineRefusal `data` for samples of another kind */
export function featuresOf({ inputs }: Pick<Dataset, 'inputs'>): Float32Array {
  const names = Object.keys(inputs)
  const { x } = inputs
  demand(
    names.length === 1 && x instanceof Float32Array,
    'data',
    () => `the samples have the inputs ${names.join(', ')}, expected features x alone`,
  )
  return x
}

/** The same samples with other features. */
export function withFeatures(data: Dataset, x: Float32Array): Dataset {
  return { ...data, inputs: { x } }
}
