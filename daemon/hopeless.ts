import { FatalDaemonError } from './errors.ts'
import type { PostResult } from './outbox.ts'

/**
 * Refusals of entering a task that last until its owner or the account's owner does something. Waiting for that would be
 * waiting for what nobody was told of. All else may pass by itself: a full roster, a node that is down, gas that is dear.
 */
const LASTING = new Set([
  'Tasks_Closed',
  'Tasks_HasRole',
  'Tasks_StakeTooLow',
  'Rounds_AllRoundsDone',
  'StakeRegistry_FreeStakeTooLow',
  'StakeRegistry_AlreadyReserved',
  'ERC20InsufficientBalance',
])

/**
 * Ends the daemon if a call that enters a task was refused for good, or given up.
 *
 * @param byHand the command that does the same
 * @throws FatalDaemonError with reason and fix
 */
export function requireHope(result: PostResult, byHand: string): void {
  if (result.status === 'exhausted')
    throw new FatalDaemonError(
      `Given up after several attempts, the last one ${result.reason}. Do it by hand, with \`${byHand}\`, and start again.`,
    )
  if (result.status !== 'refused' || !LASTING.has(result.errorName ?? '')) return
  throw new FatalDaemonError(`${result.reason} ${result.fix ?? ''}`.trim())
}
