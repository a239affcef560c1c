/**
 * What does a contributor earn that has the held-out pool and trains on it, beside an honest one with as many fresh samples of the
 * pool's distribution? Federated digits without a chain; three seats score each update, as a committee would.
 *
 *     node lab/experiments/leaked-pool.ts [--seeds 3] [--rounds 6] [--only noise-0.2,shift-1]
 */
import { parseArgs } from 'node:util'
import { aggregateCohort, aggregateRoot, updateWeight } from '@assay/engine/aggregate/aggregate.ts'
import { bestStep, evaluateSteps } from '@assay/engine/aggregate/model-step.ts'
import { type QualityScore, scoreQuality } from '@assay/engine/judge/quality.ts'
import { rarityBps } from '@assay/engine/judge/rarity.ts'
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import { lowerMedian } from '@assay/engine/vector.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { MIN_REPUTATION_BPS, nextReputation } from '@assay/sdk/protocol/reputation.ts'
import { digitsTestSet, partitionDigits } from '../digits.ts'
import { seededRng } from '../rng.ts'
import { type DigitsEngine, honestUpdates, openDigits } from './federation.ts'
import { LEAKS } from './leaks.ts'

const SEED: Hash = `0x${'1e'.repeat(32)}`
const OTHERS = 8
const SAMPLES = 600
const SEATS = 3
const PROVEN_WINDOWS = 6
/** The demo's prices: reward tokens for a round's compute, and for a sample. */
const COMPUTE = 60
const PER_SAMPLE = 0.05

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '6' },
    only: { type: 'string' },
  },
})
const rounds = Number(options.rounds)

type Earned = { quality: number; rarity: number; pay: number }
const nothing = (): Earned => ({ quality: 0, rarity: 0, pay: 0 })

/** Plays a task; the last contributor but one is honest with fresh samples, the last one has `leaked` as its data. */
async function play(digits: DigitsEngine, seed: Hash, shards: readonly Dataset[]): Promise<Earned[]> {
  const { task, engine, holdout } = digits
  const earned = shards.map(nothing)
  let reputations = shards.map(() => MIN_REPUTATION_BPS)
  let base: State = task.init
  for (let round = 0; round < rounds; round++) {
    const finals = await honestUpdates({ engine, base, shards, seed, round })
    const seats: { scores: QualityScore[]; rarities: number[] }[] = []
    for (let seat = 0; seat < SEATS; seat++) {
      const scores = await scoreQuality({
        engine,
        base,
        holdout,
        rootSeed: deriveSeed(seed, 'root', BigInt(round), BigInt(seat)),
        candidates: finals.map((final, i) => ({
          id: String(i),
          final,
          personalSeed: deriveSeed(seed, 'personal', BigInt(round), BigInt(seat), BigInt(i)),
        })),
      })
      seats.push({ scores, rarities: rarityBps(scores) })
    }
    const settled = shards.map((_, i) => ({
      qualityBps: lowerMedian(seats.map(({ scores }) => scores[i]!.qualityBps)),
      rarityBps: lowerMedian(seats.map(({ rarities }) => rarities[i]!)),
    }))
    reputations = settled.map(({ qualityBps }, i) => nextReputation(reputations[i]!, qualityBps))
    for (const [i, { qualityBps, rarityBps: rarity }] of settled.entries()) {
      const data = Math.min(shards[i]!.n, 1_000)
      const [q, r] = [qualityBps / 1e4, qualityBps === 0 ? 0 : rarity / 1e4]
      earned[i]!.quality += q / rounds
      earned[i]!.rarity += r / rounds
      earned[i]!.pay += (reputations[i]! / 1e4) * (COMPUTE * q + PER_SAMPLE * data * r)
    }
    const members = finals.map((final, i) => ({
      final,
      weight: updateWeight({
        provenWindows: PROVEN_WINDOWS,
        qualityBps: settled[i]!.qualityBps,
        reputationBps: reputations[i]!,
        dataUnits: shards[i]!.n,
      }),
    }))
    const { blob } = aggregateCohort({ spec: task.spec, base, members })
    const full = aggregateRoot({ spec: task.spec, base, cohorts: [blob] })
    base = bestStep(await evaluateSteps({ engine, holdout, base, full })).state
  }
  return earned
}

const names = options.only?.split(',') ?? Object.keys(LEAKS)
const test = await digitsTestSet()
console.log('leak              quality (fresh)   rarity (fresh)   pay, × fresh by seed')
for (const name of names) {
  const leak = LEAKS[name]
  if (leak === undefined) throw new Error(`no leak is called ${name}: ${Object.keys(LEAKS).join(', ')}`)
  const ratios: number[] = []
  const sums = { leaked: nothing(), fresh: nothing() }
  for (let s = 0; s < Number(options.seeds); s++) {
    const seed = deriveSeed(SEED, 'leaked pool', BigInt(s))
    const digits = await openDigits(seed)
    const rng = seededRng(seed, name)
    const dealt = await partitionDigits({ seed, contributors: OTHERS + 2, partition: { dirichlet: 0.5 } })
    const freshOrder = seededRng(seed, 'fresh').shuffled(Array.from({ length: test.n }, (_, i) => i))
    const fresh = subset(test, freshOrder.slice(0, SAMPLES))
    const others = subset(test, freshOrder.slice(SAMPLES, 2 * SAMPLES))
    const poolOrder = rng.shuffled(Array.from({ length: digits.holdout.n }, (_, i) => i))
    const copies = subset(digits.holdout, poolOrder.slice(0, SAMPLES))
    const shards = [...dealt.slice(0, OTHERS), fresh, leak({ copies, fresh: others, rng })]
    const earned = await play(digits, seed, shards)
    const [honest, leaked] = [earned.at(-2)!, earned.at(-1)!]
    ratios.push(leaked.pay / honest.pay)
    for (const key of ['quality', 'rarity', 'pay'] as const) {
      sums.leaked[key] += leaked[key] / Number(options.seeds)
      sums.fresh[key] += honest[key] / Number(options.seeds)
    }
    await digits.engine.close()
  }
  const cell = (key: 'quality' | 'rarity') => `${sums.leaked[key].toFixed(3)} (${sums.fresh[key].toFixed(3)})`
  const mean = sums.leaked.pay / sums.fresh.pay
  console.log(
    `${name.padEnd(18)}${cell('quality').padEnd(18)}${cell('rarity').padEnd(17)}${mean.toFixed(3)}: ${ratios.map((one) => one.toFixed(3)).join(' ')}`,
  )
}
