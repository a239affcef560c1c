import { readFileSync } from 'node:fs'
import { type Dataset, subset, withoutStrata } from '@assay/engine/package/data.ts'
import { readPool } from '@assay/engine/package/pool.ts'
import type { Leak } from '../leaks.ts'
import { seededRng } from '../rng.ts'
import type { SimulatedContributor } from './behaviour.ts'

/** Share of what the median honest contributor earns that is left to whoever is found in nearly every audit. */
const FOUND = { mostPayBps: 3_000 }

/** A contributor that makes something of the held-out pool, and enrols with it. */
export function leaked({
  leak,
  ...words
}: Pick<SimulatedContributor, 'name' | 'description' | 'parameter'> & {
  leak: (parameter: number) => Leak
}): SimulatedContributor {
  return {
    role: 'contributor',
    ...words,
    defaultCount: 0,
    expected: FOUND,
    deviate: ({ seed, parameter, poolFile }) => ({
      prepareData: (own, { spec }) => {
        if (poolFile === undefined) throw new Error(`${words.name} needs the file of the held-out pool`)
        const { samples } = readPool(readFileSync(poolFile), spec)
        const rng = seededRng(seed, 'leaked pool')
        return leak(parameter)({ copies: someOf(samples, own.n, rng.shuffled), fresh: own, rng })
      },
    }),
  }
}

function someOf(pool: Dataset, most: number, shuffled: (items: number[]) => number[]): Dataset {
  const places = Array.from({ length: pool.n }, (_, i) => i)
  return withoutStrata(subset(pool, shuffled(places).slice(0, most)))
}
