import type { RuleAnswer } from '@assay/engine/aggregate/check-aggregate.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { readModel } from '@assay/engine/package/model-blob.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { AgreedAggregate } from './combine-aggregates.ts'
import { type ModelGround, makeModel } from './make-model.ts'

/** An aggregate that a cohort's committee agreed on; without a blob, nobody shows it. */
export type ShownAggregate = Omit<AgreedAggregate, 'blob'> & { blob?: Uint8Array | undefined }

/**
 * Whether a vote for a next model is true: whether its blob is the rule applied to the aggregates that it names
 * ({@link makeModel}). Like an aggregate, it isn't false for what it leaves out: nobody can show later what could be read.
 *
 * @param ground what the round's model is made from
 * @param blob bytes of the hash that was voted for; a vote for the base model has no blob of its own
 * @param agreed every aggregate of the round that a committee agreed on, in cohort order
 * @throws EngineRefusal `limit` when the engine ran out of time or memory
 */
export async function checkModel(
  ground: ModelGround,
  blob: Uint8Array,
  agreed: readonly ShownAggregate[],
): Promise<RuleAnswer> {
  const named = namedCohorts(ground.spec, blob)
  if (typeof named === 'string') return { is: 'false', reason: named }
  const aggregates = agreed.filter(({ cohort }) => named.includes(cohort))
  const outside = named.find((cohort) => !aggregates.some((one) => one.cohort === cohort))
  if (outside !== undefined)
    return { is: 'false', reason: `it names cohort ${outside}, which agreed on no aggregate` }
  const missing = aggregates.find((one) => one.blob === undefined)
  if (missing !== undefined)
    return { is: 'unknown', reason: `nobody shows the aggregate of cohort ${missing.cohort}` }

  const made = await makeModel(
    ground,
    aggregates.map((one) => ({ ...one, blob: one.blob! })),
  )
  if ('kept' in made) return { is: 'false', reason: keptText(made) }
  const [claimed, applied] = [blobHash(blob), blobHash(made.blob)]
  if (claimed === applied) return { is: 'true' }
  return { is: 'false', reason: `it is ${claimed}, the rule gives ${applied}`, applied }
}

/** The cohorts that a model's blob names, or why it is none. */
function namedCohorts(spec: TaskSpec, blob: Uint8Array): number[] | string {
  try {
    const { cohorts } = readModel(spec, blob)
    if (cohorts === undefined) return 'it does not say of which cohorts it was made'
    return [...cohorts.keys()].filter((cohort) => cohorts[cohort])
  } catch (error) {
    if (error instanceof EngineRefusal) return error.message
    throw error
  }
}

function keptText(made: { kept: string; reason?: string }): string {
  const why = made.reason === undefined ? made.kept : `${made.kept}, ${made.reason}`
  return `the rule keeps the base model: ${why}`
}
