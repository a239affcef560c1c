/**
 * Stage S4: how much an update helps, judged by what a validator learns itself from a part of the held-out pool.
 *
 *     u = final − base
 *     r₁, r₂ = the validator's own updates from the base, half of `rootSteps` each, each on its own half of the samples
 *     r = r₁ + r₂,   ρ = cos(r₁, r₂)
 *     agreement = cos(u, r) / expected,   expected = ρ / √((1 + ρ) / 2)
 *
 *     no decision      where ρ < LEAST_ρ
 *     quality 0        where agreement ≤ LEAST_AGREEMENT − DOUBT · max(0, CLEAR_ρ − ρ)
 *     no decision      where agreement < LEAST_AGREEMENT
 *     quality          min(1, TYPICAL · agreement / (SPREAD + (1 − SPREAD) · ρ))
 *
 * Why: if rᵢ = s + noise, with noise that is another one in each half, then ρ = ‖s‖² / ‖rᵢ‖², and an update with as much
 * signal has the cosine ρ / √((1 + ρ) / 2) to r. The halves share no sample: halves of one set agree on what only that set
 * has, and say "signal" until the end. As training converges ρ falls, whoever trains. Then no update can be told from
 * another one by what it does to the pool, and an honest one may point away from r by chance: below LEAST_ρ nothing is
 * decided, and below CLEAR_ρ nothing is called harmful but what points away further than honest ones do.
 *
 * The agreement of honest updates with data of their own falls with ρ, too; the last line takes that out, so that a
 * contributor is paid for what it brings and not for the age of the training.
 */
import { deriveSeed, drawIndices } from '@assay/sdk/protocol/random.ts'
import { permutation } from '@assay/sdk/protocol/sampling.ts'
import type { Hash } from '../hash.ts'
import { type Dataset, strataOf, subset } from '../package/data.ts'
import { strataCount } from '../package/sample-spec.ts'
import type { State } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { sampleLosses } from '../run/evaluate.ts'
import type { Engine } from '../run/runner.ts'
import { makeStepBatch, referenceRate } from '../run/step-batch.ts'
import { batchIndices } from '../run/train.ts'
import { delta, unflatten } from '../run/update.ts'
import { cosine, meanAndError, norm } from '../vector.ts'

export type QualityConstants = {
  /** Cosine of the reference's halves below which nobody can be judged. */
  leastRho: number
  /** Cosine of the halves from which every update without agreement scores nothing. */
  clearRho: number
  /** Agreement below which an update scores nothing where that is clear; random directions stay under 0.03. */
  leastAgreement: number
  /** How much further an update must point away, for each unit that ρ falls below `clearRho`. */
  doubt: number
  /** Score of an update with as much agreement as those of skewed data usually have. */
  typical: number
  /** Share of that usual agreement that doesn't fall with ρ. */
  spread: number
  /** Longest update, in lengths of the reference update, before it is shortened for the gains by stratum. */
  clip: number
  /** Share of the shortened update that is tried for them. */
  step: number
  /** Standard errors that a stratum's gain must exceed, and its fewest samples. */
  stratumSignificance: number
  stratumFewest: number
}

/** Calibrated on handwritten digits: lab/experiments/calibrate-quality.ts, docs/decisions/0055-where-nothing-can-be-told.md. */
export const QUALITY: QualityConstants = {
  leastRho: 0.2,
  clearRho: 0.6,
  leastAgreement: 0.05,
  doubt: 2,
  typical: 0.7,
  spread: 0.2,
  clip: 1.5,
  step: 0.05,
  stratumSignificance: 2,
  stratumFewest: 8,
}

export type QualityCandidate = {
  id: string
  /** The opened update. */
  final: State
  /** From `personalSeed` in sdk/protocol/sampling.ts: differs for each validator and contributor. */
  personalSeed: Hash
}

/** What was measured of one update, before it becomes a score. */
export type QualityMeasure = {
  id: string
  /** Cosine of the reference's halves. */
  rho: number
  /** Cosine to the reference update, as a share of the expected one; 0 of an update that changes nothing. */
  agreement: number
  /** Whether the update changes nothing. */
  isZero: boolean
  /** Mean loss gain by stratum; 0 where it isn't significant. */
  strataGains: number[]
}

export type QualityScore = QualityMeasure & {
  /** 0 … 10,000; undefined where nothing can be decided. */
  qualityBps: number | undefined
}

const BPS = 10_000

/** What a validator compares updates with. */
export type ReferenceUpdate = {
  /** r₁ + r₂, flat. */
  vector: Float32Array
  /** Cosine of r₁ and r₂. */
  rho: number
  /** Of the base model, of each sample of the round. */
  baseLosses: Float32Array
}

type Ground = { engine: Engine; base: State; holdout: Dataset; constants?: QualityConstants }

/**
 * The validator's own reference update: two runs of half of `rootSteps` each, from the base, on the two halves of the round's samples
 * that the seed deals. All steps take the round's reference rate: what is judged by it is a direction, and lengths in its units.
 *
 * @param options.round from 1
 */
