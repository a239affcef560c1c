/** What honest contributors and attackers would send in a round of digits, to see what stage S4 and the look at targets make of it. */
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import { featuresOf, withFeatures } from '@assay/engine/package/features.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { delta, unflatten } from '@assay/engine/run/update.ts'
import { norm } from '@assay/engine/vector.ts'
import { deriveSeed, drawIndices, type Hash } from '@assay/sdk/protocol/random.ts'
import { DIGIT_CLASSES, SIDE } from '../digits.ts'
import { seededRng } from '../rng.ts'
import { honestUpdates } from './federation.ts'

export type Candidate = {
  kind: string
  final: State
  /** Samples that a seat sees of its training; none of what wasn't trained. */
  shown?: Dataset
  /** Whether it is honest, and holds a third or more of some class. */
  isRare?: boolean
}

type Round = { engine: Engine; base: State; shards: readonly Dataset[]; seed: Hash; round: number }

/** How many contributors also play each attack. */
const TWINS = 5
/** Samples of a window or two. */
const SHOWN = 96
/** One in so many samples of a backdoor's data has the trigger, a bright square in a corner, and the label 0. */
const POISONED = 3
const TRIGGER = { from: 23, to: 27 }

/** The round's honest updates, and for some contributors what each would send as an attacker. */
export async function roundCandidates(round: Round): Promise<Candidate[]> {
  const { engine, base, shards } = round
  const trained = await trainedOn(round, 'honest', shards)
  const rare = rareHolders(shards)
  const updates = trained.map(({ final }) => delta(engine.spec, base, final))
  const twins = shards.slice(0, TWINS)
  return [
    ...trained.map((one, i) => ({ ...one, isRare: rare.has(i) })),
    ...(await trainedOn(round, 'label flip', twins.map(withFlippedLabels))),
    ...(await trainedOn(round, 'backdoor', twins.map(withTrigger))),
    { kind: 'zero', final: base },
    ...inventions(round, updates).map(({ kind, vector }) => ({ kind, final: stateAt(engine, base, vector) })),
  ]
}

async function trainedOn(round: Round, kind: string, shards: readonly Dataset[]): Promise<Candidate[]> {
  const finals = await honestUpdates({ ...round, shards })
  return finals.map((final, i) => {
    const seed = deriveSeed(round.seed, `shown ${kind}`, BigInt(round.round), BigInt(i))
    return { kind, final, shown: subset(shards[i]!, drawIndices(seed, SHOWN, shards[i]!.n)) }
  })
}

/** Contributors with a third or more of all samples of some class. */
function rareHolders(shards: readonly Dataset[]): Set<number> {
  const counts = shards.map(({ y }) => {
    const count = new Array<number>(DIGIT_CLASSES).fill(0)
    for (const label of y) count[label]! += 1
    return count
  })
  const totals = counts[0]!.map((_, label) => counts.reduce((sum, count) => sum + count[label]!, 0))
  const holds = (count: number[]) => count.some((number, label) => 3 * number >= totals[label]!)
  return new Set([...counts.keys()].filter((i) => holds(counts[i]!)))
}

function withFlippedLabels(shard: Dataset): Dataset {
  return { ...shard, y: shard.y.map((label) => DIGIT_CLASSES - 1 - label) }
}

/** A part of the samples with a bright square, and the label 0. */
function withTrigger(shard: Dataset): Dataset {
  const features = Float32Array.from(featuresOf(shard))
  for (let i = 0; i < shard.n; i += POISONED)
    for (let row = TRIGGER.from; row < TRIGGER.to; row++)
      features.fill(1, (i * SIDE + row) * SIDE + TRIGGER.from, (i * SIDE + row) * SIDE + TRIGGER.to)
  return { ...withFeatures(shard, features), y: shard.y.map((label, i) => (i % POISONED === 0 ? 0 : label)) }
}

/**
 * Updates that nobody trained: of single contributors, and of some that know all honest updates (Baruch et al. 2019: ALIE; Xie
 * et al. 2020: inner product manipulation).
 */
function inventions(
  { seed, round }: Round,
  updates: readonly Float32Array[],
): { kind: string; vector: Float32Array }[] {
  const rng = seededRng(deriveSeed(seed, 'noise', BigInt(round)), 'calibration noise')
  const own = updates.slice(0, TWINS).flatMap((update) => {
    const noise = update.map(() => rng.normal())
    const scale = norm(update) / norm(noise)
    return [
      { kind: 'sign flip', vector: update.map((value) => -value) },
      { kind: 'noise', vector: noise.map((value) => value * scale) },
    ]
  })
  const mean = updates[0]!.map(
    (_, k) => updates.reduce((sum, update) => sum + update[k]!, 0) / updates.length,
  )
  const deviation = mean.map((centre, k) =>
    Math.sqrt(updates.reduce((sum, update) => sum + (update[k]! - centre) ** 2, 0) / updates.length),
  )
  return [
    ...own,
    { kind: 'ALIE z = 1.5', vector: mean.map((value, k) => value - 1.5 * deviation[k]!) },
    { kind: 'IPM ε = 0.5', vector: mean.map((value) => -0.5 * value) },
  ]
}

function stateAt({ spec }: Engine, base: State, vector: Float32Array): State {
  return new Map(
    [...unflatten(spec, vector)].map(([name, part]) => [
      name,
      part.map((value, i) => base.get(name)![i]! + value),
    ]),
  )
}
