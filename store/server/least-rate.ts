/** How slow a transfer may be before it is cut. */
export type LeastRate = {
  /** Bytes a second that must move in every stretch of `windowMs`. */
  bytesPerSecond: number
  windowMs: number
}

/** Looks at a transfer in each window. */
const LOOKS_PER_WINDOW = 5

/**
 * Watches that a transfer moves: in any window it must move as many bytes as the rate asks for. A drip, however steady,
 * is cut.
 *
 * @param movedBytes bytes that moved so far
 * @param cut ends the transfer; it is called once at most
 * @returns ends the watch
 */
export function watchRate(rate: LeastRate, movedBytes: () => number, cut: () => void): () => void {
  const leastBytes = (rate.bytesPerSecond * rate.windowMs) / 1_000
  const seen = [movedBytes()]
  const timer = setInterval(() => {
    seen.push(movedBytes())
    if (seen.length <= LOOKS_PER_WINDOW) return
    const moved = seen.at(-1)! - seen.shift()!
    if (moved >= leastBytes) return
    clearInterval(timer)
    cut()
  }, rate.windowMs / LOOKS_PER_WINDOW)
  return () => clearInterval(timer)
}
