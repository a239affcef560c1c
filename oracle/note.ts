import type { PostResult } from '@assay/daemon/outbox.ts'
import type { OracleContext } from './oracle-context.ts'

/**
 * One line for a duty that the chain will not take. Of chores that others may have done, only on request; of this validator's own
 * duties it names the cause once, in case the duty is missed.
 */
export function note(context: OracleContext, round: number, duty: string, result: PostResult): void {
  const { log, noted } = context
  if (result.status === 'exhausted') log.error({ round, duty, reason: result.reason }, 'duty given up')
  if (result.status !== 'refused') return
  const line = `${round} ${duty} ${result.errorName ?? result.reason}`
  if (duty.startsWith('keeper/') || noted.has(line)) {
    log.debug({ round, duty, reason: result.reason }, 'not now')
    return
  }
  noted.add(line)
  log.warn({ round, duty, reason: result.reason }, 'the chain refuses a duty')
}
