/**
 * How well does the quality score tell honest updates from false ones? Real digits, ten contributors, six rounds.
 *
 *     node lab/experiments/calibrate-quality.ts [--seeds 3] [--steps 30] [--lr 0.2]
 *
 * Prints the table of docs/decisions/0004-quality-score.md. Ends with exit code 1 when a decoy (zero, noise, flipped sign,
 * flipped labels) scores in more than 1 % of cases, or an honest Dirichlet 0.5 update gets nothing in more than 10 %.
 */
import { parseArgs } from 'node:util'
import { scoreQuality } from '@assay/engine/judge/quality.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { delta, unflatten } from '@assay/engine/run/update.ts'
import { norm } from '@assay/engine/vector.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { MIN_REPUTATION_BPS } from '@assay/sdk/protocol/reputation.ts'
import type { Partition } from '../deal.ts'
import { DIGIT_CLASSES, DIGITS, partitionDigits } from '../digits.ts'
import { seededRng } from '../rng.ts'
import { federatedRound, honestUpdates, openDigits } from './federation.ts'

const ROUNDS = 6
const CONTRIBUTORS = 10
/** How many contributors also play each attack. */
const TWINS = 5
const SEED: Hash = `0x${'ca'.repeat(32)}`
const PARTITIONS: [string, Partition][] = [
  ['IID', 'iid'],
  ['Dirichlet 0.5', { dirichlet: 0.5 }],
  ['Dirichlet 0.1', { dirichlet: 0.1 }],
]
const DECOYS = ['zero', 'noise', 'sign flip', 'label flip']
const MOST_DECOYS_PAID = 0.01
const MOST_HONEST_UNPAID = 0.1

type Sample = { partition: string; kind: string; round: number; quality: number }
type Candidate = { kind: string; final: State }

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    steps: { type: 'string', default: String(DIGITS.steps) },
    lr: { type: 'string', default: DIGITS.learningRate },
  },
})
const constants = {
  steps: Number(options.steps),
  learningRate: options.lr,
  commitEvery: Number(options.steps),
}

const samples: Sample[] = []
for (const [name, partition] of PARTITIONS) {
  for (let s = 0; s < Number(options.seeds); s++) {
    samples.push(...(await federation(name, partition, deriveSeed(SEED, 'calibration', BigInt(s)))))
  }
}
printTable()
process.exitCode = isWithinBars() ? 0 : 1

async function federation(name: string, partition: Partition, seed: Hash): Promise<Sample[]> {
  const { task, holdout, engine } = await openDigits(seed, constants)
  const shards = await partitionDigits({ seed, contributors: CONTRIBUTORS, partition })
  const found: Sample[] = []
  let base = task.init
  let reputationsBps = shards.map(() => MIN_REPUTATION_BPS)
  for (let round = 0; round < ROUNDS; round++) {
    const candidates = await roundCandidates(engine, base, shards, seed, round)
    const scores = await scoreQuality({
      engine,
      base,
      holdout,
      round: round + 1,
      rootSeed: deriveSeed(seed, 'calibration root', BigInt(round)),
      candidates: candidates.map(({ kind, final }, i) => ({
        id: kind,
        final,
        personalSeed: deriveSeed(seed, 'calibration personal', BigInt(round), BigInt(i)),
      })),
    })
    found.push(
      ...scores.map(({ id, qualityBps }) => ({
        partition: name,
        kind: id,
        round,
        quality: qualityBps / 10_000,
      })),
    )
    const played = await federatedRound({ task, holdout, engine, base, shards, reputationsBps, seed, round })
    base = played.next
    reputationsBps = played.reputationsBps
  }
  await engine.close()
  return found
}

