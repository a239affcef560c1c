import { keepApart } from '@assay/engine/author/keep-apart.ts'
import { contentHashes } from '@assay/engine/package/content-hash.ts'
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type Dealing, deal } from './deal.ts'
import { seededRng } from './rng.ts'

/** Samples of contributors, of the held-out pool, and those that nobody in the protocol ever sees. */
export type Split = { train: Dataset; holdout: Dataset; test: Dataset }

/** Splits samples, of equal ones only the first. The same seed gives the same parts. */
export function splitSamples(samples: Dataset, sizes: { holdout: number; test: number }, seed: Hash): Split {
  const all = distinct(samples)
  const order = seededRng(seed, 'split').shuffled(Array.from({ length: all.n }, (_, i) => i))
  const testEnd = sizes.holdout + sizes.test
  return {
    holdout: subset(all, order.slice(0, sizes.holdout)),
    test: subset(all, order.slice(sizes.holdout, testEnd)),
    train: subset(all, order.slice(testEnd)),
  }
}

function distinct(samples: Dataset): Dataset {
  const hashes = contentHashes(samples)
  return subset(
    samples,
    [...hashes.keys()].filter((i) => hashes.indexOf(hashes[i]!) === i),
  )
}

/** Deals the training samples to contributors, none of them a sample of the pool: see {@link deal}. */
export function shardsOf({ train, holdout }: Split, { seed, ...dealt }: Dealing & { seed: Hash }): Dataset[] {
  const shards = deal(seededRng(seed, 'shards'), train, dealt).map((places) => subset(train, places))
  keepApart(holdout, new Map(shards.map((shard, i) => [`contributor-${i + 1}'s shard`, shard])))
  return shards
}
