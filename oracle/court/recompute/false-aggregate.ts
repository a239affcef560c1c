import { checkAggregate, type KnownMember } from '@assay/engine/aggregate/check-aggregate.ts'
import { parseCohortBlob } from '@assay/engine/aggregate/cohort-blob.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { modelHash } from '@assay/engine/package/model.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, isMissing, isTooLarge, type ReadOptions } from '@assay/store/blob-store.ts'
import { settledWeight } from '../../aggregate.ts'
import { readResults, resultsOf } from '../../settled-results.ts'
import { answerOf, type Computed, hashByRule } from './by-rule.ts'
import { baseModelOf, type ClosedRound, judgedMembers, readClosedRound } from './closed-round.ts'
import type { Recomputation, RecomputeContext, Recomputed } from './recompute.ts'
import { readShownUpdate, type ShownUpdate } from './shown-update.ts'
import { openTrail } from './witness.ts'

/**
 * A false aggregate: applies the rule to the members that the blob itself names ({@link checkAggregate}). It needs no evidence:
 * blob, base model and updates are in the stores. Where one of them isn't, there is no answer, and nobody is convicted for it.
 */
export const FALSE_AGGREGATE: Recomputation = { recompute, maxEvidenceBytes: () => 0, isEncrypted: false }

async function recompute(
  context: RecomputeContext,
  facts: Pick<CaseFacts, 'taskId' | 'round' | 'subject' | 'accused'>,
): Promise<Recomputed> {
  const { reader, store, bench, juror, signal } = context
  const round = await readClosedRound(reader, facts)
  const { spec } = await bench.package(round.params.specHash)
  const blob = await blobOrMissing(store, facts.accused, { maxBytes: maxUpdateBytes(spec), signal })
  if (blob === undefined) return 'missing'
  const base = await baseModelOf(context, round)
  if (base === undefined) return 'missing'
  const members = await knownMembers(context, round, { spec, blob, cohort: facts.subject })
  return answerOf(aggregateByRule({ spec, base, blob, members }), juror)
}

/**
 * The hash that the rule gives for the members that an aggregate names. On the way lie the states of their updates.
 *
 * @param charge.members all of the cohort, in its order
 */
export function aggregateByRule(charge: {
  spec: TaskSpec
  base: State
  blob: Uint8Array
  members: readonly KnownMember[]
}): Computed | 'missing' {
  const value = hashByRule(checkAggregate(charge), blobHash(charge.blob))
  if (value === 'missing') return 'missing'
  const trail = openTrail()
  for (const { update } of charge.members)
    if (update instanceof Map) trail.note(modelHash(charge.spec, update))
  trail.note(value)
  return { value, trail: trail.digest() }
}

/** A blob; undefined if no store has it, or only a longer one than a file of the task can be, which nobody reads. */
export async function blobOrMissing(
  store: BlobStore,
  hash: Hash,
  limit: { maxBytes: number } & ReadOptions,
): Promise<Uint8Array | undefined> {
  try {
    return await store.get(hash, limit)
  } catch (error) {
    if (isMissing(error) || isTooLarge(error)) return undefined
    throw error
  }
}

/** All members of the cohort with their weights, and with the updates that the blob names. */
async function knownMembers(
  { reader, store, signal }: RecomputeContext,
  round: ClosedRound,
  { spec, blob, cohort }: { spec: TaskSpec; blob: Uint8Array; cohort: number },
): Promise<KnownMember[]> {
  const { taskId, round: number, span, params } = round
  const results = resultsOf(await readResults(reader, { taskId, round: number, span }), cohort)
  const members = await judgedMembers(reader, round, cohort)
  const named = namedMembers(spec, blob)
  const source = { store, spec, deployment: reader.deployment, round, signal }
  const known: KnownMember[] = []
  for (const [at, member] of members.entries()) {
    const counted = { dataUnits: member.sampleCount, dataUnitsLimit: params.dataUnitsLimit }
    const weight = settledWeight(results[at]!, counted)
    const isTaken = named[at] === true && weight > 0n
    known.push({ weight, update: isTaken ? updateOf(await readShownUpdate(source, member)) : undefined })
  }
  return known
}

/** For each member, whether the blob names it; none if it is no aggregate. */
function namedMembers(spec: TaskSpec, blob: Uint8Array): readonly boolean[] {
  try {
    return parseCohortBlob(spec, blob).included
  } catch (error) {
    if (error instanceof EngineRefusal) return []
    throw error
  }
}

/** An opening of something else is as wrong in an aggregate as bytes that are refused: no oracle takes either. */
function updateOf(shown: ShownUpdate): KnownMember['update'] {
  if (shown.is === 'there') return shown.final
  return shown.is === 'missing' ? undefined : 'refused'
}
