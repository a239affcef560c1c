import { decodeFailure } from './errors.ts'

/** Blocks of the first request; providers' limits lie between some thousands and 100,000. */
const FIRST_SPAN = 50_000n
/** What providers say when a range has too many blocks, logs or bytes. */
const TOO_MUCH =
  /range|too (many|large|big|wide)|more than|limit|exceed|10,?000|response size|body size|timed? ?out|took too long/i
/** What providers say when they are asked too often. A smaller range doesn't help there, a pause does. */
const TOO_OFTEN =
  /rate.?limit|too many requests|requests? (rate|count|limit)|per (second|minute|hour|day)|\brps\b|compute units|throttl|quota/i
/** Answers in a row before a span is doubled: a node with a fixed limit refuses only every fifth request. */
const ANSWERS_UNTIL_WIDER = 4

/**
 * Asks for logs in ranges of blocks, halving those that the node refuses as too large and widening them again where it answers.
 * Order is kept, no log comes twice.
 *
 * @param fetchRange asks for the logs of the blocks `from` … `to`, both included
 * @throws what `fetchRange` threw, when a single block is too large or the error isn't about size. A rate limit is thrown too: the
 * caller knows how to wait
 */
export async function logsInRanges<T>(
  fetchRange: (from: bigint, to: bigint) => Promise<readonly T[]>,
  range: { from: bigint; to: bigint },
): Promise<T[]> {
  const logs: T[] = []
  let span = FIRST_SPAN
  let answers = 0
  for (let from = range.from; from <= range.to; ) {
    const last = from + span - 1n
    const to = last < range.to ? last : range.to
    try {
      logs.push(...(await fetchRange(from, to)))
      from = to + 1n
      if (++answers % ANSWERS_UNTIL_WIDER === 0) span = span < FIRST_SPAN / 2n ? span * 2n : FIRST_SPAN
    } catch (error) {
      if (to === from || !isTooMuch(error)) throw error
      span = (to - from + 1n) / 2n
      answers = 0
    }
  }
  return logs
}

function isTooMuch(error: unknown): boolean {
  const said = [decodeFailure(error).message]
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('status' in at && at.status === 429) return false
    said.push(at.message)
  }
  const words = said.join(' ')
  return TOO_MUCH.test(words) && !TOO_OFTEN.test(words)
}
