import { readFileSync } from 'node:fs'
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import { readPool } from '@assay/engine/package/pool.ts'
import { seededRng } from '../rng.ts'
import type { SimulatedContributor } from './behaviour.ts'

/** A validator gave the held-out pool away. Every replay passes; only the samples that are shown can tell. */
export const leakedPool: SimulatedContributor = {
  role: 'contributor',
  name: 'leaked-pool',
  description: 'contributors that train properly, on the held-out pool that a validator gave them',
  defaultCount: 0,
  parameter: { meaning: 'noise on the copies, as a standard deviation', default: 0, least: 0, most: 0.2 },
  expected: { mostPayBps: 3_000 },
  deviate: ({ seed, parameter: sigma, poolFile }) => ({
    prepareData: ({ n }, { spec }) => {
      if (poolFile === undefined) throw new Error('leaked-pool needs the file of the held-out pool')
      const { samples } = readPool(readFileSync(poolFile), spec)
      const rng = seededRng(seed, 'leaked pool')
      const order = rng.shuffled(Array.from({ length: samples.n }, (_, i) => i))
      return noisy(subset(samples, order.slice(0, n)), (value) => value + sigma * rng.normal())
    },
  }),
}

function noisy(data: Dataset, change: (value: number) => number): Dataset {
  return { ...data, x: data.x.map(change) }
}
