import { aggregateRoot, parseCohortBlob } from '@assay/engine/aggregate/aggregate.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'

/**
 * The next model from the agreed aggregates' blobs, by rules that give every seat the same. A blob that isn't an
 * aggregate of this task is left out. If the result isn't finite, it is the base model.
 *
 * @param blobs in cohort order, their hashes checked
 */
export function combineAggregates(options: {
  spec: TaskSpec
  base: State
  blobs: readonly Uint8Array[]
}): State {
  const { spec, base, blobs } = options
  const cohorts = blobs.filter((blob) => refusalOf(() => parseCohortBlob(spec, blob)) === undefined)
  let next = base
  const refusal = refusalOf(() => {
    next = aggregateRoot({ spec, base, cohorts })
  })
  return refusal === undefined ? next : base
}

function refusalOf(work: () => unknown): EngineRefusal | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof EngineRefusal) return error
    throw error
  }
}
