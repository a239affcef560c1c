/**
 * The blob of a cohort's aggregate: a safetensors file with `delta.<tensor>` F32 for each state tensor and `weight` U8 [32]
 * (big-endian), whose metadata says which members are in it: `members`, a digit for each member of the cohort.
 *
 * With that, the blob is a pure function of the base model, the settled integers and the updates that it names: whether it is
 * true doesn't depend on what a store shows to whom and when.
 */
import { COHORT_SIZE } from '@assay/sdk/protocol/sampling.ts'
import { bytesHash } from '../hash.ts'
import { bitmapText, readBitmap } from '../package/bitmap.ts'
import { maxModelBytes, modelLayout } from '../package/model.ts'
import { readFileWithMetadata, type Tensor, writeSafetensors } from '../package/safetensors.ts'
import { type State, stateFromTensors } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { demand, refusingAs } from '../refusal.ts'

/** What a cohort's blob says. */
export type CohortAggregate = {
  delta: State
  /** Sum of the included updates' weights. */
  weight: bigint
  /** For each member of the cohort, whether its update is in the aggregate. */
  included: readonly boolean[]
}

const WEIGHT_BYTES = 32

/** The same aggregate gives the same bytes. */
export function writeCohortBlob(spec: TaskSpec, { delta, weight, included }: CohortAggregate): Uint8Array {
  const tensors = new Map<string, Tensor>(
    modelLayout(spec).state.map(({ name, shape }) => [
      `delta.${name}`,
      { dtype: 'F32', shape, data: delta.get(name)! },
    ]),
  )
  tensors.set('weight', { dtype: 'U8', shape: [WEIGHT_BYTES], data: weightBytes(weight) })
  return writeSafetensors(tensors, { members: bitmapText(included) })
}

/** Reads a cohort's blob. @throws EngineRefusal `state` unless it is of this task, finite and within bounds. */
export function parseCohortBlob(spec: TaskSpec, blob: Uint8Array): CohortAggregate {
  const layout = modelLayout(spec)
  const limits = { maxBytes: maxModelBytes(spec), maxTensors: layout.state.length + 1 }
  const { tensors, metadata } = refusingAs('state', 'cohort blob', () => readFileWithMetadata(blob, limits))
  const weight = tensors.get('weight')
  demand(
    weight?.dtype === 'U8' && weight.data.length === WEIGHT_BYTES && tensors.size === layout.state.length + 1,
    'state',
    () => 'a cohort blob holds one delta for each model tensor and weight, U8 [32]',
  )
  const included = readBitmap(metadata.get('members'), COHORT_SIZE)
  demand(
    included !== undefined && metadata.size === 1,
    'state',
    () => `a cohort blob's metadata is "members", 1 to ${COHORT_SIZE} digits 0 or 1`,
  )
  return {
    delta: stateFromTensors(layout, tensors, 'delta.'),
    weight: BigInt(bytesHash(weight.data)),
    included,
  }
}

/**
 * Refuses an aggregate of another cohort's size, or with a member that may not be in it.
 *
 * @param weighs for each member of the cohort, whether its update has a weight by the settled results
 * @throws EngineRefusal `state` that names the member
 */
export function demandMembers(included: readonly boolean[], weighs: readonly boolean[]): void {
  demand(
    included.length === weighs.length,
    'state',
    () => `the aggregate speaks of ${included.length} members, the cohort has ${weighs.length}`,
  )
  const outside = included.findIndex((is, i) => is && !weighs[i])
  demand(outside < 0, 'state', () => `the aggregate holds member ${outside}, whose update has no weight`)
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
