/**
 * How well do stage S4 and the look at targets tell honest updates from false ones, from the first round to the last? Real
 * digits, without a chain.
 *
 *     node lab/experiments/calibrate-quality.ts [--rounds 40] [--contributors 20] [--steps 60] [--lr 0.1] [--hidden 128] [--seeds 2]
 *
 * Prints the tables of docs/decisions/0055-where-nothing-can-be-told.md. Ends with exit code 1 when more than 1 % of honest updates, or
 * of those of rare classes' holders, are found false in one of the partitions, or a decoy scores in the first round.
 */
import { parseArgs } from 'node:util'
import {
  measureQuality,
  qualityBps,
  type ReferenceUpdate,
  referenceUpdate,
} from '@assay/engine/judge/quality.ts'
import { strangeTargets } from '@assay/engine/judge/strange-targets.ts'
import type { State } from '@assay/engine/package/state.ts'
import { sampleLosses } from '@assay/engine/run/evaluate.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { MIN_REPUTATION_BPS } from '@assay/sdk/protocol/reputation.ts'
import type { Partition } from '../deal.ts'
import { partitionDigits } from '../digits.ts'
import { type DigitsEngine, federatedRound, openDigits } from './federation.ts'
import { type Candidate, roundCandidates } from './quality-candidates.ts'

const SEED: Hash = `0x${'ca'.repeat(32)}`
const PARTITIONS: [string, Partition][] = [
  ['IID', 'iid'],
  ['Dirichlet 0.5', { dirichlet: 0.5 }],
  ['Dirichlet 0.1', { dirichlet: 0.1 }],
]
/** Their training is of their own, so that no replay finds them. */
const TRAINED = ['label flip', 'backdoor']
const DECOYS = ['zero', 'noise', 'sign flip', 'label flip', 'IPM ε = 0.5']
const MOST_FALSE = 0.01
const BLOCK = 5

type Sample = Pick<Candidate, 'kind'> & {
  isRare: boolean
  partition: string
  round: number
  rho: number
  quality: number | undefined
  isStrange: boolean
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    contributors: { type: 'string', default: '20' },
    steps: { type: 'string', default: '60' },
    lr: { type: 'string', default: '0.1' },
    hidden: { type: 'string', default: '128' },
    seeds: { type: 'string', default: '2' },
  },
})
const rounds = Number(values.rounds)
const constants = {
  steps: Number(values.steps),
  learningRate: values.lr,
  commitEvery: Number(values.steps),
  hidden: values.hidden.split(',').map(Number),
}

const samples: Sample[] = []
for (const [name, partition] of PARTITIONS)
  for (let s = 0; s < Number(values.seeds); s++)
    samples.push(...(await federation(name, partition, deriveSeed(SEED, 'calibration', BigInt(s)))))
printTables()
process.exitCode = isWithinBars() ? 0 : 1

async function federation(name: string, partition: Partition, seed: Hash): Promise<Sample[]> {
  const digits = await openDigits(seed, constants)
  const { task, engine } = digits
  const shards = await partitionDigits({ seed, contributors: Number(values.contributors), partition })
  const found: Sample[] = []
  let base = task.init
  let reputationsBps = shards.map(() => MIN_REPUTATION_BPS)
  for (let round = 0; round < rounds; round++) {
    const candidates = await roundCandidates({ engine, base, shards, seed, round })
    for (const sample of await judged(digits, base, candidates, { seed, round }))
      found.push({ ...sample, partition: name, round })
    const played = await federatedRound({ ...digits, base, shards, reputationsBps, seed, round })
    base = played.next
    reputationsBps = played.reputationsBps
  }
  await engine.close()
  return found
}

async function judged(
  { engine, holdout }: DigitsEngine,
  base: State,
  candidates: readonly Candidate[],
  { seed, round }: { seed: Hash; round: number },
): Promise<Omit<Sample, 'partition' | 'round'>[]> {
  const ground = { engine, base, holdout }
  const rootSeed = deriveSeed(seed, 'calibration root', BigInt(round))
  const reference = await referenceUpdate({ ...ground, round: round + 1, seed: rootSeed })
  const found = []
  for (const [i, { kind, final, isRare, shown }] of candidates.entries()) {
    const personalSeed = deriveSeed(seed, 'calibration personal', BigInt(round), BigInt(i))
    const measure = await measureQuality({
      ...ground,
      reference,
      candidate: { id: kind, final, personalSeed },
    })
    const isStrange = shown !== undefined && (await areStrange({ ...ground, reference }, shown))
    found.push({ kind, isRare: isRare ?? false, rho: measure.rho, quality: qualityBps(measure), isStrange })
  }
  return found
}

