/** What each error of the contracts means and what to do about it. A test checks that none is missing. */
import { ACCUSATIONS_TEXTS } from './accusations.ts'
import { CANARIES_TEXTS } from './canaries.ts'
import { COURT_TEXTS } from './court.ts'
import { JURY_TEXTS } from './jury.ts'
import { LIBRARIES_TEXTS } from './libraries.ts'
import { ROUNDS_TEXTS } from './rounds.ts'
import { STAKE_REGISTRY_TEXTS } from './stake-registry.ts'
import { TASKS_TEXTS } from './tasks.ts'
import type { ErrorText } from './text.ts'
import { TOKENS_TEXTS } from './tokens.ts'

/** Message and fix by error name. */
export const ERROR_TEXTS: Readonly<Record<string, ErrorText>> = {
  ...STAKE_REGISTRY_TEXTS,
  ...TASKS_TEXTS,
  ...ROUNDS_TEXTS,
  ...ACCUSATIONS_TEXTS,
  ...CANARIES_TEXTS,
  ...COURT_TEXTS,
  ...JURY_TEXTS,
  ...LIBRARIES_TEXTS,
  ...TOKENS_TEXTS,
}
