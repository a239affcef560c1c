import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export type DaemonProcess = {
  /** Resolves with `idle` once the daemon has done all that is due at a block, with its signal once it is dead. */
  untilIdle(block: bigint): Promise<'idle' | NodeJS.Signals>
  /** Asks it to end. @throws Error unless it does so with code 0 */
  stop(): Promise<void>
}

/**
 * Starts a real daemon in a process of its own.
 *
 * @param module beside this file; it gets the config as its first message
 * @param crashAt label of the point at which it is to kill itself
 */
export function startDaemonProcess(module: string, config: object, crashAt?: string): DaemonProcess {
  const child = fork(join(import.meta.dirname, module), {
    env: crashAt === undefined ? process.env : { ...process.env, ASSAY_CRASH_AT: crashAt },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.send(config)
  let idleAt = -1n
  let look: () => void = () => undefined
  child.on('message', (message: { type?: string; block?: number }) => {
    if (message.type === 'idle') idleAt = BigInt(message.block ?? -1)
    look()
  })
  child.on('exit', () => look())
  return {
    untilIdle: (block) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (child.signalCode !== null) resolve(child.signalCode)
          else if (child.exitCode !== null) reject(new Error(`${module} ended with code ${child.exitCode}`))
          else if (idleAt >= block) resolve('idle')
          // It looks once by itself at its start, maybe before this block was there.
          else if (idleAt >= 0n && child.connected) child.send({ type: 'poll' }, () => undefined)
        }
        look()
      }),
    stop: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
  if (child.exitCode !== 0)
    throw new Error(`a daemon that was asked to end did so with ${child.exitCode ?? child.signalCode}`)
}