async function areStrange(
  {
    engine,
    base,
    holdout,
    reference,
  }: Omit<DigitsEngine, 'task'> & { base: State; reference: ReferenceUpdate },
  shown: NonNullable<Candidate['shown']>,
): Promise<boolean> {
  const indices = Array.from({ length: shown.n }, (_, i) => i)
  const losses = await sampleLosses({ engine, state: base, data: shown, indices })
  const pool = { samples: holdout, losses: reference.baseLosses }
  return strangeTargets(engine.spec, pool, { samples: shown, losses }).isStrange
}

function printTables(): void {
  const { contributors, steps, lr, hidden, seeds } = values
  console.log(
    `${seeds} seeds, ${rounds} rounds of ${steps} steps at ${lr}, ${contributors} contributors, ${hidden} hidden\n`,
  )
  console.log(
    `| data | update | n | found false | by targets | no decision | p10 | median | p90 | median by ${BLOCK} rounds |`,
  )
  console.log('|---|---|---|---|---|---|---|---|---|---|')
  for (const [partition] of PARTITIONS) {
    const all = samples.filter((sample) => sample.partition === partition)
    for (const kind of new Set(all.map(({ kind }) => kind))) {
      const of = all.filter((sample) => sample.kind === kind)
      console.log(row(partition, kind, of))
      const rare = of.filter(({ isRare }) => isRare)
      if (rare.length > 0) console.log(row(partition, `${kind}, of a rare class`, rare))
    }
  }
}

function isFalse({ quality, isStrange }: Sample): boolean {
  return isStrange || quality === 0
}

function row(partition: string, kind: string, found: readonly Sample[]): string {
  const qualities = found.flatMap(({ quality }) => (quality === undefined ? [] : [quality / 10_000]))
  const undecided = found.filter((sample) => sample.quality === undefined && !sample.isStrange)
  const [p10, p50, p90] = [0.1, 0.5, 0.9].map((share) => quantile(qualities, share))
  const blocks = Array.from({ length: Math.ceil(rounds / BLOCK) }, (_, block) =>
    quantile(
      found.flatMap(({ round, quality }) =>
        Math.floor(round / BLOCK) === block && quality !== undefined ? [quality / 10_000] : [],
      ),
      0.5,
    ),
  )
  const shares = [found.filter(isFalse), found.filter(({ isStrange }) => isStrange), undecided].map(
    (some) => `${((100 * some.length) / found.length).toFixed(2)} %`,
  )
  return `| ${partition} | ${kind} | ${found.length} | ${shares.join(' | ')} | ${p10} | ${p50} | ${p90} | ${blocks.join(' ')} |`
}

function quantile(numbers: readonly number[], share: number): string {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(2) ?? '–'
}

function isWithinBars(): boolean {
  const shareOf = (found: readonly Sample[]) => found.filter(isFalse).length / Math.max(1, found.length)
  const honest = PARTITIONS.flatMap(([partition]) => {
    const all = samples.filter((sample) => sample.kind === 'honest' && sample.partition === partition)
    return [shareOf(all), shareOf(all.filter(({ isRare }) => isRare))]
  })
  const paid = samples.filter(
    ({ kind, round, quality }) => round === 0 && DECOYS.includes(kind) && quality !== 0,
  )
  const late = samples.filter(({ kind, round }) => TRAINED.includes(kind) && round > 2)
  console.log(
    `\nhonest updates found false: at most ${(100 * Math.max(...honest)).toFixed(2)} %, the limit is 1 %`,
  )
  console.log(`decoys of the first round that score: ${paid.length}`)
  console.log(
    `false targets found after three rounds: ${(100 * shareOf(late)).toFixed(1)} % of ${late.length}`,
  )
  return Math.max(...honest) <= MOST_FALSE && paid.length === 0
}
