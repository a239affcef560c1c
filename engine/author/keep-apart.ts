import { type Hash, rawBytes, sha256 } from '../hash.ts'
import type { Dataset } from '../package/data.ts'
import { demand } from '../refusal.ts'

/**
 * Hash of a sample's features alone, so that a copy under another label is found, too. Zeros of both signs are alike.
 */
function contentHash(features: Float32Array): Hash {
  // Adding zero turns −0 into 0 and changes nothing else.
  return sha256(rawBytes(features.map((value) => value + 0)))
}

/** The content hash of each sample. */
function contentHashes({ x, n }: Dataset): Hash[] {
  const features = x.length / n
  return Array.from({ length: n }, (_, i) => contentHash(x.subarray(i * features, (i + 1) * features)))
}

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
