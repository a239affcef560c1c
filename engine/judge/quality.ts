/**
 * Stage S4: how much an update helps, measured on a sample of the held-out pool that nobody else draws.
 *
 *     u = final − base
 *     r₁, r₂ = the validator's own updates from the base, half of `rootSteps` each, on the held-out pool;  r = r₁ + r₂
 *     v̂ = v · min(1, CLIP ‖r‖ / ‖v‖)                                          long updates are shortened
 *     gain(v) = mean over the sample of loss(base) − loss(base + STEP · v̂)     each sample against itself
 *     error(v) = standard error of that mean
 *     agreement = cos(u, r) / expected,   expected = ρ / √((1 + ρ) / 2),   ρ = max(LEAST_ρ, cos(r₁, r₂))
 *
 *     quality = min(1, GAIN_WEIGHT · clamp(gain(u) / gain(r)) + AGREEMENT_WEIGHT · clamp(agreement)) · harmlessness
 *     harmlessness = clamp(1 + gain(u) / (HARM_ERRORS · error(u)))             1 for every gain above zero
 *             = 0 where agreement < LEAST_AGREEMENT                            clamp is to 0 … 1
 *
 * Why: the gain alone is a poor gate. Once the model is good, an honest update from skewed data often doesn't lower the
 * held-out loss, or even raises it. A random direction is "significant" as often as not, because its tiny effect is alike on
 * most samples. Agreement with r tells the two apart, but shrinks for everyone as training converges; `expected` is the
 * agreement of an update with as much signal as r₁ and r₂ have. If rᵢ = s + noise, then ρ = ‖s‖² / ‖rᵢ‖² and
 * cos(s + noise, r₁ + r₂) = ρ / √((1 + ρ) / 2). A significant loss reduces the score, down to nothing.
 */
import { drawIndices } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../hash.ts'
import { type Dataset, strataOf } from '../package/data.ts'
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
  /** Longest update, in lengths of the reference update, before it is shortened. */
  clip: number
  /** Share of the shortened update that is tried. */
  step: number
  gainWeight: number
  agreementWeight: number
  /** Agreement below which an update scores nothing; random directions stay under 0.03. */
  leastAgreement: number
  /** How many standard errors of loss reduce the score to nothing. */
  harmErrors: number
  /** Lower bound of ρ: halves of the reference that agree less can't judge anybody's agreement. */
  leastRho: number
  /** Standard errors that a stratum's gain must exceed, and its fewest samples. */
  stratumSignificance: number
  stratumFewest: number
}

/** Calibrated on handwritten digits: lab/experiments/calibrate-quality.ts, docs/decisions/0004-quality-score.md. */
export const QUALITY: QualityConstants = {
  clip: 1.5,
  step: 0.05,
  gainWeight: 0.6,
  agreementWeight: 1,
  leastAgreement: 0.05,
  harmErrors: 4,
  leastRho: 0.1,
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
  /** Mean loss gain on the personal sample, and its standard error. */
  gain: number
  gainError: number
  /** The reference update's gain on the same sample. */
  referenceGain: number
  /** Cosine to the reference update, as a share of the expected one. */
  agreement: number
  /** Mean loss gain by stratum; 0 where it isn't significant. */
  strataGains: number[]
}

export type QualityScore = QualityMeasure & {
  /** 0 … 10,000. */
  qualityBps: number
}

const BPS = 10_000

/** What a validator compares updates with. */
export type ReferenceUpdate = {
  /** r₁ + r₂, flat. */
  vector: Float32Array
  /** Cosine to it that an update with as much signal as its halves would have. */
  expectedAgreement: number
}

/**
 * The validator's own reference update: two runs of half of `rootSteps` each, from the base on the held-out pool. All of them take the
 * round's reference rate: what is judged by it is a direction, and lengths in its units.
 *
 * @param options.round from 1
 */
export async function referenceUpdate(options: {
  engine: Engine
  base: State
  holdout: Dataset
  round: number
  seed: Hash
  constants?: QualityConstants
}): Promise<ReferenceUpdate> {
  const { engine, base, holdout, round, seed, constants = QUALITY } = options
  const { rootSteps, batchSize } = engine.spec
  const rate = referenceRate(engine.spec, round)
  const firstSteps = Math.ceil(rootSteps / 2)
  const run = async (from: number, to: number) => {
    const batches = Array.from({ length: to - from }, (_, i) => {
      const step = from + i
      const indices = batchIndices(seed, step, batchSize, holdout.n)
      return makeStepBatch(engine.spec, holdout, indices, { rate, seed, step })
    })
    return delta(engine.spec, base, (await engine.steps(base, batches)).state)
  }
  const first = await run(0, firstSteps)
  const second = await run(firstSteps, rootSteps)
  const rho = Math.max(constants.leastRho, cosine(first, second))
  return {
    vector: first.map((value, i) => value + second[i]!),
    expectedAgreement: rho / Math.sqrt((1 + rho) / 2),
  }
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
  round: number
  rootSeed: Hash
  candidates: readonly QualityCandidate[]
  constants?: QualityConstants
}): Promise<QualityScore[]> {
  const { engine, base, holdout, round, rootSeed, candidates, constants = QUALITY } = options
  const reference = await referenceUpdate({ engine, base, holdout, round, seed: rootSeed, constants })
  const scores: QualityScore[] = []
  for (const candidate of candidates) {
    const measure = await measureQuality({ engine, base, holdout, reference, candidate, constants })
    scores.push({ ...measure, qualityBps: qualityBps(measure, constants) })
  }
  return scores
}

/** The measurements behind one score. */
export async function measureQuality(options: {
  engine: Engine
  base: State
  holdout: Dataset
  reference: ReferenceUpdate
  candidate: QualityCandidate
  constants?: QualityConstants
}): Promise<QualityMeasure> {
  const { engine, base, holdout, reference, candidate, constants = QUALITY } = options
  const { spec } = engine
  const indices = drawIndices(candidate.personalSeed, spec.personalSamples, holdout.n)
  const update = delta(spec, base, candidate.final)
  const limit = constants.clip * norm(reference.vector)
  const losses = (state: State) => sampleLosses({ engine, state, data: holdout, indices })
  const tried = (vector: Float32Array) => losses(steppedState(engine, base, vector, limit, constants.step))

  const before = await losses(base)
  const gains = differences(before, await tried(update))
  const { mean, error } = meanAndError(gains)
  return {
    id: candidate.id,
    gain: mean,
    gainError: error,
    referenceGain: meanAndError(differences(before, await tried(reference.vector))).mean,
    agreement: cosine(update, reference.vector) / reference.expectedAgreement,
    strataGains: gainsByStratum(spec, gains, { indices, holdout }, constants),
  }
}

/** The score of a measurement, 0 … 10,000, rounded down. */
export function qualityBps(measure: QualityMeasure, constants: QualityConstants = QUALITY): number {
  const { gain, gainError, referenceGain, agreement } = measure
  // Written so that NaN scores nothing.
  if (!(agreement >= constants.leastAgreement)) return 0
  if (!(gain > -constants.harmErrors * gainError)) return 0
  const ratio = referenceGain > 0 ? gain / referenceGain : Math.sign(gain)
  const harmlessness = gain >= 0 ? 1 : clamp(1 + gain / (constants.harmErrors * gainError))
  const help = constants.gainWeight * clamp(ratio) + constants.agreementWeight * clamp(agreement)
  return Math.floor(BPS * Math.min(1, help) * harmlessness)
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
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
