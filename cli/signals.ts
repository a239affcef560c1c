const SIGNS = ['SIGINT', 'SIGTERM'] as const

/** Resolves when the process is asked to end: by Ctrl-C, by SIGTERM, or by the end of its parent. */
export function untilInterrupted(): Promise<void> {
  return new Promise((ended) => {
    const end = () => {
      for (const sign of SIGNS) process.off(sign, end)
      // A process that still listens to its parent doesn't exit.
      process.off('disconnect', end)
      ended()
    }
    for (const sign of SIGNS) process.once(sign, end)
    if (process.send !== undefined) process.once('disconnect', end)
  })
}
