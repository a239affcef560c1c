/**
 * How long the work on a duty may take. Every look into the store, download and engine call of an oracle is given one of
 * these deadlines, so that nothing runs past its phase, and one that hangs takes no more than its share from the others.
 */

import type { CohortStage } from './verify/stage-table.ts'

/** A phase in which a duty is due, as the current block sees it. */
export type DutyClock = {
  /** Time is short: whatever can't be looked at now is not waited for any more. */
  lastCall: boolean
  /** Seconds until the last call begins; until the phase ends once it has begun. */
  secondsLeft: number
  /** Unix seconds at which the phase ends: nothing is sent from then on. */
  endsAt: number
}

/** What is left of a work's time. */
export type Deadline = {
  /** Aborts at the deadline. */
  signal: AbortSignal
  msLeft(): number
}

/** Longest delay of a timer, in milliseconds. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1
/** Share of a phase after which the last call begins. */
const LAST_CALL_AT = 0.75
/** Share of what is left at the last call that work may take. The rest is for getting the transaction into a block. */
export const LAST_CALL_SHARE = 0.6

/**
 * The clock of a phase. Before the last call, work has the time until then, and what doesn't answer is asked again. At
 * the last call it has a part of the rest.
 *
 * @param start of the phase and `end`, unix seconds; undefined where they aren't known, which counts as the last moment
 * @param timestamp of the current block, unix seconds
 */
export function clockOf(
  { start, end }: { start: number | undefined; end: number | undefined },
  timestamp: number,
): DutyClock {
  const endsAt = end ?? timestamp
  const lastCallAt = start === undefined ? timestamp : start + LAST_CALL_AT * (endsAt - start)
  const lastCall = timestamp >= lastCallAt
  return { lastCall, secondsLeft: Math.max(0, (lastCall ? endsAt : lastCallAt) - timestamp), endsAt }
}

/** The clock so many seconds after its block was looked at: what came before the duty took them from it. */
export function laterBy<Clock extends DutyClock>(clock: Clock, seconds: number): Clock {
  return { ...clock, secondsLeft: Math.max(0, clock.secondsLeft - seconds) }
}

/**
 * How many parts of a cohort's remaining time are left when a stage begins; it takes one of them at most. Downloads and
 * training take the longest.
 */
export const STAGE_PARTS: Record<CohortStage['name'], number> = { S0: 4, S1: 2, S5: 2, S2: 4, S4: 1 }

/** Does the work on a duty, in the time that it has at this block. @param stop ends it early, when the daemon stops */
export function inTimeFor<T>(
  { lastCall, secondsLeft }: DutyClock,
  stop: AbortSignal,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const seconds = lastCall ? LAST_CALL_SHARE * secondsLeft : secondsLeft
  return until(1_000 * seconds, stop, work)
}

/** Does a part of the work in an equal share of the time that is left. @param parts this one and those still to come */
export function inShareOf<T>(
  whole: Deadline,
  parts: number,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  return until(whole.msLeft() / parts, whole.signal, work)
}

/**
 * Looks at every item, at most `lanes` of them at once. An item that takes longer than its share of the time that is left
 * goes on, but no longer keeps its lane: so items that hang leave the others their time, and what comes slowly but
 * steadily isn't broken off before the deadline. Results are in the items' order.
 *
 * @param look must end at the deadline. After the first failure no other item is looked at
 */
export async function lookAtEach<T, R>(
  items: readonly T[],
  { lanes, deadline }: { lanes: number; deadline: Deadline },
  look: (item: T, deadline: Deadline) => Promise<R>,
): Promise<R[]> {
  const looks: Promise<R>[] = []
  let hasFailed = false
  const lane = async () => {
    while (looks.length < items.length && !hasFailed) {
      const waiting = items.length - looks.length
      const own = look(items[looks.length]!, deadline)
      // The first failure ends it all; nobody waits for a later one.
      own.catch(() => {
        hasFailed = true
      })
      looks.push(own)
      await inShareOf(deadline, partsFor(waiting, lanes), (share) => doneOr(share.signal, own))
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane))
  return Promise.all(looks)
}

/**
 * Does the work on every item, one after the other. Each is broken off after its share of the time that is left.
 *
 * @param leastMs what an item's work may take in any case, by what such work takes on this machine. Without it, all
 * would be broken off where there is time for some
 * @param work must end at its deadline. The first failure ends it all
 */
export async function takeTurns<T, R>(
  items: readonly T[],
  { deadline, leastMs }: { deadline: Deadline; leastMs: (item: T) => number },
  work: (item: T, deadline: Deadline) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  for (const [at, item] of items.entries()) {
    const parts = partsFor(items.length - at, 1)
    const ms = Math.min(deadline.msLeft(), Math.max(deadline.msLeft() / parts, leastMs(item)))
    results.push(await until(ms, deadline.signal, (share) => work(item, share)))
  }
  return results
}

/** Parts of the time for so many items, `lanes` at once. One is left over for what comes after the last item. */
function partsFor(waiting: number, lanes: number): number {
  return Math.ceil(waiting / lanes) + 1
}

/** Waits until the work is done or the signal aborts; throws if the work fails before that. */
async function doneOr(signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  const aborted = Promise.withResolvers<void>()
  const give = () => aborted.resolve()
  signal.addEventListener('abort', give, { once: true })
  try {
    await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', give)
  }
}

async function until<T>(
  allowedMs: number,
  parent: AbortSignal,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const ms = Math.min(Math.max(0, allowedMs), LONGEST_TIMER_MS)
  const controller = new AbortController()
  const endsAt = performance.now() + ms
  const end = () => controller.abort(parent.reason)
  const timer = setTimeout(() => controller.abort(new Error(`its ${Math.round(ms)} ms are over`)), ms)
  parent.addEventListener('abort', end, { once: true })
  if (parent.aborted) end()
  try {
    return await work({
      signal: controller.signal,
      msLeft: () => Math.max(0, endsAt - performance.now()),
    })
  } finally {
    clearTimeout(timer)
    parent.removeEventListener('abort', end)
    // After a failure, parts of the work may still be going on.
    controller.abort(new Error('the work that it is a part of is over'))
  }
}
