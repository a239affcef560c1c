/**
 * How often does a seat find copies of the held-out pool among the samples that it sees, and how often among honest ones? One
 * window of digits, 96 samples, as one seat sees it.
 *
 *     node lab/experiments/pool-copies.ts [--seeds 3] [--windows 100]
 *
 * Ends with exit code 1 when honest windows fail in more than one of a hundred cases.
 */
import { parseArgs } from 'node:util'
import { areCopies, compareWithPool, indexPool } from '@assay/engine/judge/pool-copies.ts'
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { digitsTask, digitsTestSet, type Partition, partitionDigits } from '../digits.ts'
import { seededRng } from '../rng.ts'
import { LEAKS } from './leaks.ts'

const SEED: Hash = `0x${'1f'.repeat(32)}`
const SHOWN = 96
const SAMPLES = 600
const CONTRIBUTORS = 10
const MOST_HONEST_FAILED = 0.01

const { values: options } = parseArgs({
  options: { seeds: { type: 'string', default: '3' }, windows: { type: 'string', default: '100' } },
})
const seeds = Array.from({ length: Number(options.seeds) }, (_, s) => deriveSeed(SEED, 'copies', BigInt(s)))
const windows = Number(options.windows)
const test = await digitsTestSet()

type Tally = {
  windows: number
  failed: number
  shown: number
  exact: number
  close: number
  mostClose: number
  ranks: number
  leastRank: number
}
const tallies = new Map<string, Tally>()

for (const seed of seeds) {
  const { pool } = await digitsTask({ seed })
  const index = indexPool(pool.samples, deriveSeed(seed, 'beacon'))
  const look = (name: string, data: Dataset, count: number) => {
    const tally = tallies.get(name) ?? {
      windows: 0,
      failed: 0,
      shown: 0,
      exact: 0,
      close: 0,
      mostClose: 0,
      ranks: 0,
      leastRank: 1,
    }
    tallies.set(name, tally)
    const rng = seededRng(seed, `windows of ${name} ${data.n}`)
    const places = Array.from({ length: data.n }, (_, i) => i)
    for (let i = 0; i < count; i++) {
      const likeness = compareWithPool(index, subset(data, rng.shuffled(places).slice(0, SHOWN)))
      tally.windows += 1
      tally.failed += Number(areCopies(likeness))
      tally.shown += likeness.shown
      tally.exact += likeness.exact
      tally.close += likeness.close
      tally.ranks += likeness.meanRank
      tally.leastRank = Math.min(tally.leastRank, likeness.meanRank)
      tally.mostClose = Math.max(tally.mostClose, likeness.close / likeness.shown)
    }
  }
  const order = seededRng(seed, 'fresh').shuffled(Array.from({ length: test.n }, (_, i) => i))
  const fresh = subset(test, order.slice(0, SAMPLES))
  const rng = seededRng(seed, 'copies')
  const poolOrder = rng.shuffled(Array.from({ length: pool.samples.n }, (_, i) => i))
  const copies = subset(pool.samples, poolOrder.slice(0, SAMPLES))
  for (const [name, leak] of Object.entries(LEAKS)) look(name, leak({ copies, fresh, rng }), windows)
  const partitions: [string, Partition][] = [
    ['honest, even', 'iid'],
    ['honest, Dirichlet 0.5', { dirichlet: 0.5 }],
    ['honest, Dirichlet 0.1', { dirichlet: 0.1 }],
  ]
  for (const [name, partition] of partitions)
    for (const shard of await partitionDigits({ seed, contributors: CONTRIBUTORS, partition }))
      look(name, shard, Math.ceil(windows / 4))
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(8)
console.log(
  'samples                 windows that fail   exact    close (most in a window)  mean rank (least)',
)
let honestFailed = 0
for (const [name, { windows: all, failed, shown, exact, close, mostClose, ranks, leastRank }] of tallies) {
  if (name.startsWith('honest')) honestFailed = Math.max(honestFailed, failed / all)
  console.log(
    `${name.padEnd(24)}${percent(failed / all)} of ${String(all).padEnd(6)}${percent(exact / shown)} ${percent(close / shown)} (${percent(mostClose)})  ${(ranks / all).toFixed(3)} (${leastRank.toFixed(3)})`,
  )
}
process.exitCode = honestFailed > MOST_HONEST_FAILED ? 1 : 0
