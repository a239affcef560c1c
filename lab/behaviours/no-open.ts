import type { ContributorStrategy } from '@assay/contributor/strategy.ts'
import { zero } from './zero.ts'

/** Commits without having trained, and never opens: there is nothing to show. */
export function noOpen(): ContributorStrategy {
  return { ...zero(), shouldOpen: () => false }
}
