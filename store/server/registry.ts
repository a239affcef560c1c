import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { type ParticipantState, readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { StoreError } from '../blob-store.ts'
import type { Address } from '../records.ts'

/** How an account stands in a task. */
export type Standing = {
  /** Whether it may upload: its owner, an enrolled contributor, a validator that joined, or whom an open case accuses. */
  admitted: boolean
  /** Whether somebody waits for it: it submitted to the open round, or is drawn from in it. */
  hasDuty: boolean
}

/** Who may upload. */
export type Registry = {
  /** @throws StoreError 'unavailable' when the chain can't be asked, and this account was not admitted before */
  standingOf(account: Address, taskId: bigint): Promise<Standing>
}

export type RegistryOptions = {
  /** Connected at the first question. */
  reader: () => Promise<AssayReader>
  /** Tasks whose people may upload; all by default. */
  taskIds?: readonly bigint[] | undefined
  /** Accounts that may upload without a task, such as one that will create it. */
  allowed?: readonly Address[] | undefined
  /** Milliseconds that an answer of the chain counts. */
  freshMs?: number
  /** Most answers that are remembered. */
  mostKept?: number
}

const DEFAULT_FRESH_MS = 3_000
const DEFAULT_MOST_KEPT = 10_000
/** Most questions to the node at once: strangers can ask for as many as they like. */
const MOST_ASKED_AT_ONCE = 32

/** The contracts number tasks with 64 bits. */
const LAST_TASK = 2n ** 64n - 1n
/** What the chain says of a task that doesn't exist. */
const UNKNOWN_TASK = ['Rounds_UnknownTask', 'Tasks_UnknownTask']
const NOBODY: Standing = { admitted: false, hasDuty: false }
type Kept = { standing: Standing; until: number }

/**
 * Asks the chain who may upload. While the node does not answer, whoever was admitted last stays so: a node's outage
 * shuts nobody out who has a duty.
 */
export function chainRegistry(options: RegistryOptions): Registry {
  const { reader, taskIds, freshMs = DEFAULT_FRESH_MS, mostKept = DEFAULT_MOST_KEPT } = options
  const allowed = new Set((options.allowed ?? []).map((account) => account.toLowerCase()))
  const kept = new Map<string, Kept>()
  let asking = 0

  const ask = async (account: Address, taskId: bigint): Promise<Standing> => {
    if (asking >= MOST_ASKED_AT_ONCE)
      throw new StoreError('unavailable', `${asking} questions to the chain are open. Try again in a second.`)
    asking += 1
    try {
      return await readStanding(await reader(), account, taskId).catch(nobodyIfUnknown)
    } finally {
      asking -= 1
    }
  }
  const known = async (account: Address, taskId: bigint): Promise<Standing> => {
    const key = `${taskId} ${account.toLowerCase()}`
    const last = kept.get(key)
    if (last !== undefined && Date.now() < last.until) return last.standing
    try {
      const standing = await ask(account, taskId)
      if (kept.size >= mostKept) forgetStrangers(kept, mostKept)
      kept.set(key, { standing, until: Date.now() + freshMs })
      return standing
    } catch (error) {
      if (last?.standing.admitted) return last.standing
      throw asUnavailable(error)
    }
  }
  return {
    standingOf: async (account, taskId) => {
      const serves = taskId > 0n && taskId <= LAST_TASK && (taskIds === undefined || taskIds.includes(taskId))
      if (allowed.has(account.toLowerCase()))
        return { admitted: true, hasDuty: serves && (await known(account, taskId)).hasDuty }
      return serves ? known(account, taskId) : NOBODY
    },
  }
}

/** Makes room. However many strangers ask, nobody who was admitted is forgotten for them. */
function forgetStrangers(kept: Map<string, Kept>, mostKept: number): void {
  for (const [key, { standing }] of kept) if (!standing.admitted) kept.delete(key)
  if (kept.size >= mostKept) kept.clear()
}

/** Nobody has a task that doesn't exist: that is an answer, and no outage of the node. */
function nobodyIfUnknown(error: unknown): Standing {
  if (UNKNOWN_TASK.includes(decodeFailure(error).name)) return NOBODY
  throw error
}

async function readStanding(reader: AssayReader, account: Address, taskId: bigint): Promise<Standing> {
  const [round, contributor, validator] = await Promise.all([
    readRound(reader, { taskId }),
    readParticipant(reader, { taskId, contributor: account }),
    readValidator(reader, { taskId, validator: account }),
  ])
  const isOpen = round.phase !== 'Idle'
  if (validator.frozenWeight > 0 || validator.bid !== undefined)
    return { admitted: true, hasDuty: isOpen && validator.frozenWeight > 0 }
  if (contributor.enrolled) return { admitted: true, hasDuty: owesOpening(round, contributor) }
  const [{ owner }, { cases }] = await Promise.all([
    readTask(reader, { taskId }),
    readEarnings(reader, { taskId, account }),
  ])
  // Who left may have to give a window to readers yet.
  return { admitted: owner.toLowerCase() === account.toLowerCase() || cases > 0, hasDuty: false }
}

function owesOpening({ phase, round }: RoundState, { lastRound, settledRound }: ParticipantState): boolean {
  return phase !== 'Idle' && phase !== 'Submit' && lastRound === round && settledRound !== round
}

function asUnavailable(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  return new StoreError('unavailable', `the store can't ask the chain who you are: ${reason.slice(0, 200)}`, {
    cause: error,
  })
}
