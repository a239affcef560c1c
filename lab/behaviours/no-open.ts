import type { SimulatedContributor } from './behaviour.ts'
import { zero } from './zero.ts'

/** It never trained, so it has nothing to show. */
export const noOpen: SimulatedContributor = {
  role: 'contributor',
  name: 'no-open',
  description: 'contributors that commit without having trained, and never open',
  defaultCount: 0,
  expected: { mostPayBps: 3_000 },
  deviate: (means) => ({ ...zero.deviate(means), shouldOpen: () => false }),
}
