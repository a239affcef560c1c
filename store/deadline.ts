import { StoreError } from './blob-store.ts'

/**
 * Waits for work, but no longer than until its signal aborts, even if a disk, a server or an engine hangs.
 *
 * @param refusal the error for then; StoreError 'unavailable' by default
 */
export async function untilAborted<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  refusal: (signal: AbortSignal) => Error = gaveUp,
): Promise<T> {
  if (signal === undefined) return work()
  if (signal.aborted) throw refusal(signal)
  const aborted = Promise.withResolvers<never>()
  const giveUp = () => aborted.reject(refusal(signal))
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
