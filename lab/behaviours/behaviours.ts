import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'
import type { OracleBehaviour } from '@assay/oracle/behaviour.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { accomplice, copy } from './copy.ts'
import { gaussian } from './gaussian.ts'
import { labelFlip } from './label-flip.ts'
import { lazy } from './lazy.ts'
import { noOpen } from './no-open.ts'
import { resubmit } from './resubmit.ts'
import { signFlip } from './sign-flip.ts'
import { silent } from './silent.ts'
import { zero } from './zero.ts'

/** What behaviours may need: chance of their own, and a folder that colluding contributors share. */
export type BehaviourOptions = { seed: Hash; sharedDir: string }

/** Contributors by what they do, as demo and simulations name them. */
export const CONTRIBUTOR_BEHAVIOURS = {
  honest: () => ({}),
  'sign-flip': signFlip,
  resubmit,
  copy,
  accomplice,
  gaussian,
  'label-flip': labelFlip,
  zero,
  'no-open': noOpen,
} satisfies Record<string, (options: BehaviourOptions) => ContributorBehaviour>

/** Validators by what they do. */
export const VALIDATOR_BEHAVIOURS = {
  honest: () => ({}),
  lazy,
  silent,
} satisfies Record<string, () => OracleBehaviour>

export type ContributorBehaviourName = keyof typeof CONTRIBUTOR_BEHAVIOURS
export type ValidatorBehaviourName = keyof typeof VALIDATOR_BEHAVIOURS