export async function referenceUpdate(
  options: Ground & { round: number; seed: Hash },
): Promise<ReferenceUpdate> {
  const { engine, base, holdout, round, seed } = options
  const { rootSteps, batchSize } = engine.spec
  const rate = referenceRate(engine.spec, round)
  const firstSteps = Math.ceil(rootSteps / 2)
  const run = async (samples: Dataset, from: number, to: number) => {
    const batches = Array.from({ length: to - from }, (_, i) => {
      const step = from + i
      const indices = batchIndices(seed, step, batchSize, samples.n)
      return makeStepBatch(engine.spec, samples, indices, { rate, seed, step })
    })
    return delta(engine.spec, base, (await engine.steps(base, batches)).state)
  }
  const [one, other] = halvesOf(holdout, deriveSeed(seed, 'halves'))
  const first = await run(one, 0, firstSteps)
  const second = await run(other, firstSteps, rootSteps)
  return {
    vector: first.map((value, i) => value + second[i]!),
    rho: cosine(first, second),
    baseLosses: await sampleLosses({ engine, state: base, data: holdout, indices: indicesOf(holdout) }),
  }
}

/** Two halves without a common sample; of an odd number the first has one more, of a single sample both have it. */
function halvesOf(samples: Dataset, key: Hash): [Dataset, Dataset] {
  if (samples.n < 2) return [samples, samples]
  const at = permutation(samples.n, key)
  const order = indicesOf(samples).map(at)
  const middle = Math.ceil(samples.n / 2)
  return [subset(samples, order.slice(0, middle)), subset(samples, order.slice(middle))]
}

function indicesOf({ n }: Dataset): number[] {
  return Array.from({ length: n }, (_, i) => i)
}

/**
 * Scores updates of one base model. Each score depends on its own candidate and seeds alone, not on the others.
 *
 * @throws EngineRefusal `limit` when the engine ran out of its time or memory.
 */
export async function scoreQuality(
  options: Ground & { round: number; rootSeed: Hash; candidates: readonly QualityCandidate[] },
): Promise<QualityScore[]> {
  const { rootSeed, candidates, constants, ...ground } = options
  const reference = await referenceUpdate({ ...ground, seed: rootSeed })
  const scores: QualityScore[] = []
  for (const candidate of candidates) {
    const measure = await measureQuality({ ...options, reference, candidate })
    scores.push({ ...measure, qualityBps: qualityBps(measure, constants) })
  }
  return scores
}

/** The measurements behind one score. Of the personal sample, what was drawn twice counts twice, and is evaluated once. */
export async function measureQuality(
  options: Ground & { reference: ReferenceUpdate; candidate: QualityCandidate },
): Promise<QualityMeasure> {
  const { engine, base, holdout, reference, candidate, constants = QUALITY } = options
  const { spec } = engine
  const { rho, vector, baseLosses } = reference
  const indices = drawIndices(candidate.personalSeed, spec.personalSamples, holdout.n)
  const update = delta(spec, base, candidate.final)
  const state = steppedState(engine, base, update, constants.clip * norm(vector), constants.step)
  const different = [...new Set(indices)].sort((a, b) => a - b)
  const after = await sampleLosses({ engine, state, data: holdout, indices: different })
  const gainsAt = new Map(different.map((index, i) => [index, baseLosses[index]! - after[i]!]))
  const gains = Float64Array.from(indices, (index) => gainsAt.get(index)!)
  return {
    id: candidate.id,
    rho,
    agreement: cosine(update, vector) / expectedAgreement(rho),
    isZero: norm(update) === 0,
    strataGains: gainsByStratum(spec, gains, { indices, holdout }, constants),
  }
}

/** The cosine to r₁ + r₂ of an update with as much signal as r₁ and r₂ have. */
function expectedAgreement(rho: number): number {
  return rho / Math.sqrt((1 + rho) / 2)
}

/** The score of a measurement, 0 … 10,000, rounded down; undefined where nothing can be decided. */
export function qualityBps(
  { rho, agreement, isZero }: QualityMeasure,
  constants: QualityConstants = QUALITY,
): number | undefined {
  const { leastRho, clearRho, leastAgreement, doubt, typical, spread } = constants
  if (isZero) return 0
  // Written so that NaN decides nothing.
  if (!(rho >= leastRho)) return undefined
  if (agreement <= leastAgreement - doubt * Math.max(0, clearRho - rho)) return 0
  if (!(agreement >= leastAgreement)) return undefined
  return Math.floor(BPS * Math.min(1, (typical * agreement) / (spread + (1 - spread) * rho)))
}

/** base + step · vector, the vector shortened to `limit`; rounded to float32. */
function steppedState(engine: Engine, base: State, vector: Float32Array, limit: number, step: number): State {
  const length = norm(vector)
  const scale = step * (length > limit ? limit / length : 1)
  const state = unflatten(engine.spec, vector)
  for (const [name, part] of state) {
    const before = base.get(name)!
    for (let i = 0; i < part.length; i++) part[i] = before[i]! + scale * part[i]!
  }
  return state
}

function gainsByStratum(
  spec: TaskSpec,
  gains: Float64Array,
  { indices, holdout }: { indices: readonly number[]; holdout: Dataset },
  { stratumSignificance, stratumFewest }: QualityConstants,
): number[] {
  const groups = Array.from({ length: strataCount(spec) }, (): number[] => [])
  const strata = strataOf(spec, holdout)
  indices.forEach((index, i) => {
    groups[strata[index]!]!.push(gains[i]!)
  })
  return groups.map((group) => {
    if (group.length < stratumFewest) return 0
    const { mean, error } = meanAndError(group)
    return mean > stratumSignificance * error ? mean : 0
  })
}
