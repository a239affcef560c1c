import type { Logger } from './logging.ts'

/**
 * Reports that everything due at `blockNumber` is done and sent: to the parent process over IPC, if there is one, and
 * in the log. A driver that mines a block only when all its daemons are idle gets the same chain in every run.
 */
export function reportIdle(blockNumber: bigint, log: Logger): void {
  process.send?.({ type: 'idle', block: Number(blockNumber) })
  log.debug({ block: Number(blockNumber) }, 'idle')
}
