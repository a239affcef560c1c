/** What accounts have earned and what a task pays from, from the words of Rounds. RoundsLens says the same on chain. */
import type { Address } from 'viem'
import { ofAccount, ofTask, type SlotWords } from './rounds-slots.ts'
import { epochSeconds } from './task-params.ts'
import {
  EARNINGS_WORD,
  HELD_WORD,
  PARTICIPANT_WORD,
  PURSE_WORD,
  ROUND_TERMS_WORD,
  TASK_TOTALS_WORD,
  unpackNumbers,
  unpackWord,
  type WordValues,
} from './words.ts'

// ---- an account

/** Earnings of an account in a task, in reward wei. */
export type EarningsState = {
  /** Can be claimed now. */
  matured: bigint
  /** Credited, waiting for the challenge window. */
  pending: bigint
  /** Earned without an audit, waiting for the next passed one. */
  held: bigint
  /** Kept by open cases; what is held is kept too, and not counted here. */
  seized: bigint
  /** Open cases against the account. */
  cases: number
  /** Unix seconds at which the next part of `pending` matures. */
  nextMaturesAt: number | undefined
}

/** Reward wei by what they wait for, and the epoch that this is as of; see EarningsWord.sol. */
export type Buckets = WordValues<typeof EARNINGS_WORD>

const EPOCH_BITS = 16

/** The slots that {@link earningsOf} decodes. @param account contributor or validator */
export function earningsSlots(taskId: bigint, account: Address) {
  return {
    terms: ofTask('roundTerms', taskId),
    earnings: ofAccount('earnings', taskId, account),
    held: ofAccount('held', taskId, account),
    seized: ofAccount('seized', taskId, account),
    participant: ofAccount('participants', taskId, account),
  }
}

/**
 * What an account has earned in a task and not claimed.
 *
 * @param time unix seconds of the block that the words are of
 * @returns undefined for a task that doesn't exist
 */
export function earningsOf(
  words: SlotWords<ReturnType<typeof earningsSlots>>,
  time: number,
): EarningsState | undefined {
  if (words.terms === 0n) return undefined
  const seconds = epochSeconds(unpackNumbers(ROUND_TERMS_WORD, words.terms))
  const epoch = BigInt(Math.floor(time / seconds))
  const buckets = rolledBuckets(unpackWord(EARNINGS_WORD, words.earnings), epoch)
  const seized = unpackWord(EARNINGS_WORD, words.seized)
  return {
    matured: buckets.claimable,
    pending: buckets.current + buckets.previous,
    held: unpackWord(HELD_WORD, words.held).amount,
    seized: seized.claimable + seized.current + seized.previous,
    cases: unpackNumbers(PARTICIPANT_WORD, words.participant).cases,
    nextMaturesAt: nextMaturity(buckets, seconds, time),
  }
}

/** The buckets as of an epoch: what is credited in one is claimable from the second one after it. @param epoch since 1970 */
export function rolledBuckets(buckets: Buckets, epoch: bigint): Buckets {
  const passed = BigInt.asUintN(EPOCH_BITS, epoch - buckets.epoch)
  if (passed === 0n) return buckets
  const { claimable, previous, current } = buckets
  const isLong = passed !== 1n
  return {
    claimable: claimable + previous + (isLong ? current : 0n),
    previous: isLong ? 0n : current,
    current: 0n,
    epoch: BigInt.asUintN(EPOCH_BITS, epoch),
  }
}

/** Unix seconds at which the next bucket matures, undefined when none waits. @param buckets as of the epoch of `time` */
export function nextMaturity(buckets: Buckets, seconds: number, time: number): number | undefined {
  if (buckets.previous === 0n && buckets.current === 0n) return undefined
  return (Math.floor(time / seconds) + (buckets.previous === 0n ? 2 : 1)) * seconds
}

// ---- a task

/** What a task owes, in reward wei. */
export type TaskDebts = {
  /** Ever credited to accounts, claimed or not. */
  credited: bigint
  /** Earned without an audit, waiting for the next passed one. */
  held: bigint
  /** Credited, out of the escrow and not claimed. */
  purse: bigint
  /** Taken back by verdicts, and not in the escrow yet. */
  forfeited: bigint
}

/** The slots that {@link debtsOf} decodes. */
export function debtsSlots(taskId: bigint) {
  return {
    totals: ofTask('totals', taskId),
    purse: ofTask('purses', taskId),
    forfeited: ofTask('forfeited', taskId),
  }
}

/** What a task owes; zeros for one that doesn't exist. */
export function debtsOf(words: SlotWords<ReturnType<typeof debtsSlots>>): TaskDebts {
  const { credited, held } = unpackWord(TASK_TOTALS_WORD, words.totals)
  return { credited, held, purse: unpackWord(PURSE_WORD, words.purse).amount, forfeited: words.forfeited }
}
