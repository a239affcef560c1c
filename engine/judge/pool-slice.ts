/**
 * The part of the held-out pool that one round judges by. The round's beacon draws it, so that nobody knows it while
 * work can still be chosen, and who has learnt a part of the pool, or fits it over many rounds, gains less.
 *
 *     a pool of at least 4 · personalSamples samples:  2 · personalSamples of them; a smaller pool: all of it
 *
 * With twice a personal sample, validators' samples still differ, and what a round evaluates doesn't grow with the pool.
 * Each stratum gives its share, rounded down, but at least eight samples where it has them: rarity and the guard need
 * some of each.
 */
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { permutation } from '@assay/sdk/protocol/sampling.ts'
import type { Hash } from '../hash.ts'
import { type Dataset, strataOf, subset } from '../package/data.ts'
import { SLICE } from '../package/pool-slice-size.ts'
import { strataCount } from '../package/sample-spec.ts'
import type { TaskSpec } from '../package/task-spec.ts'

/** The round that a slice is for. */
export type SlicePlace = { beacon: Hash; taskId: bigint; round: number }

/** A round's samples, and the whole pool. */
export type PoolSlice = { samples: Dataset; pool: Dataset }

/** The samples of a round, in the pool's order. The same round and pool give the same ones on any machine. */
export function slicePool(
  pool: Dataset,
  spec: Pick<TaskSpec, 'personalSamples' | 'strata' | 'target'>,
  place: SlicePlace,
): PoolSlice {
  const { personalSamples } = spec
  if (pool.n < SLICE.leastPool * personalSamples) return { samples: pool, pool }
  const { beacon, taskId, round } = place
  const chosen: number[] = []
  const strata = strataOf(spec, pool)
  for (let stratum = 0; stratum < strataCount(spec); stratum++) {
    const members = [...strata.keys()].filter((i) => strata[i] === stratum)
    const share = Math.floor((members.length * SLICE.personalSamples * personalSamples) / pool.n)
    const count = Math.min(members.length, Math.max(share, SLICE.fewestOfStratum))
    if (count === 0) continue
    const key = deriveSeed(beacon, 'pool slice', taskId, BigInt(round), BigInt(stratum))
    const at = permutation(members.length, key)
    for (let i = 0; i < count; i++) chosen.push(members[at(i)]!)
  }
  return {
    samples: subset(
      pool,
      chosen.sort((a, b) => a - b),
    ),
    pool,
  }
}
