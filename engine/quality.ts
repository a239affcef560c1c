/**
 * Stage S4: how much an update helps, measured on a sample of the held-out pool that nobody else draws.
 *
 *     u = final − base,  r = the validator's own update on the held-out pool      v̂ = v · min(1, CLIP ‖r‖ / ‖v‖)
 *     gain(v) = mean over the sample of loss(base) − loss(base + STEP · v̂)        paired: each sample against itself
 *     error(v) = standard error of that mean
 *     agreement = max(0, cos(u, r))
 *
 *     quality = min(1, GAIN_WEIGHT · min(1, gain(u) / gain(r)) + AGREEMENT_WEIGHT · agreement)
 *             = 0 unless gain(u) > SIGNIFICANCE · error(u) and gain(u) ≥ LEAST_RATIO · gain(r)
 *
 * A small step, because a whole update from skewed data overshoots on the classes it lacks. The two conditions are both
 * needed: a random direction is often significant (its effect is the same on most samples), never comparable to r's.
 */
import { drawIndices } from '@assay/sdk/random.ts'
import { type Dataset, makeBatch } from './data.ts'
import { sampleLosses } from './evaluate.ts'
import type { Hash } from './hash.ts'
import type { Engine } from './runner.ts'
import type { State } from './state.ts'
import { batchIndices } from './train.ts'
import { delta, unflatten } from './update.ts'
import { cosine, norm } from './vector.ts'

export type QualityConstants = {
  /** Longest update, in lengths of the reference update, before it is shortened. */
  clip: number
  /** Share of the shortened update that is tried. */
  step: number
  gainWeight: number
  agreementWeight: number
  /** Standard errors that a gain must exceed. */
  significance: number
  /** Least gain, as a share of the reference's. */
  leastRatio: number
  /** Standard errors that a stratum's gain must exceed, and its fewest samples. */
  stratumSignificance: number
  stratumFewest: number
}

/** Calibrated on handwritten digits: simulation/calibrate-quality.ts, docs/decisions/0004-quality-score.md. */
export const QUALITY: QualityConstants = {
  clip: 3,
  step: 0.25,
  gainWeight: 0.7,
  agreementWeight: 0.5,
  significance: 3,
  leastRatio: 0.05,
  stratumSignificance: 2,
  stratumFewest: 8,
}

export type QualityCandidate = {
  id: string
  /** The opened update. */
  final: State
  /** See seeds.ts: personal to validator and contributor. */
  personalSeed: Hash
}

/** What was measured of one update, before it becomes a score. */
export type QualityMeasure = {
  id: string
  /** Mean loss gain on the personal sample, and its standard error. */
  gain: number
  gainError: number
  /** The reference update's gain on the same sample. */
  referenceGain: number
  /** max(0, cosine to the reference update). */
  agreement: number
  /** Mean loss gain by stratum; 0 where it isn't significant. */
  strataGains: number[]
}

export type QualityScore = QualityMeasure & {
  /** 0 … 10,000. */
  qualityBps: number
}

const BPS = 10_000

/** The validator's own reference update: `rootSteps` steps from the base on the held-out pool, in the seed's order. */
export async function rootUpdate(options: {
  engine: Engine
  base: State
  holdout: Dataset
  seed: Hash
}): Promise<State> {
  const { engine, base, holdout, seed } = options
  const { rootSteps, batchSize } = engine.spec
  const batches = Array.from({ length: rootSteps }, (_, step) =>
    makeBatch(engine.spec, holdout, batchIndices(seed, step, batchSize, holdout.n)),
  )
  return (await engine.steps(base, batches)).state
}

/**
 * Scores updates of one base model. Each score depends on its own candidate and seeds alone, not on the others.
 *
 * @throws EngineRefusal `limit` when the engine ran out of its time or memory.
 */
export async function scoreQuality(options: {
  engine: Engine
  base: State
  holdout: Dataset
  rootSeed: Hash
  candidates: readonly QualityCandidate[]
  constants?: QualityConstants
}): Promise<QualityScore[]> {
  const { engine, base, holdout, rootSeed, candidates, constants = QUALITY } = options
  const root = await rootUpdate({ engine, base, holdout, seed: rootSeed })
  const reference = delta(engine.spec, base, root)
  const scores: QualityScore[] = []
  for (const candidate of candidates) {
    const measure = await measureQuality({ engine, base, holdout, reference, candidate, constants })
    scores.push({ ...measure, qualityBps: qualityBps(measure, constants) })
  }
  return scores
}

/** The measurements behind one score; `reference` is the reference update's flat delta. */
export async function measureQuality(options: {
  engine: Engine
  base: State
  holdout: Dataset
  reference: Float32Array
  candidate: QualityCandidate
  constants: QualityConstants
}): Promise<QualityMeasure> {
  const { engine, base, holdout, reference, candidate, constants } = options
  const { spec } = engine
  const indices = drawIndices(candidate.personalSeed, spec.personalSamples, holdout.n)
  const update = delta(spec, base, candidate.final)
  const limit = constants.clip * norm(reference)
  const losses = (state: State) => sampleLosses({ engine, state, data: holdout, indices })
  const tried = (vector: Float32Array) => losses(steppedState(engine, base, vector, limit, constants.step))

  const before = await losses(base)
  const gains = differences(before, await tried(update))
  const { mean, error } = meanAndError(gains)
  return {
    id: candidate.id,
    gain: mean,
    gainError: error,
    referenceGain: meanAndError(differences(before, await tried(reference))).mean,
    agreement: Math.max(0, cosine(update, reference)),
    strataGains: gainsByStratum(gains, indices, holdout, spec.strata, constants),
  }
}

/** The score of a measurement, 0 … 10,000, rounded down. */
export function qualityBps(measure: QualityMeasure, constants: QualityConstants = QUALITY): number {
  const { gain, gainError, referenceGain, agreement } = measure
  const { significance, leastRatio, gainWeight, agreementWeight } = constants
  // Written so that a gain that is not a number fails both.
  if (!(gain > significance * gainError && gain > 0)) return 0
  if (!(gain >= leastRatio * referenceGain)) return 0
  const ratio = referenceGain > 0 ? Math.min(1, gain / referenceGain) : 1
  return Math.floor(BPS * Math.min(1, gainWeight * ratio + agreementWeight * agreement))
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

function differences(before: Float32Array, after: Float32Array): Float64Array {
  return Float64Array.from(before, (loss, i) => loss - after[i]!)
}

/** Mean and its standard error, √(Σ (x − mean)² / (n (n − 1))). */
function meanAndError(values: ArrayLike<number>): { mean: number; error: number } {
  const { length } = values
  let sum = 0
  for (let i = 0; i < length; i++) sum += values[i]!
  const mean = sum / length
  let squares = 0
  for (let i = 0; i < length; i++) squares += (values[i]! - mean) * (values[i]! - mean)
  return { mean, error: length < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(squares / (length * (length - 1))) }
}

function gainsByStratum(
  gains: Float64Array,
  indices: readonly number[],
  holdout: Dataset,
  strata: number,
  { stratumSignificance, stratumFewest }: QualityConstants,
): number[] {
  const groups = Array.from({ length: strata }, (): number[] => [])
  indices.forEach((index, i) => {
    groups[holdout.y[index]!]!.push(gains[i]!)
  })
  return groups.map((group) => {
    if (group.length < stratumFewest) return 0
    const { mean, error } = meanAndError(group)
    return mean > stratumSignificance * error ? mean : 0
  })
}
