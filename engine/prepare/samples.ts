import type { Tensor } from '../package/safetensors.ts'
import { demand } from '../refusal.ts'

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
const MAX_SAMPLE_BYTES = 256 * 1024 * 1024

export type SampleOptions = {
  /** Whether samples have a target and a stratum; true by default. Those to predict have none. */
  isLabelled?: boolean
  /** Whether they have a stratum where strata are no classes; true by default. Only a pool's need one. */
  hasStrata?: boolean
}

/** Refuses samples that would take too much memory. @throws EngineRefusal `data` that starts with `what` */
export function demandRoom(what: string, n: number, values: number): void {
  const bytes = 4 * n * values
  demand(
    bytes <= MAX_SAMPLE_BYTES,
    'data',
    () => `${what} of ${values} values are ${bytes} bytes, the limit is ${MAX_SAMPLE_BYTES}: give fewer`,
  )
}
