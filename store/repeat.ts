/**
 * Does something at once, and again every `everyMs` milliseconds; never twice at a time.
 *
 * @param work must not throw
 * @returns begins none any more, and waits for the one that runs
 */
export function repeat(everyMs: number, work: () => Promise<void>): () => Promise<void> {
  let running = work()
  const timer = setInterval(() => {
    running = running.then(work)
  }, everyMs)
  return () => {
    clearInterval(timer)
    return running
  }
}
