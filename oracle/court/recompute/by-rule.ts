import type { RuleAnswer } from '@assay/engine/aggregate/check-aggregate.ts'
import type { Hash } from '@assay/engine/hash.ts'
import { witnessOf } from '@assay/sdk/protocol/jury-votes.ts'
import { type Address, keccak256, toHex } from 'viem'
import type { Recomputed } from './recompute.ts'

/** What a jury's computation comes to: the value, and a hash over all that it went through on the way. */
export type Computed = { value: Hash; trail: Uint8Array }

/**
 * Reported where the rule gives no hash at all for what was voted for: no aggregate or model of this round can have its words. All
 * jurors report the same, so that such a vote doesn't escape for want of a majority.
 */
export const NONE_BY_RULE: Hash = keccak256(toHex('assay: the rule gives no such blob'))

/** What one juror makes of a computation. */
export function answerOf(computed: Computed | 'missing', juror: Address): Recomputed {
  if (computed === 'missing') return computed
  return { value: computed.value, witness: witnessOf(juror, computed.trail) }
}

/** The hash that the rule gives instead of a claimed one. @returns `missing` while nobody shows what it is made from */
export function hashByRule(answer: RuleAnswer, claimed: Hash): Hash | 'missing' {
  if (answer.is === 'unknown') return 'missing'
  if (answer.is === 'true') return claimed
  return answer.applied ?? NONE_BY_RULE
}
