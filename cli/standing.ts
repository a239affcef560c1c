import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { decodeFailure, type Failure } from '@assay/sdk/client/errors.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { leaveValidatorsCall } from '@assay/sdk/verbs/tasks/leave-validators.ts'
import { releaseValidatorCall } from '@assay/sdk/verbs/tasks/release-validator.ts'
import type { Address } from 'viem'

/**
 * Where a validator stands:
 *
 * - drawn: it is in the roster, also for the next round, or bids for a place there
 * - leaving: it has left, but a round is open that may still draw it
 * - waiting: it has left, and its last round isn't final yet
 * - releasable: its stake can be released
 * - none: the task has none of its stake
 */
export type Standing =
  | { state: 'none' | 'drawn' | 'leaving' | 'releasable' }
  | { state: 'waiting'; finalAt: number }

/** Asks the contracts by simulated calls, which cover leaving, being outbid and losing a place. */
export async function readStanding(
  reader: AssayReader,
  { taskId, validator }: { taskId: bigint; validator: Address },
): Promise<Standing> {
  const held = await refusalOf(reader, releaseValidatorCall(reader.deployment, { taskId, validator }))
  if (held === undefined) return { state: 'releasable' }
  if (held.name === 'Tasks_LacksRole') return { state: 'none' }
  if (held.name === 'Rounds_NotFinal') return { state: 'waiting', finalAt: Number(held.values.finalAt) }
  const seated = await refusalOf(reader, leaveValidatorsCall(reader.deployment, { taskId }), validator)
  return { state: seated?.name === 'Rounds_NotInRoster' ? 'leaving' : 'drawn' }
}

/** Why the chain would refuse a call now; undefined if it wouldn't. @throws when the node doesn't answer */
async function refusalOf(
  { chain }: AssayReader,
  { to, data }: Call,
  account?: Address,
): Promise<Failure | undefined> {
  try {
    await chain.call({ to, data, ...(account === undefined ? {} : { account }) })
    return undefined
  } catch (error) {
    const failure = decodeFailure(error)
    if (failure.kind === 'refused') return failure
    throw error
  }
}
