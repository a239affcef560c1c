import { clockOf, LAST_CALL_SHARE } from '../deadlines.ts'
import type { Look } from './jury-work.ts'
import type { Recomputed } from './recompute/recompute.ts'

/** The time that a juror has to commit, or to reveal, and the current block's. In unix seconds. */
export type VotingClock = { start: number; end: number; now: number }

/** What a juror does at a block. */
export type JuryStep =
  | { do: 'wait' }
  /** Begin a look, which ends after so many seconds at the latest. */
  | { do: 'look'; seconds: number }
  | { do: 'vote'; found: Recomputed }

/** Looks until the last call: what isn't there yet is looked for again. */
const LOOKS = 16
/** What a look may take in any case: computing takes no less where the time to commit is short, as on a local chain. */
const LEAST_LOOK_SECONDS = 30

/**
 * What comes next for a juror that hasn't committed. A final find is voted for at once. What isn't there is looked for again until the
 * last call, which has one more look of its own; then the juror votes for what it has, because silence costs stake.
 *
 * @param look the newest one, over or not; undefined before the first
 */
export function nextStep(look: Look | undefined, { start, end, now }: VotingClock): JuryStep {
  const clockAt = (time: number) => clockOf({ start, end }, time)
  const { lastCall, secondsLeft } = clockAt(now)
  const wait = (end - start) / LOOKS
  const seconds = lastCall
    ? LAST_CALL_SHARE * secondsLeft
    : Math.min(secondsLeft, Math.max(2 * wait, LEAST_LOOK_SECONDS))
  if (look === undefined) return { do: 'look', seconds }
  const { found } = look
  const wasLast = clockAt(look.at).lastCall
  if (found === undefined) {
    // One that began before the last call hangs. The last one has time until it ends by itself, or a block before that.
    const isLate = lastCall && (!wasLast || now - look.at >= LAST_CALL_SHARE * clockAt(look.at).secondsLeft)
    return isLate ? { do: 'vote', found: look.ifLate } : { do: 'wait' }
  }
  if (look.isFinal || wasLast) return { do: 'vote', found }
  return lastCall || now >= look.at + wait ? { do: 'look', seconds } : { do: 'wait' }
}
