/** Deals somebody's samples: some to the held-out pool, the others to contributors. */
import { deriveSeed, drawUint, type Hash } from '@assay/sdk/protocol/random.ts'
import { contentHashes } from '../package/content-hash.ts'
import { type Dataset, subset, type Values } from '../package/data.ts'
import { demand } from '../refusal.ts'

/**
 * Splits a held-out pool off. It gets the same share of each stratum, drawn by the seed. Samples with equal inputs stay on
 * one side, because contributors must not have any of the pool.
 *
 * @param strata number of each sample's stratum
 * @param share of the samples that the pool gets, between 0 and 1
 * @param most samples of the pool
 * @throws EngineRefusal `data` when one side would be empty
 */
export function splitPool(
  samples: Dataset,
  { strata, share, most, seed }: { strata: Values; share: number; most: number; seed: Hash },
): { pool: Dataset; rest: Dataset } {
  const groups = new Map<Hash, number[]>()
  for (const [i, hash] of contentHashes(samples).entries()) {
    const group = groups.get(hash)
    if (group === undefined) groups.set(hash, [i])
    else group.push(i)
  }
  const order = shuffled([...groups.values()], deriveSeed(seed, 'pool'))
  const wanted = wantedOf(strata, Math.min(share, most / samples.n))
  const [pool, rest]: [number[], number[]] = [[], []]
  for (const group of order) {
    const stratum = strata[group[0]!]!
    const isWanted = (wanted.get(stratum) ?? 0) >= group.length
    if (isWanted) wanted.set(stratum, wanted.get(stratum)! - group.length)
    for (const i of group) (isWanted ? pool : rest).push(i)
  }
  for (const [side, who] of [
    [pool, 'the held-out pool'],
    [rest, 'contributors'],
  ] as const)
    demand(side.length > 0, 'data', () => `of ${samples.n} samples none is left for ${who}: give more`)
  return { pool: subset(samples, pool), rest: subset(samples, rest) }
}

/** Samples of each stratum that the pool shall have; at least one of those that have several. */
function wantedOf(strata: Values, share: number): Map<number, number> {
  const counts = new Map<number, number>()
  for (const stratum of strata) counts.set(stratum, (counts.get(stratum) ?? 0) + 1)
  const most = (count: number) => Math.min(count - 1, Math.max(1, Math.round(share * count)))
  return new Map([...counts].map(([stratum, count]) => [stratum, most(count)]))
}

/**
 * Deals samples evenly to so many shards, drawn by the seed.
 *
 * @throws EngineRefusal `data` when there are fewer samples than shards
 */
export function dealShards(samples: Dataset, shards: number, seed: Hash): Dataset[] {
  demand(
    samples.n >= shards,
    'data',
    () => `${samples.n} samples can't be dealt to ${shards} contributors: give more samples, or fewer shards`,
  )
  const order = shuffled(
    Array.from({ length: samples.n }, (_, i) => i),
    deriveSeed(seed, 'shards'),
  )
  return Array.from({ length: shards }, (_, shard) =>
    subset(
      samples,
      order.filter((_, i) => i % shards === shard),
    ),
  )
}

/** A shuffled copy (Fisher–Yates), the same for the same seed on every machine. */
function shuffled<T>(items: readonly T[], seed: Hash): T[] {
  const copy = [...items]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = drawUint(seed, i, i + 1)
    ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
  }
  return copy
}
