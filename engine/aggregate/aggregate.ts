/**
 * The global model from the included updates, by one deterministic rule in two layers: committees aggregate cohorts, a
 * root committee aggregates what they agreed on.
 *
 *     uᵢ = finalᵢ − base,  m = median of ‖uᵢ‖,  cᵢ = min(1, m / ‖uᵢ‖)                    clip to the median length
 *     Δ[k] = Σ wᵢ cᵢ uᵢ[k] / Σ wᵢ   over members left by dropping ⌊n/10⌋ lowest and highest values at k (n ≥ 5)
 *     next = base + Σ over cohorts of W_c Δ_c / Σ W_c,   W_c = Σ wᵢ
 *
 * Doubles in a fixed order, rounded to float32 at the end.
 */
import { MIN_REPUTATION_BPS } from '@assay/sdk/protocol/reputation.ts'
import { blobHash, type Hash } from '../hash.ts'
import { modelLayout, modelOf } from '../package/model.ts'
import { assertFinite, type State } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { delta } from '../run/update.ts'
import { lowerMedian, norm } from '../vector.ts'
import { parseCohortBlob, writeCohortBlob } from './cohort-blob.ts'

export type CohortMember = {
  /** The update; undefined leaves it out: it can't be had. */
  final?: State | undefined
  /** See {@link updateWeight}; 0 leaves the update out. */
  weight: bigint
}

const FEWEST_TO_TRIM = 5
const TRIMMED_TENTHS = 1

/**
 * Weight of an update, from settled integers: proven windows (at least 1) × (Q + ρ − ½) × data units. 0 when Q is 0.
 *
 * ρ − ½ is the moving average of Q (see sdk/protocol/reputation.ts). It smooths what one audit
 * measured: with Q alone the weights of honest updates jump from round to round, and on skewed data the accuracy of whole
 * classes with them (docs/decisions/0013-steady-weights.md).
 *
 * @param settled.reputationBps ρ after the round, 5,000 … 15,000
 */
export function updateWeight(settled: {
  provenWindows: number
  qualityBps: number
  reputationBps: number
  dataUnits: number
}): bigint {
  const { provenWindows, qualityBps, reputationBps, dataUnits } = settled
  if (qualityBps === 0) return 0n
  const worth = qualityBps + reputationBps - MIN_REPUTATION_BPS
  return BigInt(Math.max(1, provenWindows)) * BigInt(worth) * BigInt(dataUnits)
}

/**
 * Aggregates one cohort.
 *
 * @param options.members all members of the cohort, in its order
 * @returns the cohort's blob, which names the updates that are in it, and its hash. Delta and weight are zero when there are none.
 */
export function aggregateCohort(options: { spec: TaskSpec; base: State; members: readonly CohortMember[] }): {
  blob: Uint8Array
  hash: Hash
} {
  const { spec, base, members } = options
  const included = members.map(({ final, weight }) => final !== undefined && weight > 0n)
  const taken = members.filter((_, i) => included[i])
  const finals = taken.map(({ final }) => modelOf(spec, final!))
  // One difference at a time: a cohort's all at once would take as much memory as its updates.
  const norms = finals.map((final) => norm(delta(spec, base, final)))
  const median = lowerMedian(norms)
  const scales = norms.map((length) => (length > median ? median / length : 1))
  const weights = taken.map(({ weight }) => Number(weight))
  const weight = taken.reduce((sum, member) => sum + member.weight, 0n)

  const step: State = new Map()
  for (const [name, before] of modelOf(spec, base)) {
    const parts = finals.map((final) => final.get(name)!)
    step.set(name, trimmedMean(before, parts, scales, weights))
  }
  const blob = writeCohortBlob(spec, { delta: step, weight, included })
  return { blob, hash: blobHash(blob) }
}

/**
 * The next global model.
 *
 * @param options.cohorts the blobs that cohorts' committees agreed on, in cohort order; void cohorts are left out.
 * @returns the base itself when there is nothing to add.
 * @throws EngineRefusal `state` for a blob that isn't of this task, or a result that isn't finite.
 */
export function aggregateRoot(options: {
  spec: TaskSpec
  base: State
  cohorts: readonly Uint8Array[]
}): State {
  const { spec, base } = options
  const model = modelOf(spec, base)
  const cohorts = options.cohorts
    .map((blob) => parseCohortBlob(spec, blob))
    .filter(({ weight }) => weight > 0n)
  if (cohorts.length === 0) return base
  const weights = cohorts.map(({ weight }) => Number(weight))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const next: State = new Map()
  for (const [name, before] of model) {
    const parts = cohorts.map((cohort) => cohort.delta.get(name)!)
    next.set(
      name,
      before.map((value, k) => {
        let sum = 0
        for (let c = 0; c < parts.length; c++) sum += weights[c]! * parts[c]![k]!
        return value + sum / total
      }),
    )
  }
  assertFinite(modelLayout(spec), next)
  return next
}

/** Of the differences between the values of each member and those before, which are rounded to float32; zeros of none. */
function trimmedMean(
  before: Float32Array,
  finals: readonly Float32Array[],
  scales: readonly number[],
  weights: readonly number[],
): Float32Array {
  const count = finals.length
  const means = new Float32Array(before.length)
  if (count === 0) return means
  const trim = count < FEWEST_TO_TRIM ? 0 : Math.floor((count * TRIMMED_TENTHS) / 10)
  const order = new Int32Array(count)
  const values = new Float64Array(count)
  for (let k = 0; k < means.length; k++) {
    const from = before[k]!
    for (let i = 0; i < count; i++) {
      values[i] = scales[i]! * Math.fround(finals[i]![k]! - from)
      order[i] = i
    }
    if (trim > 0) sortByValue(order, values)
    let sum = 0
    let total = 0
    for (let at = trim; at < count - trim; at++) {
      const i = order[at]!
      sum += weights[i]! * values[i]!
      total += weights[i]!
    }
    means[k] = sum / total
  }
  return means
}

/** Sorts places by their values, equal ones by place. Insertion: of a cohort's sixteen a comparator takes ten times as long. */
function sortByValue(order: Int32Array, values: Float64Array): void {
  for (let at = 1; at < order.length; at++) {
    const place = order[at]!
    const value = values[place]!
    let to = at
    for (; to > 0 && values[order[to - 1]!]! > value; to--) order[to] = order[to - 1]!
    order[to] = place
  }
}
