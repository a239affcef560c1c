/**
 * What does a contributor earn that has the held-out pool and trains on it, beside an honest one with as many fresh samples of the
 * pool's distribution? Federated digits without a chain; three seats score each update, compare what they see of it with the pool, and
 * all is paid by the contracts' rules. Each seed has a pool of its own.
 *
 *     node lab/experiments/leaked-pool.ts [--seeds 5] [--first-seed 0] [--rounds 6] [--only clipped-0.4,half-exact]
 *
 * "Later" goes on for 60 rounds, in which the last three that were played repeat, so that audits have become rare. Ends with exit
 * code 1 when a leak earns more than fresh samples: more than 1.0 times as much, by more than two standard errors.
 */
import { parseArgs } from 'node:util'
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import { meanAndError } from '@assay/engine/vector.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { toHex } from 'viem'
import { digitsTestSet, partitionDigits } from '../digits.ts'
import { LEAKS } from '../leaks.ts'
import { seededRng } from '../rng.ts'
import { type DigitsEngine, openDigits } from './federation.ts'
import { indexesOf, playRounds } from './pool-game.ts'
import { type Looked, noticedBy, paidFor } from './pool-pay.ts'

const SEED: Hash = `0x${'1e'.repeat(32)}`
const OTHERS = 8
const SAMPLES = 600
const DATA_UNITS_LIMIT = 1_000
const LATER_ROUNDS = 60
const REPEATED = 3

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    'first-seed': { type: 'string', default: '0' },
    rounds: { type: 'string', default: '6' },
    only: { type: 'string' },
  },
})
const rounds = Number(options.rounds)
const names = options.only?.split(',') ?? Object.keys(LEAKS)
const seeds = Array.from({ length: Number(options.seeds) }, (_, i) =>
  deriveSeed(SEED, 'leaked pool', BigInt(Number(options['first-seed']) + i)),
)

/** A task's engine and pool, samples that are in no shard, and the shards of honest people. */
type Ground = { seed: Hash; digits: DigitsEngine; dealt: Dataset[]; fresh: Dataset; others: Dataset }

async function openGround(seed: Hash): Promise<Ground> {
  const digits = await openDigits(seed, {}, seed)
  const test = await digitsTestSet(seed)
  const shards = { contributors: OTHERS + 2, partition: { dirichlet: 0.5 }, splitSeed: seed }
  const dealt = (await partitionDigits({ seed, ...shards })).slice(0, OTHERS)
  const order = seededRng(seed, 'fresh').shuffled([...test.y.keys()])
  const fresh = subset(test, order.slice(0, SAMPLES))
  return { seed, digits, dealt, fresh, others: subset(test, order.slice(SAMPLES, 2 * SAMPLES)) }
}

/** Plays a task, in which the last contributor has the leak, and the one before it fresh samples. */
async function play(ground: Ground, name: string, indexOf: ReturnType<typeof indexesOf>) {
  const { seed, digits, dealt, fresh, others } = ground
  const leak = LEAKS[name]
  if (leak === undefined) throw new Error(`no leak is called ${name}: ${Object.keys(LEAKS).join(', ')}`)
  const rng = seededRng(seed, name)
  const order = rng.shuffled([...digits.holdout.y.keys()])
  const copies = subset(digits.holdout, order.slice(0, SAMPLES))
  const shards = [...dealt, fresh, leak({ copies, fresh: others, rng })]
  const isWatched = (contributor: number) => contributor >= OTHERS
  return playRounds({ digits, shards, seed, rounds, indexOf, isWatched })
}

/** What the leak earns, as a share of what fresh samples do. */
function payRatio(
  played: readonly Looked[][],
  seed: Hash,
  { isBlind, isLater = false }: { isBlind: boolean; isLater?: boolean },
) {
  const later = isLater ? LATER_ROUNDS - played.length : 0
  const all = [...played, ...Array.from({ length: later }, (_, i) => played.at((i % REPEATED) - REPEATED)!)]
  const [fresh, leaked] = [OTHERS, OTHERS + 1].map((contributor) =>
    paidFor(
      all.map((round) => round[contributor]!),
      {
        contributor: toHex(contributor + 1, { size: 20 }),
        dataUnits: Math.min(SAMPLES, DATA_UNITS_LIMIT),
        seed,
        isBlind,
      },
    ),
  )
  return Number((leaked! * 10_000n) / fresh!) / 10_000
}

const grounds = await Promise.all(seeds.map(openGround))
const indexes = grounds.map(({ digits, seed }) => indexesOf(digits, seed))
const cell = (values: readonly number[]) => {
  const { mean, error } = meanAndError(values)
  return `${mean.toFixed(3)} ± ${error.toFixed(3)}`.padEnd(15)
}
console.log('leak              seats  updates  unnoticed      noticed        later          by seed, noticed')
for (const name of names) {
  const [unnoticed, noticed, later]: [number[], number[], number[]] = [[], [], []]
  const seats: boolean[] = []
  const updates: boolean[] = []
  for (const [i, ground] of grounds.entries()) {
    const played = await play(ground, name, indexes[i]!)
    for (const round of played) {
      const found = noticedBy(round.at(-1)!)
      seats.push(...found)
      updates.push(found.filter(Boolean).length > found.length / 2)
    }
    unnoticed.push(payRatio(played, ground.seed, { isBlind: true }))
    noticed.push(payRatio(played, ground.seed, { isBlind: false }))
    later.push(payRatio(played, ground.seed, { isBlind: false, isLater: true }))
  }
  const percent = (found: readonly boolean[]) =>
    `${Math.round((100 * found.filter(Boolean).length) / found.length)} %`
  console.log(
    `${name.padEnd(18)}${percent(seats).padEnd(7)}${percent(updates).padEnd(9)}${cell(unnoticed)}${cell(noticed)}${cell(later)}${noticed.map((one) => one.toFixed(2)).join(' ')}`,
  )
  const { mean, error } = meanAndError(noticed)
  if (mean - 2 * error > 1) process.exitCode = 1
}
for (const { digits } of grounds) await digits.engine.close()
