import type { PostResult } from '@assay/daemon/outbox.ts'
import type { OracleContext } from './oracle-context.ts'

/**
 * One line for a duty that the chain will not take. Of chores that others may have done, only on request; of this validator's own
 * duties it names the cause once, in case the duty is missed.
 */
export function note(context: OracleContext, round: number, duty: string, result: PostResult): void {
  const { log, told } = context
  if (result.status === 'exhausted') log.error({ round, duty, reason: result.reason }, 'duty given up')
  if (result.status !== 'refused') return
  const cause = result.errorName ?? result.reason
  // By cause, too: two that take turns are told once each, not at every block.
  if (duty.startsWith('keeper/') || !told.isNews(`${round} ${duty} ${cause}`, cause)) {
    log.debug({ round, duty, reason: result.reason }, 'not now')
    return
  }
  log.warn({ round, duty, reason: result.reason }, 'the chain refuses a duty')
}
