import { scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import type { SimulatedValidator } from './behaviour.ts'

/** The entry of a validator that looks at nothing: everybody is average, nothing was replayed. */
const INVENTED = scoreEntry({ quality: 5_000, rarity: 10_000 })

/** Does no work: the same entry for everybody, and the first vote that it sees. */
export const lazy: SimulatedValidator = {
  role: 'validator',
  name: 'lazy',
  description: 'validators that post constants',
  defaultCount: 1,
  leavesDrawAfter: 1,
  expected: { mostPayBps: 5_000 },
  deviate: () => ({
    fillSheet: async ({ size }) => Array.from({ length: size }, () => INVENTED),
    chooseVote: async ({ visible }) => visible[0],
  }),
}
