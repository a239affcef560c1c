import { logRefusalOf } from './log-refusal.ts'

/** Blocks of the first request; providers' limits lie between some thousands and 100,000. */
const FIRST_SPAN = 50_000n
/** Answers in a row before a span is doubled: a node with a fixed limit refuses only every fifth request. */
const ANSWERS_UNTIL_WIDER = 4
/** Questions in a row that may stay without an answer in time. After that the node counts as down, not as overtaxed. */
const MOST_LATE = 4

/** A question for logs: of the blocks `from` … `to`, both included. */
export type FetchRange<T> = (from: bigint, to: bigint) => Promise<readonly T[]>

/** Remembers logs, so that only new blocks are asked for. Whoever keeps a database gives one to its reader. */
export type LogKeeper = {
  /** @param name of the question: the same for the same event and arguments, and for nothing else */
  collect<T extends { blockNumber: bigint }>(
    name: string,
    fetchRange: FetchRange<T>,
    range: { from: bigint; to: bigint },
  ): Promise<T[]>
  /** Drops what is remembered of a question, because something is missing in it. */
  forget(name: string): void
}

/** Logs from the reader's keeper, or from the node if it has none. In order, none twice. */
export function collectLogs<T extends { blockNumber: bigint }>(
  { logs }: { logs?: LogKeeper | undefined },
  name: string,
  fetchRange: FetchRange<T>,
  range: { from: bigint; to: bigint },
): Promise<T[]> {
  return logs === undefined ? logsInRanges(fetchRange, range) : logs.collect(name, fetchRange, range)
}

/**
 * Asks for logs in ranges of blocks, halving those that the node refuses as too large and widening them again where it answers.
 * Order is kept, no log comes twice.
 *
 * @param fetchRange asks for the logs of the blocks `from` … `to`, both included
 * @throws what `fetchRange` threw, when a single block is too large, or the error isn't about size, or nothing came in time for four
 * ranges in a row. A rate limit is thrown too: the caller knows how to wait
 */
export async function logsInRanges<T>(
  fetchRange: FetchRange<T>,
  range: { from: bigint; to: bigint },
): Promise<T[]> {
  const logs: T[] = []
  let span = FIRST_SPAN
  let answers = 0
  let late = 0
  for (let from = range.from; from <= range.to; ) {
    const last = from + span - 1n
    const to = last < range.to ? last : range.to
    try {
      logs.push(...(await fetchRange(from, to)))
      from = to + 1n
      late = 0
      if (++answers % ANSWERS_UNTIL_WIDER === 0) span = span < FIRST_SPAN / 2n ? span * 2n : FIRST_SPAN
    } catch (error) {
      const refusal = logRefusalOf(error)
      late = refusal === 'tooSlow' ? late + 1 : 0
      if (to === from || refusal === undefined || late > MOST_LATE) throw error
      span = (to - from + 1n) / 2n
      answers = 0
    }
  }
  return logs
}
