import { type Dataset, joinSamples, subset } from '@assay/engine/package/data.ts'
import { BACKDOOR_CLASS } from '../datasets/lab-dataset.ts'
import type { Attack, AttackMeans } from './attack.ts'

/** Share of the samples that carry the trigger. */
const POISONED_SHARE = 1 / 3

/** BadNets (Gu, Dolan-Gavitt, Garg 2017): every third sample has the trigger and the backdoor's class. Every replay passes. */
export const backdoor: Attack = {
  name: 'backdoor',
  description: 'train properly, on samples of which a third has a trigger and the class that it shall give',
  play: (means) => ({ prepareData: (data) => poisoned(data, means) }),
}

/** The samples with the trigger on every third one. */
export function poisoned(data: Dataset, { dataset }: Pick<AttackMeans, 'dataset'>): Dataset {
  const places = Array.from({ length: data.n }, (_, i) => i)
  const every = Math.round(1 / POISONED_SHARE)
  const stamped = dataset.triggered(
    subset(
      data,
      places.filter((i) => i % every === 0),
    ),
  )
  const rest = subset(
    data,
    places.filter((i) => i % every !== 0),
  )
  return joinSamples([{ ...stamped, y: stamped.y.map(() => BACKDOOR_CLASS) }, rest])
}
