import { StoreError } from './blob-store.ts'

/**
 * Waits for a reader's work, but no longer than until its signal aborts, even if a disk or server hangs.
 *
 * @throws StoreError 'unavailable' once the signal has aborted
 */
export async function untilAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) return work()
  if (signal.aborted) throw gaveUp(signal)
  const aborted = Promise.withResolvers<never>()
  const giveUp = () => aborted.reject(gaveUp(signal))
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([work(), aborted.promise])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

function gaveUp({ reason }: AbortSignal): StoreError {
  const why = reason instanceof Error ? reason.message : String(reason)
  return new StoreError('unavailable', `the store did not answer before its reader gave up (${why}).`, {
    cause: reason,
  })
}
