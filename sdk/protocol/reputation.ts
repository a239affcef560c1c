/** What a task remembers of contributors and validators: the twin of contracts/libraries/Reputation.sol. */

/** ρ of a newcomer and its lower bound. */
export const MIN_REPUTATION_BPS = 5_000
export const MAX_REPUTATION_BPS = 15_000
/** Cap of pooled proven windows. */
export const MAX_PROVEN_WINDOWS = 48
/** Q and R of an update on which the seats can't decide, of a contributor that was never judged: it has no running values. */
export const NEUTRAL_QUALITY_BPS = 5_000
export const NEUTRAL_RARITY_BPS = 10_000
/** Duties after which uptime counts. */
export const MIN_DUTIES = 10
/** Share of the pay that an audit decides on, lost if all of its windows are withheld, in bps. */
const WITHHELD_BPS = 12_000
const BPS = 10_000
/** Decayed sums count in 1/256 of a duty. */
export const DUTY_UNIT = 256

/**
 * ρ' = ρ + (½ + Q − ρ) / 8, truncated toward ρ.
 *
 * @param reputationBps ρ, 5,000…15,000. @param qualityBps Q, 0…10,000.
 */
export function nextReputation(reputationBps: number, qualityBps: number): number {
  return reputationBps + Math.trunc((MIN_REPUTATION_BPS + qualityBps - reputationBps) / 8)
}

/**
 * Running Q or R: the value of the first judged round, then running + (value − running) / 4, truncated toward running.
 *
 * @param isJudged whether an earlier round was judged; unaudited ones were not.
 */
export function runningNext(running: number, value: number, isJudged: boolean): number {
  return !isJudged ? value : running + Math.trunc((value - running) / 4)
}

/**
 * Pooled proven windows: an eighth (at least one) is forgotten, what was replayed in this round is added, and each withheld window
 * takes as many as were drawn; 0…48.
 *
 * @param lost withheld windows × windows drawn
 */
export function provenNext(proven: number, added: number, lost: number): number {
  return Math.min(MAX_PROVEN_WINDOWS, Math.max(0, proven - Math.ceil(proven / 8) + added - lost))
}

/** What is left of the pay that an audit decides on: 1 − 1.2 · withheld / drawn, at least 0. Bps. */
export function keptBps(withheld: number, drawn: number): number {
  return Math.max(0, BPS - Math.floor((WITHHELD_BPS * withheld) / drawn))
}

/** A decayed sum after a round with duties, in 1/256: s − s/8 + 256·fresh. */
export function decayedSum(sum: number, fresh: number): number {
  return sum - Math.floor(sum / 8) + DUTY_UNIT * fresh
}

/**
 * Uptime bonus U: 0, or 10,000…12,000 bps.
 *
 * @param dutySum, doneSum decayed sums of duties and of those done in time, in 1/256. @param dutyTotal duties ever.
 */
export function uptimeBps(dutySum: number, doneSum: number, dutyTotal: number): number {
  if (dutyTotal < MIN_DUTIES || dutySum === 0) return 10_000
  const shareBps = Math.floor((doneSum * 10_000) / dutySum)
  if (shareBps < 8_000) return 0
  return 10_000 + 2 * Math.min(Math.max(shareBps - 9_000, 0), 1_000)
}
