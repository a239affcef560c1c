/** What people want to know of the samples that were made of their files. */
import { rawBytes } from '../hash.ts'
import type { Preprocess } from '../package/preprocess.ts'
import { classNames, sampleForm } from '../package/preprocess-form.ts'
import { Duplicates } from './duplicates.ts'
import type { Samples } from './samples.ts'

export type SampleReport = {
  samples: number
  /** Of each class, in their order; undefined where the target is no class. */
  classes?: { name: string; samples: number }[]
  /** Of each stratum, where samples have one. */
  strata?: { name: string; samples: number }[]
  /** Samples with the same inputs as an earlier one, and those of them that also have its target. */
  duplicates: { inputs: number; wholes: number }
}

/** Counts samples by class and stratum, and those that are there more than once. */
export function sampleReport(recipe: Preprocess, samples: Samples): SampleReport {
  const classes = classNames(recipe)
  const { strata } = sampleForm(recipe)
  const counted = (names: readonly string[], tensor: string) => {
    const counts = names.map((name) => ({ name, samples: 0 }))
    for (const number of samples.tensors.get(tensor)!.data) counts[number]!.samples++
    return counts
  }
  return {
    samples: samples.n,
    ...(classes !== undefined && { classes: counted(classes, 'y') }),
    ...(strata !== undefined && samples.tensors.has('stratum') && { strata: counted(strata, 'stratum') }),
    duplicates: duplicatesIn(samples),
  }
}

function duplicatesIn({ n, tensors }: Samples): SampleReport['duplicates'] {
  const inputs = new Duplicates(n)
  const wholes = new Duplicates(n)
  const columns = [...tensors]
    .filter(([name]) => name !== 'stratum')
    .map(([name, { data }]) => {
      const bytes = data instanceof Uint8Array ? data : rawBytes(data)
      return { isInput: name !== 'y', bytes, size: bytes.length / n }
    })
  for (let i = 0; i < n; i++) {
    const parts = columns.map(({ isInput, bytes, size }) => ({
      isInput,
      part: bytes.subarray(i * size, (i + 1) * size),
    }))
    inputs.add(...parts.filter(({ isInput }) => isInput).map(({ part }) => part))
    wholes.add(...parts.map(({ part }) => part))
  }
  return { inputs: inputs.count(), wholes: wholes.count() }
}
