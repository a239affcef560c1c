import {
  areClose,
  type Closeness,
  compareWithPool,
  type PoolIndex,
  type ViewLikeness,
} from '@assay/engine/judge/pool-copies.ts'
import { type Dataset, joinSamples } from '@assay/engine/package/data.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'

/**
 * Why an update's samples, as its replayed windows show them, are the held-out pool's: the whole pool's, not the round's
 * slice alone. Undefined if they aren't.
 */
export function reasonOfCopies(
  index: PoolIndex,
  spec: Pick<TaskSpec, 'inputs'>,
  shown: readonly Dataset[],
): string | undefined {
  if (shown.length === 0) return undefined
  const { exact, shown: all, views } = compareWithPool(index, joinSamples(shown))
  // Rows of whole numbers, such as short texts, are equal by chance: of them only the bounds below count.
  const isChance = spec.inputs.every(({ dtype }) => dtype !== 'float32')
  if (exact > 0 && !isChance) return `${exact} of ${all} samples that it shows are in the held-out pool`
  for (const view of views) {
    const { copies, mixes } = view
    if (areClose(copies, view)) return closeText(copies, all, view, TEXTS[view.name].copies)
    if (areClose(mixes, view)) return closeText(mixes, all, view, TEXTS[view.name].mixes)
  }
  return undefined
}

/** What a few close samples are of the pool, and what all of them are too near to. */
const TEXTS = {
  features: {
    copies: { few: 'near copies of', all: 'single samples of' },
    mixes: { few: 'mixed of', all: 'mixes of' },
  },
  spectra: {
    copies: { few: 'near copies, perhaps shifted, of', all: 'shifted samples of' },
    mixes: { few: 'mixed, perhaps shifted, of', all: 'shifted mixes of' },
  },
  numbers: {
    copies: {
      few: 'near copies, most of their numbers the same, of',
      all: 'the numbers of single samples of',
    },
    mixes: { few: 'mixed of', all: 'mixes of' },
  },
}

function closeText(
  { close, veryClose, meanRank }: Closeness,
  shown: number,
  { mostClose, mostVeryClose, leastMeanRank }: ViewLikeness,
  { few, all }: { few: string; all: string },
): string {
  const [found, most] = close > mostClose ? [close, mostClose] : [veryClose, mostVeryClose]
  if (found > most)
    return `${found} of ${shown} samples that it shows are ${few} the held-out pool's, ${most} may be by chance`
  const ranks = `their mean rank is ${meanRank.toFixed(3)}, of honest ones at least ${leastMeanRank.toFixed(3)}`
  return `the ${shown} samples that it shows are too near to ${all} the held-out pool: ${ranks}`
}
