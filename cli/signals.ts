/** Resolves when the process is asked to end: Ctrl-C, SIGTERM, or a parent that is gone. */
export function untilInterrupted(): Promise<void> {
  return new Promise((ended) => {
    const end = () => ended()
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
    if (process.send !== undefined) process.once('disconnect', end)
  })
}
