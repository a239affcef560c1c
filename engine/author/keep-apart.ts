import { contentHashes } from '../package/content-hash.ts'
import type { Dataset } from '../package/data.ts'
import { demand } from '../refusal.ts'

/**
 * Refuses samples for contributors that are in the held-out pool, too: who trains on the pool scores higher than honest
 * contributors do.
 *
 * @param shards samples for contributors, by the name that the message tells
 * @throws EngineRefusal `data` that names the first such sample, and how many there are
 */
export function keepApart(pool: Dataset, shards: ReadonlyMap<string, Dataset>): void {
  const places = new Map(contentHashes(pool).map((hash, i) => [hash, i]))
  const shared = [...shards].flatMap(([name, shard]) =>
    contentHashes(shard).flatMap((hash, i) => (places.has(hash) ? [{ name, i, at: places.get(hash) }] : [])),
  )
  const [first] = shared
  demand(
    first === undefined,
    'data',
    () =>
      `sample ${first!.i} of ${first!.name} is sample ${first!.at} of the held-out pool, and so are ` +
      `${shared.length - 1} others: contributors must not have the pool, so take them out of one of the two`,
  )
}
