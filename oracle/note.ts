import type { PostResult } from '@assay/daemon/outbox.ts'
import type { OracleContext } from './oracle-context.ts'

/**
 * Logs that the chain refuses a duty. A keeper's call, which another validator may have made, is logged at debug level.
 * A duty of this validator, which it may miss for that reason, is a warning, once per cause.
 */
export function note(context: OracleContext, round: number, duty: string, result: PostResult): void {
  const { log, told } = context
  if (result.status === 'exhausted') log.error({ round, duty, reason: result.reason }, 'duty given up')
  if (result.status !== 'refused') return
  const cause = result.errorName ?? result.reason
  // The subject holds the cause too: of two causes that take turns, each is logged once, not at every block.
  if (duty.startsWith('keeper/') || !told.isNews(`${round} ${duty} ${cause}`, cause)) {
    log.debug({ round, duty, reason: result.reason }, 'not now')
    return
  }
  log.warn({ round, duty, reason: result.reason }, 'the chain refuses a duty')
}
