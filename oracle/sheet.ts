import { scoreCommitment } from '@assay/sdk/protocol/commitments.ts'
import {
  failedEntry,
  type GateReason,
  unauditedEntry,
  undecidedEntry,
  withheldEntry,
} from '@assay/sdk/protocol/entry-reasons.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { packSheet, type ScoreEntry, scoreEntry, TASK_FAULT } from '@assay/sdk/protocol/score-words.ts'
import type { Address } from 'viem'
import type { Attempt } from './duties.ts'

/** What the stages found about one member of a cohort. */
export type Finding = {
  contributor: Address
  /** Whether the beacon drew this update for an audit. */
  audited: boolean
  /** Why it could not be looked at in time. It is then left unaudited. */
  notLookedAt?: string | undefined
  /** Why the task's own graphs fail, so that nobody can judge it. */
  taskFault?: string | undefined
  /** The gate that it failed, and why. */
  failed?: { gate: GateReason; reason: string } | undefined
  /** Whether this seat was shown none of its own windows: then the update isn't scored. */
  shownNothing: boolean
  /** Windows replayed without a miss, 0…2. */
  provenWindows: number
  /** Of which of the two seats before this one windows were withheld from this seat too, as in a score entry. */
  withheld: number
  /** Whether it was measured, and the measurement tells nothing. */
  isUndecided: boolean
  qualityBps: number
  rarityBps: number
}

/**
 * The 32-bit entry of a finding, with its reason where there is no quality. What could not be looked at in time is left
 * unaudited: its pay by running scores stays held, and an outage fails nobody. What was drawn and can't be judged by the
 * task's fault says so; what wasn't drawn could not be looked at then. What was measured without a result says that.
 */
export function entryOf(finding: Finding): ScoreEntry {
  const { notLookedAt, taskFault, failed, shownNothing, audited, isUndecided } = finding
  const { qualityBps, rarityBps } = finding
  const { provenWindows: windows, withheld } = finding
  if (notLookedAt !== undefined) return unauditedEntry('notLookedAt')
  if (failed !== undefined) return failedEntry(failed.gate)
  if (!audited) return unauditedEntry(taskFault === undefined ? 'notDrawn' : 'notLookedAt')
  if (taskFault !== undefined) return scoreEntry({ quality: TASK_FAULT, windows })
  if (shownNothing) return withheldEntry({ windows, withheld })
  if (isUndecided) return undecidedEntry({ windows, withheld })
  return { quality: qualityBps, rarity: qualityBps === 0 ? 0 : rarityBps, windows, withheld }
}

/** A score sheet, as it is committed to and later revealed. */
export type Sheet = {
  taskId: bigint
  round: number
  attempt: Attempt
  cohorts: number[]
  /** Two a cohort. */
  words: bigint[]
  salt: Hash
  digest: Hash
}

/** Packs each cohort's entries, and computes the digest that is committed to. */
export function makeSheet(
  place: {
    chainId: number
    rounds: Address
    taskId: bigint
    round: number
    attempt: Attempt
    validator: Address
  },
  cohorts: readonly { cohort: number; entries: readonly ScoreEntry[] }[],
  salt: Hash,
): Sheet {
  const numbers = cohorts.map(({ cohort }) => cohort)
  const words = cohorts.flatMap(({ entries }) => packSheet(entries))
  const digest = scoreCommitment({ ...place, cohorts: numbers, words, salt })
  const { taskId, round, attempt } = place
  return { taskId, round, attempt, cohorts: numbers, words, salt, digest }
}
