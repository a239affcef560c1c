import { decodeFailure } from './errors.ts'

/** Blocks of a first question; providers refuse more than some thousands to 100,000. */
const FIRST_SPAN = 50_000n
/** What providers say when a range has too many blocks, logs or bytes. */
const TOO_MUCH =
  /range|too (many|large|big|wide)|more than|limit|exceed|10,?000|response size|body size|timed? ?out|took too long/i

/**
 * Asks for logs in ranges of blocks, halving those that the node refuses as too large. Order is kept, nothing is asked twice.
 *
 * @param fetchRange asks for the logs of the blocks `from` … `to`, both included
 * @throws what `fetchRange` threw, when it isn't about size or a single block is too much
 */
export async function logsInRanges<T>(
  fetchRange: (from: bigint, to: bigint) => Promise<readonly T[]>,
  range: { from: bigint; to: bigint },
): Promise<T[]> {
  const logs: T[] = []
  let span = FIRST_SPAN
  for (let from = range.from; from <= range.to; ) {
    const last = from + span - 1n
    const to = last < range.to ? last : range.to
    try {
      logs.push(...(await fetchRange(from, to)))
      from = to + 1n
    } catch (error) {
      if (to === from || !isTooMuch(error)) throw error
      span = (to - from + 1n) / 2n
    }
  }
  return logs
}

function isTooMuch(error: unknown): boolean {
  const words = [decodeFailure(error).message]
  for (let at = error; at instanceof Error; at = at.cause) words.push(at.message)
  return TOO_MUCH.test(words.join(' '))
}
