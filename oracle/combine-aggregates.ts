import { aggregateRoot } from '@assay/engine/aggregate/aggregate.ts'
import { demandMembers, parseCohortBlob } from '@assay/engine/aggregate/cohort-blob.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { SettledMember } from '@assay/sdk/protocol/results.ts'

/** What the settled results say of the weight of an update. */
type Weighed = Pick<SettledMember, 'outcome' | 'qualityBps'>

/** An aggregate that a cohort's committee agreed on, with what was settled of the cohort. */
export type AgreedAggregate = { cohort: number; blob: Uint8Array; results: readonly Weighed[] }

/**
 * Whether an update has a weight in its cohort's aggregate. It failed no gate, wasn't left unjudged by the task's fault, and
 * helped.
 */
export function hasWeight({ outcome, qualityBps }: Weighed): boolean {
  return outcome !== 'failed' && outcome !== 'taskFault' && qualityBps > 0
}

/**
 * The next model from the agreed aggregates, by rules that give every seat the same. One that isn't an aggregate of this task, or
 * that names other members than those with a weight, is left out. If the result isn't finite, it is the base model.
 *
 * @param aggregates in cohort order, the blobs' hashes checked
 * @returns full: the base model itself when there is nothing to add; cohorts: for each up to the last one taken, whether its
 * aggregate was taken
 */
export function combineAggregates(options: {
  spec: TaskSpec
  base: State
  aggregates: readonly AgreedAggregate[]
}): { full: State; cohorts: boolean[] } {
  const { spec, base, aggregates } = options
  const taken = aggregates.filter((one) => refusalOf(() => readAgreed(spec, one)) === undefined)
  let full = base
  const refusal = refusalOf(() => {
    full = aggregateRoot({ spec, base, cohorts: taken.map(({ blob }) => blob) })
  })
  const numbers = new Set(taken.map(({ cohort }) => cohort))
  const cohorts = Array.from({ length: Math.max(-1, ...numbers) + 1 }, (_, cohort) => numbers.has(cohort))
  return { full: refusal === undefined ? full : base, cohorts }
}

function readAgreed(spec: TaskSpec, { blob, results }: AgreedAggregate): void {
  demandMembers(parseCohortBlob(spec, blob).included, results.map(hasWeight))
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
