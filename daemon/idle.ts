import type { Logger } from './logging.ts'

/**
 * Says that everything due at `blockNumber` is done and broadcast: to the parent process over IPC, when there is one, and in the
 * log. A driver that mines a block only after all its daemons are idle gets the same chain in every run.
 */
export function reportIdle(blockNumber: bigint, log: Logger): void {
  process.send?.({ type: 'idle', block: Number(blockNumber) })
  log.debug({ block: Number(blockNumber) }, 'idle')
}
