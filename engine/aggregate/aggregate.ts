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
import { blobHash, bytesHash, type Hash } from '../hash.ts'
import { readSafetensors, type Tensor, writeSafetensors } from '../package/safetensors.ts'
import { assertFinite, checkState, maxStateBytes, type State, stateFromTensors } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { demand, refusingAs } from '../refusal.ts'
import { delta, unflatten } from '../run/update.ts'
import { lowerMedian, norm } from '../vector.ts'

export type CohortMember = {
  final: State
  /** See {@link updateWeight}; 0 leaves the update out. */
  weight: bigint
}

const WEIGHT_BYTES = 32
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
 * @param options.members in cohort order, near copies merged into one (S2).
 * @returns the cohort's blob, `delta.<tensor>` F32 and `weight` U8 [32] (big-endian), and its hash. Delta and weight are zero when no member has a positive weight.
 */
export function aggregateCohort(options: { spec: TaskSpec; base: State; members: readonly CohortMember[] }): {
  blob: Uint8Array
  hash: Hash
} {
  const { spec, base } = options
  const members = options.members.filter(({ weight }) => weight > 0n)
  const deltas = members.map(({ final }) => delta(spec, base, final))
  const norms = deltas.map(norm)
  const median = lowerMedian(norms)
  const scales = norms.map((length) => (length > median ? median / length : 1))
  const weights = members.map(({ weight }) => Number(weight))
  const mean = trimmedMean(deltas, scales, weights)
  const weight = members.reduce((sum, member) => sum + member.weight, 0n)

  const state = mean === undefined ? zeroState(spec) : unflatten(spec, mean)
  const tensors = new Map<string, Tensor>(
    spec.state.map(({ name, shape }) => [`delta.${name}`, { dtype: 'F32', shape, data: state.get(name)! }]),
  )
  tensors.set('weight', { dtype: 'U8', shape: [WEIGHT_BYTES], data: weightBytes(weight) })
  const blob = writeSafetensors(tensors)
  return { blob, hash: blobHash(blob) }
}

/**
 * The next global model.
 *
 * @param options.cohorts the blobs that cohorts' committees agreed on, in cohort order; void cohorts are left out.
 * @returns the base, unchanged, when there is nothing to add.
 * @throws EngineRefusal `state` for a blob that isn't of this task, or a result that isn't finite.
 */
export function aggregateRoot(options: {
  spec: TaskSpec
  base: State
  cohorts: readonly Uint8Array[]
}): State {
  const { spec, base } = options
  checkState(spec, base)
  const cohorts = options.cohorts
    .map((blob) => parseCohortBlob(spec, blob))
    .filter(({ weight }) => weight > 0n)
  if (cohorts.length === 0) return base
  const weights = cohorts.map(({ weight }) => Number(weight))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const next: State = new Map()
  for (const { name } of spec.state) {
    const before = base.get(name)!
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
  assertFinite(spec, next)
  return next
}

/** Reads a cohort's blob. @throws EngineRefusal `state` unless it is of this task, finite and within bounds. */
export function parseCohortBlob(spec: TaskSpec, blob: Uint8Array): { delta: State; weight: bigint } {
  const limits = { maxBytes: maxStateBytes(spec), maxTensors: spec.state.length + 1 }
  const tensors = refusingAs('state', 'cohort blob', () => readSafetensors(blob, limits))
  const weight = tensors.get('weight')
  demand(
    weight?.dtype === 'U8' && weight.data.length === WEIGHT_BYTES && tensors.size === spec.state.length + 1,
    'state',
    () => 'a cohort blob holds one delta for each state tensor and weight, U8 [32]',
  )
  return { delta: stateFromTensors(spec, tensors, 'delta.'), weight: BigInt(bytesHash(weight.data)) }
}

function trimmedMean(deltas: Float32Array[], scales: number[], weights: number[]): Float32Array | undefined {
  const count = deltas.length
  if (count === 0) return undefined
  const trim = count < FEWEST_TO_TRIM ? 0 : Math.floor((count * TRIMMED_TENTHS) / 10)
  const order = deltas.map((_, i) => i)
  const values = new Float64Array(count)
  return deltas[0]!.map((_, k) => {
    for (let i = 0; i < count; i++) values[i] = scales[i]! * deltas[i]![k]!
    if (trim > 0) order.sort((a, b) => values[a]! - values[b]! || a - b)
    let sum = 0
    let total = 0
    for (let at = trim; at < count - trim; at++) {
      const i = order[at]!
      sum += weights[i]! * values[i]!
      total += weights[i]!
    }
    return sum / total
  })
}

function zeroState(spec: TaskSpec): State {
  return new Map(
    spec.state.map(({ name, shape }) => [name, new Float32Array(shape.reduce((size, dim) => size * dim, 1))]),
  )
}

function weightBytes(weight: bigint): Uint8Array {
  const bytes = new Uint8Array(WEIGHT_BYTES)
  let rest = weight
  for (let i = WEIGHT_BYTES - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  demand(rest === 0n, 'state', () => `weight ${weight} does not fit 32 bytes`)
  return bytes
}
