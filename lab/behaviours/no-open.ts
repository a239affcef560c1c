import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'
import { zero } from './zero.ts'

/** Commits without having trained, and never opens: there is nothing to show. */
export function noOpen(): ContributorBehaviour {
  return { ...zero(), shouldOpen: () => false }
}
