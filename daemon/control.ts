import type { Logger } from './logging.ts'

/** What wakes and ends a daemon. */
export type Control = {
  signal: AbortSignal
  /** Waits `ms` milliseconds, or less if somebody reports a new block. @returns whether somebody did */
  untilPoked: (ms: number) => Promise<boolean>
  release: () => void
}

/** A daemon inside another program, which ends it by its signal, and may tell of new blocks by events `block`. */
export function embedded(signal: AbortSignal, newBlocks?: EventTarget): Control {
  const { untilPoked, poke } = poker(signal)
  newBlocks?.addEventListener('block', poke)
  return { signal, untilPoked, release: () => newBlocks?.removeEventListener('block', poke) }
}

/** Listens to the process's signals and to its parent, which may send `poll` (there is a new block) or `stop`. */
export function ownProcess(log: Logger): Control {
  const controller = new AbortController()
  const { untilPoked, poke } = poker(controller.signal)
  const stop = () => controller.abort()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130)
    stop()
  }
  const listen = (message: unknown) => {
    const type = (message as { type?: unknown } | null)?.type
    if (type === 'poll') poke()
    else if (type === 'stop') stop()
  }
  const crash = (error: unknown) => {
    log.fatal({ error }, 'unhandled error; restart the daemon, it continues from its database')
    process.exit(75)
  }
  const listeners: [string, (argument: unknown) => void][] = [
    ['SIGTERM', stop],
    ['SIGINT', interrupt],
    ['message', listen],
    ['disconnect', stop],
    ['uncaughtException', crash],
    ['unhandledRejection', crash],
  ]
  for (const [event, listener] of listeners) process.on(event, listener)
  const release = () => {
    for (const [event, listener] of listeners) process.off(event, listener)
  }
  return { signal: controller.signal, untilPoked, release }
}

function poker(signal: AbortSignal) {
  let wake: (() => void) | undefined
  let poked = false
  const poke = () => {
    poked = true
    wake?.()
  }
  signal.addEventListener('abort', poke, { once: true })
  const untilPoked = (ms: number) =>
    new Promise<boolean>((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        wake = undefined
        resolve(poked)
        poked = false
      }
      const timer = setTimeout(finish, ms)
      wake = finish
      if (poked) finish()
    })
  return { poke, untilPoked }
}