/** The round's honest updates, and for some contributors what each would send as an attacker. */
async function roundCandidates(
  engine: Engine,
  base: State,
  shards: readonly Dataset[],
  seed: Hash,
  round: number,
): Promise<Candidate[]> {
  const { spec } = engine
  const honest = await honestUpdates({ engine, base, shards, seed, round })
  const flippedShards = shards.slice(0, TWINS).map((shard) => relabelled(shard, (y) => DIGIT_CLASSES - 1 - y))
  const flipped = await honestUpdates({ engine, base, shards: flippedShards, seed, round })
  const rng = seededRng(deriveSeed(seed, 'noise', BigInt(round)), 'calibration noise')
  const updates = honest.map((final) => delta(spec, base, final))
  const moved = (kind: string, vector: Float32Array) => ({ kind, final: stateAt(engine, base, vector) })
  return [
    ...honest.map((final) => ({ kind: 'honest', final })),
    ...flipped.map((final) => ({ kind: 'label flip', final })),
    { kind: 'zero', final: base },
    ...updates.slice(0, TWINS).flatMap((update) => [
      moved(
        'sign flip',
        update.map((value) => -value),
      ),
      moved(
        'noise',
        scaledTo(
          update.map(() => rng.normal()),
          norm(update),
        ),
      ),
    ]),
    ...collusions(updates).map(({ kind, vector }) => moved(kind, vector)),
  ]
}

/** Attacks that know all honest updates: Baruch et al. 2019 (ALIE), Xie et al. 2020 (inner product manipulation). */
function collusions(updates: Float32Array[]): { kind: string; vector: Float32Array }[] {
  const mean = updates[0]!.map(
    (_, k) => updates.reduce((sum, update) => sum + update[k]!, 0) / updates.length,
  )
  const deviation = mean.map((centre, k) =>
    Math.sqrt(updates.reduce((sum, update) => sum + (update[k]! - centre) ** 2, 0) / updates.length),
  )
  return [
    { kind: 'ALIE z = 1.5', vector: mean.map((value, k) => value - 1.5 * deviation[k]!) },
    { kind: 'IPM ε = 0.5', vector: mean.map((value) => -0.5 * value) },
  ]
}

function relabelled(shard: Dataset, relabel: (label: number) => number): Dataset {
  return { ...shard, y: shard.y.map(relabel) }
}

function scaledTo(vector: Float32Array, length: number): Float32Array {
  const scale = length / norm(vector)
  return vector.map((value) => value * scale)
}

function stateAt({ spec }: Engine, base: State, vector: Float32Array): State {
  return new Map(
    [...unflatten(spec, vector)].map(([name, part]) => [
      name,
      part.map((value, i) => base.get(name)![i]! + value),
    ]),
  )
}

function quantile(values: number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))]!
}

function printTable(): void {
  console.log(
    `${options.seeds} seeds, ${ROUNDS} rounds of ${constants.steps} steps at ${constants.learningRate}\n`,
  )
  console.log('| data | update | n | scores 0 | p10 | median | p90 | median by round |')
  console.log('|---|---|---|---|---|---|---|---|')
  const kinds = [...new Set(samples.map(({ kind }) => kind))]
  for (const [partition] of PARTITIONS) {
    for (const kind of kinds) console.log(row(partition, kind))
  }
}

function row(partition: string, kind: string): string {
  const found = samples.filter((sample) => sample.partition === partition && sample.kind === kind)
  const qualities = found.map(({ quality }) => quality)
  const zero = (100 * qualities.filter((quality) => quality === 0).length) / qualities.length
  const byRound = Array.from({ length: ROUNDS }, (_, round) =>
    quantile(
      found.filter((sample) => sample.round === round).map(({ quality }) => quality),
      0.5,
    ).toFixed(2),
  )
  const [p10, p50, p90] = [0.1, 0.5, 0.9].map((share) => quantile(qualities, share).toFixed(2))
  return `| ${partition} | ${kind} | ${found.length} | ${zero.toFixed(1)} % | ${p10} | ${p50} | ${p90} | ${byRound.join(' ')} |`
}

function isWithinBars(): boolean {
  const share = (of: Sample[], holds: (sample: Sample) => boolean) => of.filter(holds).length / of.length
  const decoys = samples.filter(({ kind }) => DECOYS.includes(kind))
  const honest = samples.filter(({ kind, partition }) => kind === 'honest' && partition === 'Dirichlet 0.5')
  const paid = share(decoys, ({ quality }) => quality > 0)
  const unpaid = share(honest, ({ quality }) => quality === 0)
  console.log(`\ndecoys that score: ${(100 * paid).toFixed(2)} %, the limit is ${100 * MOST_DECOYS_PAID} %`)
  console.log(
    `honest Dirichlet 0.5 updates that score nothing: ${(100 * unpaid).toFixed(2)} %, the limit is ${100 * MOST_HONEST_UNPAID} %`,
  )
  return paid <= MOST_DECOYS_PAID && unpaid <= MOST_HONEST_UNPAID
}
