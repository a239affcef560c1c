import { subset, withoutStrata } from '@assay/engine/package/data.ts'
import { seededRng } from '../rng.ts'
import type { Attack } from './attack.ts'

/** A validator gave the held-out pool away. Every replay passes; only the samples that are shown can tell. */
export const leakedPool: Attack = {
  name: 'leaked-pool',
  description: 'train properly, on samples of the held-out pool',
  play: ({ seed, pool }) => ({
    prepareData: (own) => {
      const places = Array.from({ length: pool.n }, (_, i) => i)
      return withoutStrata(subset(pool, seededRng(seed, 'leaked pool').shuffled(places).slice(0, own.n)))
    },
  }),
}
