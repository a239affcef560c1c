import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import type { Deployment } from '@assay/sdk/client/deployment.ts'
import type { BlobStore, ReadOptions } from '@assay/store/blob-store.ts'
import { expectedOf } from '../../round-facts.ts'
import { fetchCheckedOpening, fetchFinal } from '../../verify/fetch-update.ts'
import { checkOpening } from '../../verify/gates.ts'
import type { ClosedRound, JudgedMember } from './closed-round.ts'

/**
 * What is left of an update when a case is about it. `refused`: the bytes that were committed to fail S1. `foreign`: the opening is
 * of something else, so no seat can have judged it. `missing`: no store has it any more, which proves nothing about anybody.
 */
export type ShownUpdate =
  | { is: 'there'; final: State }
  | { is: 'refused' | 'foreign' | 'missing'; reason: string }

/** Where updates are read, and what they must be of. */
export type UpdateSource = ReadOptions & {
  store: BlobStore
  spec: TaskSpec
  deployment: Deployment
  round: ClosedRound
}

/** Reads an update again, for a case. @throws StoreError `unavailable` while a store doesn't answer */
export async function readShownUpdate(source: UpdateSource, member: JudgedMember): Promise<ShownUpdate> {
  const { store, spec, deployment, round, signal } = source
  const opening = await fetchCheckedOpening(store, member.commitment, { signal })
  if ('ok' in opening) return { is: 'missing', reason: opening.reason }
  const expected = expectedOf(deployment, round, { ...member, enrolled: true })
  const foreign = checkOpening(opening, expected)
  if (foreign !== undefined) return { is: 'foreign', reason: foreign.reason }
  const read = await fetchFinal({ store, spec, opening, signal })
  if (read.ok) return { is: 'there', final: read.final }
  return { is: read.gate === 'S1' ? 'refused' : 'missing', reason: read.reason }
}
