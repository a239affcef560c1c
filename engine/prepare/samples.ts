import type { Tensor } from '../package/safetensors.ts'

/** Samples of a task, made from somebody's files. */
export type Samples = {
  /** How many. */
  n: number
  /** A data file's content: each input under its name, the target `y`, and `stratum` if strata are no classes. */
  tensors: Map<string, Tensor>
  /** Where a sample comes from, for messages. */
  placeOf(sample: number): string
}

/** Most bytes of the samples that are made of files, like those of a data file. */
export const MAX_SAMPLE_BYTES = 256 * 1024 * 1024

export type SampleOptions = {
  /** Whether samples have a target and a stratum; true by default. Those to predict have none. */
  isLabelled?: boolean
}
