import type { Block } from '@assay/daemon/clock.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { RING } from '@assay/sdk/protocol/rounds-slots.ts'
import { type ClosedTimes, closedTimes } from './closed-times.ts'
import type { OracleContext } from './oracle-context.ts'

/** A closed round that a case can still be about. */
export type ChallengedRound = ClosedTimes & { round: number }

/**
 * Closed rounds that had a beacon and aren't final yet, the newest first. A round that opens, or ends without a beacon, meanwhile
 * shields nobody who did wrong in the one before it.
 */
export async function challengedRounds(
  context: OracleContext,
  { state, block }: { state: RoundState; block: Block },
): Promise<ChallengedRound[]> {
  const last = state.phase === 'Idle' ? state.round : state.round - 1
  const challenged: ChallengedRound[] = []
  for (let round = last; round > Math.max(0, last - RING); round--) {
    const times = await closedTimes(context, round, block.number)
    if (times === undefined || !times.wasSealed) continue
    if (Number(block.timestamp) >= times.finalAt) break
    challenged.push({ round, ...times })
  }
  return challenged
}

/**
 * Looks at the newest round of which nothing is known yet, one a block: it can take as long as a duty. Forgets those that nobody can be
 * accused for any more.
 */
export async function lookAtNext<T>(
  known: Map<number, T>,
  rounds: readonly ChallengedRound[],
  look: (round: ChallengedRound) => Promise<T>,
): Promise<void> {
  for (const round of known.keys()) if (!rounds.some((one) => one.round === round)) known.delete(round)
  const next = rounds.find(({ round }) => !known.has(round))
  if (next !== undefined) known.set(next.round, await look(next))
}
