import { type State, stateHash } from '@assay/engine/package/state.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { combine, traceWithOtherEnd } from '../behaviours/fake-trace.ts'
import type { Attack, AttackMeans, LabBehaviour } from './attack.ts'

/** The last round in which a contributor's audits are those of a newcomer. */
export const NEWCOMER_ROUNDS = 10

/** Honest while everybody looks; from then on it flips its update's sign, and hopes that no audit comes. */
export const sleeper: Attack = {
  name: 'sleeper',
  description: `train for ${NEWCOMER_ROUNDS} rounds and in the last, flip the sign of their updates in between`,
  play: (means) =>
    asleep(means, async ({ base }, honest) => combine(base, honest, (from, to) => 2 * from - to)),
}

/** What a sleeper sends in a round in which it turns. */
type Turn = (work: Parameters<NonNullable<LabBehaviour['train']>>[0], honest: State) => Promise<State>

/** Trains, but sends something else once it is no newcomer. It never shows the window that ends in that, and trains in the last round. */
export function asleep({ contents: { spec } }: AttackMeans, turn: Turn): LabBehaviour {
  const turned = new Set<Hash>()
  return {
    train: async (work, honest) => {
      const trace = await honest()
      if (work.round <= NEWCOMER_ROUNDS || work.isLastRound) return trace
      const final = await turn(work, trace.at(-1)!)
      turned.add(stateHash(spec, final))
      return traceWithOtherEnd(trace, final)
    },
    shouldShow: (window, stateHashes) => window < stateHashes.length - 2 || !turned.has(stateHashes.at(-1)!),
  }
}
