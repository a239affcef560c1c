import { setTimeout } from 'node:timers/promises'

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

/** Waits and does something, again and again, until the process is asked to end. The wait ends with it, and so does its timer. */
export async function repeatUntilInterrupted(everySeconds: number, act: () => Promise<void>): Promise<void> {
  const ending = new AbortController()
  const { signal } = ending
  void untilInterrupted().then(() => ending.abort())
  for (;;) {
    await setTimeout(everySeconds * 1_000, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    await act()
  }
}
