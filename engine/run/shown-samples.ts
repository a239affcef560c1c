/**
 * The samples that evidence shows: the values of each input in task.json's order, then the targets, row by row and little-endian,
 * as float32 or int32, all of it deflated. Their number isn't in it: the reader knows which samples a window draws.
 */
import { rawBytes } from '../hash.ts'
import { columnsOf, type Dataset, datasetTensors, shownDataset, type Values } from '../package/data.ts'
import { demandFinite, elementCount, type Tensor } from '../package/safetensors.ts'
import { sampleBytes } from '../package/sample-spec.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { deflated, inflated, maxDeflatedBytes } from './deflated.ts'

const VALUE_BYTES = 4

/** Samples without strata, as evidence shows them. The same samples give the same bytes. */
export function writeSamples(spec: TaskSpec, samples: Dataset): Uint8Array {
  const tensors = datasetTensors(samples, spec)
  const whole = new Uint8Array(samples.n * sampleBytes(spec))
  let at = 0
  for (const { name } of columnsOf(spec)) {
    const bytes = rawBytes(tensors.get(name)!.data as Values)
    whole.set(bytes, at)
    at += bytes.length
  }
  return deflated(whole)
}

/**
 * The samples that somebody shows.
 *
 * @param n how many they must be
 * @throws EngineRefusal `evidence` for bytes that don't inflate to so many, `data` for values out of their range
 */
export function readSamples(spec: TaskSpec, bytes: Uint8Array, n: number): Dataset {
  const whole = inflated(bytes, n * sampleBytes(spec), 'data')
  const tensors = new Map<string, Tensor>()
  let at = 0
  for (const { name, dtype, shape } of columnsOf(spec)) {
    const count = n * elementCount(shape)
    const place = [whole.buffer as ArrayBuffer, at, count] as const
    if (dtype === 'F32') {
      const data = new Float32Array(...place)
      demandFinite('data', name, data)
      tensors.set(name, { dtype, shape: [n, ...shape], data })
    } else tensors.set(name, { dtype, shape: [n, ...shape], data: new Int32Array(...place) })
    at += VALUE_BYTES * count
  }
  return shownDataset(tensors, spec)
}

/** Most bytes that so many samples take in evidence. */
export function maxSamplesBytes(spec: TaskSpec, n: number): number {
  return maxDeflatedBytes(n * sampleBytes(spec))
}
