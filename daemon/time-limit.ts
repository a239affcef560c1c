/** Longest that a daemon asks its stores whether they still have what a case needs, in milliseconds: it does so before other duties. */
export const STORES_MS = 10_000

/** A signal that ends work when its time is over, or the daemon stops. @param ms the longest time, in milliseconds */
export function signalWithin({ signal }: { signal: AbortSignal }, ms: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)])
}
