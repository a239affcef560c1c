import { badGraph } from './bad-graph.ts'
import type { Role, SimulatedBehaviour } from './behaviour.ts'
import { copy } from './copy.ts'
import { fakeWork } from './fake-work.ts'
import { falseAggregator } from './false-aggregator.ts'
import { gaussian } from './gaussian.ts'
import { griefing } from './griefing.ts'
import { heldJunk } from './held-junk.ts'
import { labelFlip } from './label-flip.ts'
import { lazy } from './lazy.ts'
import { leakedMix } from './leaked-mix.ts'
import { leakedNoise } from './leaked-noise.ts'
import { leakedPool } from './leaked-pool.ts'
import { leakedShift } from './leaked-shift.ts'
import { lying } from './lying.ts'
import { noOpen } from './no-open.ts'
import { resubmit } from './resubmit.ts'
import { signFlip } from './sign-flip.ts'
import { silent } from './silent.ts'
import { withhold } from './withhold.ts'
import { zero } from './zero.ts'

/** All simulated behaviours, in the order of the help and of the demo's cast. */
export const BEHAVIOURS: readonly SimulatedBehaviour[] = [
  signFlip,
  resubmit,
  copy,
  gaussian,
  labelFlip,
  leakedPool,
  leakedNoise,
  leakedShift,
  leakedMix,
  heldJunk,
  fakeWork,
  zero,
  noOpen,
  badGraph,
  withhold,
  lazy,
  silent,
  lying,
  falseAggregator,
  griefing,
]

export const CONTRIBUTOR_BEHAVIOURS = BEHAVIOURS.filter((one) => one.role === 'contributor')
export const VALIDATOR_BEHAVIOURS = BEHAVIOURS.filter((one) => one.role === 'validator')

/** @throws Error with the names that there are */
export function behaviourNamed<R extends Role>(
  role: R,
  name: string,
): Extract<SimulatedBehaviour, { role: R }> {
  const ofRole = BEHAVIOURS.filter(
    (one): one is Extract<SimulatedBehaviour, { role: R }> => one.role === role,
  )
  const found = ofRole.find((one) => one.name === name)
  if (found !== undefined) return found
  throw new Error(
    `"${name}" is no behaviour of a ${role}: use ${ofRole.map((one) => one.name).join(', ')}, or register it in lab/behaviours/registry.ts`,
  )
}
