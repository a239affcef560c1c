/**
 * How often does a committee find copies of the held-out pool among the samples that its seats see, and how often among honest ones?
 * Digits; an update shows six windows of 96 samples, which are divided among the seats. Each seed has a pool of its own.
 *
 *     node lab/experiments/pool-copies.ts [--seeds 5] [--first-seed 0] [--updates 200] [--only move-1,half-exact]
 *
 * Ends with exit code 1 when more than one of a thousand honest updates fails.
 */
import { parseArgs } from 'node:util'
import {
  areCopies,
  indexPool,
  likenessOf,
  type PoolIndex,
  type Ranked,
  rankAll,
} from '@assay/engine/judge/pool-copies.ts'
import { contentHashes } from '@assay/engine/package/content-hash.ts'
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { Partition } from '../deal.ts'
import { digitsTask, digitsTestSet, partitionDigits } from '../digits.ts'
import { LEAKS } from '../leaks.ts'
import { type Rng, seededRng } from '../rng.ts'
import { type ShownWindow, seatsShown } from './pool-pay.ts'

const SEED: Hash = `0x${'1f'.repeat(32)}`
const WINDOWS = 6
const DRAWN = 96
const SAMPLES = 600
const COMMITTEES = [3, 5] as const
const MOST_HONEST_FAILED = 0.001
/** Shards of honest people: how they are dealt, and to how many. */
const HONEST: [string, Partition, number][] = [
  ['honest even', 'iid', 10],
  ['honest Dirichlet 0.5', { dirichlet: 0.5 }, 10],
  ['honest Dirichlet 0.1', { dirichlet: 0.1 }, 10],
  ['honest small shards', { dirichlet: 0.1 }, 60],
]

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    'first-seed': { type: 'string', default: '0' },
    updates: { type: 'string', default: '200' },
    only: { type: 'string' },
  },
})
const updates = Number(options.updates)
const only = options.only?.split(',')
const isAsked = ([name]: readonly [string, ...unknown[]]) => only === undefined || only.includes(name)

/** Seats that noticed copies, and updates that failed by a majority of them, by size of the committee. */
type Tally = Record<
  (typeof COMMITTEES)[number],
  { seats: number; noticed: number; updates: number; failed: number }
>
const tallies = new Map<string, Tally>()
/** Of each pool, samples that were ranked already, by their hash. */
const ranks = new WeakMap<PoolIndex, Map<Hash, Ranked>>()
const emptyTally = () =>
  Object.fromEntries(
    COMMITTEES.map((size) => [size, { seats: 0, noticed: 0, updates: 0, failed: 0 }]),
  ) as Tally

/** Lets committees look at updates that were trained on some data. */
function look(
  name: string,
  data: Dataset,
  index: PoolIndex,
  { rng, count }: { rng: Rng; count: number },
): void {
  const tally = tallies.get(name) ?? emptyTally()
  tallies.set(name, tally)
  const ranked = Array.from({ length: data.n }, (_, i) => rankOf(index, subset(data, [i])))
  for (let update = 0; update < count; update++) {
    const windows = Array.from({ length: WINDOWS }, () => windowOf(ranked, rng))
    for (const size of COMMITTEES) {
      const noticed = seatsShown(windows, size).map((shown) => areCopies(likenessOf(shown)))
      const found = noticed.filter(Boolean).length
      tally[size].seats += noticed.length
      tally[size].noticed += found
      tally[size].updates += 1
      tally[size].failed += Number(found > size / 2)
    }
  }
}

/** Ranks one sample. Shards of all kinds are dealt of the same ones. */
function rankOf(index: PoolIndex, sample: Dataset): Ranked {
  const hash = contentHashes(sample)[0]!
  const known = ranks.get(index) ?? new Map<Hash, Ranked>()
  ranks.set(index, known)
  const ranked = known.get(hash) ?? rankAll(index, sample)
  known.set(hash, ranked)
  return ranked
}

/** The samples of one window's steps, drawn with replacement as a trainer draws them. */
function windowOf(ranked: readonly Ranked[], rng: Rng): ShownWindow {
  const samples = new Set(Array.from({ length: DRAWN }, () => rng.below(ranked.length)))
  return new Map([...samples].map((i) => [i, ranked[i]!]))
}

for (let s = 0; s < Number(options.seeds); s++) {
  const seed = deriveSeed(SEED, 'copies', BigInt(Number(options['first-seed']) + s))
  const { pool, spec } = await digitsTask({ seed, splitSeed: seed })
  const index = indexPool(pool.samples, { seed: deriveSeed(seed, 'beacon'), spec })
  const test = await digitsTestSet(seed)
  const order = seededRng(seed, 'fresh').shuffled([...test.y.keys()])
  const fresh = subset(test, order.slice(0, SAMPLES))
  const rng = seededRng(seed, 'copies')
  const copies = subset(pool.samples, rng.shuffled([...pool.samples.y.keys()]).slice(0, SAMPLES))
  for (const [name, leak] of Object.entries(LEAKS).filter(isAsked))
    look(name, leak({ copies, fresh, rng }), index, { rng, count: updates })
  for (const [name, partition, contributors] of HONEST.filter(isAsked))
    for (const shard of await partitionDigits({ seed, contributors, partition, splitSeed: seed }))
      look(name, shard, index, { rng, count: Math.ceil((10 * updates) / contributors) })
}

const percent = (part: number, all: number) => `${((100 * part) / all).toFixed(2)} %`.padEnd(10)
console.log(
  `samples                 ${COMMITTEES.map((size) => `of ${size}: seats  updates   `).join('')} of how many`,
)
for (const [name, tally] of tallies) {
  const cells = COMMITTEES.map((size) => {
    const { seats, noticed, updates: all, failed } = tally[size]
    if (name.startsWith('honest') && failed / all > MOST_HONEST_FAILED) process.exitCode = 1
    return `    ${percent(noticed, seats)}${percent(failed, all)}`
  })
  console.log(`${name.padEnd(24)}${cells.join('')}${tally[COMMITTEES[0]].updates}`)
}
