/**
 * Whether a vote for a cohort's aggregate is true: whether its blob is the rule of `aggregate.ts` applied to the members that it
 * names. That follows from the base model, the settled integers and those members' updates alone, never from what else a store
 * had at the time: whoever takes an update away makes nobody's vote false.
 */
import { blobHash, type Hash } from '../hash.ts'
import type { State } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { EngineRefusal } from '../refusal.ts'
import { aggregateCohort } from './aggregate.ts'
import { type CohortAggregate, demandMembers, parseCohortBlob } from './cohort-blob.ts'

/** What a juror knows of a member of the cohort. */
export type KnownMember = {
  /** By the settled integers, see `updateWeight`. */
  weight: bigint
  /** The update; `refused` if what was committed to fails S0 or S1; undefined if nobody shows it. */
  update?: State | 'refused' | undefined
}

/** Whether a blob is what the rule gives. */
export type RuleAnswer =
  | { is: 'true' }
  /** `applied` is the hash of what the rule gives for the named members, where it gives something. */
  | { is: 'false'; reason: string; applied?: Hash }
  /** A named update can't be had: that is nobody's fault, and no vote is false for it. */
  | { is: 'unknown'; reason: string }

/**
 * Checks an aggregate against the rule.
 *
 * @param options.base the round's base model
 * @param options.blob bytes of the hash that was voted for
 * @param options.members all members of the cohort, in its order; updates are needed of those that the blob names, see
 * `parseCohortBlob`
 * @returns false before unknown: a blob that can't be true needs nobody's update
 */
export function checkAggregate(options: {
  spec: TaskSpec
  base: State
  blob: Uint8Array
  members: readonly KnownMember[]
}): RuleAnswer {
  const { spec, base, blob, members } = options
  const read = readOrRefusal(spec, blob, members)
  if (read instanceof EngineRefusal) return { is: 'false', reason: read.message }
  const { included, weight } = read
  const sum = members.reduce((total, member, i) => total + (included[i] ? member.weight : 0n), 0n)
  if (weight !== sum)
    return { is: 'false', reason: `its weight is ${weight}, the members that it names weigh ${sum}` }
  const named = members.map((member, i) => (included[i] ? member : { weight: 0n }))
  const refused = named.findIndex(({ update }) => update === 'refused')
  if (refused >= 0) return { is: 'false', reason: `it holds member ${refused}, whose update is refused` }
  const missing = named.findIndex(({ update }, i) => included[i] && update === undefined)
  if (missing >= 0) return { is: 'unknown', reason: `nobody shows the update of member ${missing}` }

  const finals = named.map(({ weight, update }) => ({ weight, final: update as State | undefined }))
  const { hash: applied } = aggregateCohort({ spec, base, members: finals })
  const claimed = blobHash(blob)
  if (applied === claimed) return { is: 'true' }
  return { is: 'false', reason: `it is ${claimed}, the rule gives ${applied}`, applied }
}

function readOrRefusal(
  spec: TaskSpec,
  blob: Uint8Array,
  members: readonly KnownMember[],
): CohortAggregate | EngineRefusal {
  try {
    const read = parseCohortBlob(spec, blob)
    demandMembers(
      read.included,
      members.map(({ weight }) => weight > 0n),
    )
    return read
  } catch (error) {
    if (error instanceof EngineRefusal) return error
    throw error
  }
}
