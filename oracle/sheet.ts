import { scoreCommitment } from '@assay/sdk/protocol/commitments.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import {
  GATE_FAILED,
  MISSED,
  NOT_AUDITED,
  packSheet,
  type ScoreEntry,
} from '@assay/sdk/protocol/score-words.ts'
import type { Address } from 'viem'
import type { Attempt } from './duties.ts'
import type { Gate } from './verify/stage-table.ts'

/** What the stages found out about one member of a cohort. */
export type Finding = {
  contributor: Address
  /** Whether the beacon chose this update for the deep stages. */
  audited: boolean
  /** Whether the store kept from us what we need to judge it: then we don't. */
  unreachable?: boolean
  /** The gate that it did not pass, and why; S5 is a replay that differs. */
  failed?: { gate: Gate; reason: string } | undefined
  /** Windows replayed without a miss, 0…6. */
  provenWindows: number
  qualityBps: number
  rarityBps: number
}

/**
 * The 32-bit entry of a finding. A failed gate and Q = 0 both leave nothing to be paid for rarity. What a silent store keeps from us
 * we leave unaudited: its running scores stay held, and an outage fails nobody.
 */
export function entryOf(finding: Finding): ScoreEntry {
  const { failed, audited, provenWindows, qualityBps, rarityBps } = finding
  if (finding.unreachable) return { quality: NOT_AUDITED, rarity: 0, windows: 0 }
  if (failed !== undefined)
    return { quality: GATE_FAILED, rarity: 0, windows: failed.gate === 'S5' ? MISSED : 0 }
  if (!audited) return { quality: NOT_AUDITED, rarity: 0, windows: 0 }
  return { quality: qualityBps, rarity: qualityBps === 0 ? 0 : rarityBps, windows: provenWindows }
}

/** A score sheet as it is committed to and revealed later. */
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

/** Packs the entries of each cohort and computes the digest that goes on chain first. */
export function makeSheet(
  place: {
    chainId: number
    rounds: Address
    taskId: bigint
    round: number
    attempt: Attempt
    validator: Address
  },
  cohorts: { cohort: number; entries: ScoreEntry[] }[],
  salt: Hash,
): Sheet {
  const numbers = cohorts.map(({ cohort }) => cohort)
  const words = cohorts.flatMap(({ entries }) => packSheet(entries))
  const digest = scoreCommitment({ ...place, cohorts: numbers, words, salt })
  const { taskId, round, attempt } = place
  return { taskId, round, attempt, cohorts: numbers, words, salt, digest }
}
