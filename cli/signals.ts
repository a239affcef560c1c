const SIGNS = ['SIGINT', 'SIGTERM'] as const

/** Resolves when the process is asked to end: Ctrl-C, SIGTERM, or a parent that is gone. */
export function untilInterrupted(): Promise<void> {
  return new Promise((ended) => {
    const end = () => {
      for (const sign of SIGNS) process.off(sign, end)
      // Who still listens to the parent is kept running by it.
      process.off('disconnect', end)
      ended()
    }
    for (const sign of SIGNS) process.once(sign, end)
    if (process.send !== undefined) process.once('disconnect', end)
  })
}
