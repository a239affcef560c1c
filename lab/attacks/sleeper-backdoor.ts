import type { Attack } from './attack.ts'
import { poisoned } from './backdoor.ts'
import { asleep, NEWCOMER_ROUNDS } from './sleeper.ts'
import { statesOf } from './train-on.ts'

/** Honest while everybody looks; then its update is what poisoned samples give, at the end of an honest trace. */
export const sleeperBackdoor: Attack = {
  name: 'sleeper-backdoor',
  description: `train for ${NEWCOMER_ROUNDS} rounds and in the last, send what poisoned samples give in between`,
  play: (means) =>
    asleep(means, async (work) => {
      const states = await statesOf({ ...work, data: poisoned(work.data, means) })
      return states.at(-1)!
    }),
}
