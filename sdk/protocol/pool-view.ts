/** The held-out pool of a task, from the words of Rounds. RoundsLens says the same on chain. */
import type { Hash } from './random.ts'
import { hashIn, ofKeys, ofTask, type SlotWords } from './rounds-slots.ts'
import { POOL_WORD, unpackNumbers } from './words.ts'

const POOL_KEYS = 2

/** The pool that validators judge with. */
export type PoolState = {
  /** Merkle root of the current pool. */
  poolRoot: Hash
  /** Its first round. */
  firstRound: number
  /** The pool that the owner announced, and its first round. */
  announced: { poolRoot: Hash; firstRound: number } | undefined
}

/**
 * Root of the pool that a round is judged by.
 *
 * @returns undefined for a round before the current pool's first one
 */
export function poolOfRound({ poolRoot, firstRound, announced }: PoolState, round: number): Hash | undefined {
  if (announced !== undefined && round >= announced.firstRound) return announced.poolRoot
  return round >= firstRound ? poolRoot : undefined
}

/** The slots that {@link poolOf} decodes. */
export function poolSlots(taskId: bigint) {
  return {
    terms: ofTask('roundTerms', taskId),
    pool: ofTask('pools', taskId),
    // Which of them is the current one stands in the word.
    roots: ofKeys('poolRoots', taskId, POOL_KEYS),
  }
}

/** A task's pool. @returns undefined for a task that doesn't exist */
export function poolOf(words: SlotWords<ReturnType<typeof poolSlots>>): PoolState | undefined {
  if (words.terms === 0n) return undefined
  const { current, firstRound, announcedFor } = unpackNumbers(POOL_WORD, words.pool)
  const rootAt = (key: number) => hashIn(words.roots[key]!)
  const announced =
    announcedFor === 0 ? undefined : { poolRoot: rootAt(1 - current), firstRound: announcedFor }
  return { poolRoot: rootAt(current), firstRound, announced }
}
